import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { BookSnapshot, DataFault } from "../../domain/Book.ts"
import { MarketDataUnavailable } from "../../domain/Failure.ts"
import type { ConditionId, Market } from "../../domain/Market.ts"
import { check } from "../../exchange/Integrity.ts"
import * as Http from "../Http.ts"
import { conditionId } from "./Wire.ts"
import { fault, read, sorted, type WireBook } from "./WireBook.ts"

const BOOKS_PER_CALL = 100

type Answer = Either.Either<BookSnapshot, DataFault>

const snapshot = (market: Market, book: WireBook, fetchedMillis: number): Answer =>
  book.market !== undefined && conditionId(book.market) !== market.conditionId
    ? fault(market.conditionId, `the book of another market (${book.market})`)
    : check({
        ...sorted(book),
        conditionId: market.conditionId,
        tick: book.tick ?? market.tick,
        venueMillis: book.millis,
        fetchedMillis
      })

const chunks = (markets: ReadonlyArray<Market>, size: number): ReadonlyArray<ReadonlyArray<Market>> =>
  Array.from({ length: Math.ceil(markets.length / size) }, (_, at) => markets.slice(at * size, (at + 1) * size))

/**
 * Books by `POST /books`, a hundred a call, always of the first outcome: the second one's is its mirror. A token that is
 * missing in the answer has no book. Where the CLOB refuses a whole call, it is halved until the refused token stands alone.
 */
export const makeBooks = (clobUrl: string, readBooks: Http.Read, concurrency: number) => {
  const request = (markets: ReadonlyArray<Market>) =>
    HttpClientRequest.post(`${clobUrl}/books`).pipe(
      HttpClientRequest.bodyUnsafeJson(markets.map((market) => ({ token_id: market.tokenIds[0] })))
    )

  const call = (
    markets: ReadonlyArray<Market>
  ): Effect.Effect<ReadonlyArray<readonly [ConditionId, Answer]>, MarketDataUnavailable> =>
    Effect.gen(function* () {
      const asked = request(markets)
      const answer = yield* readBooks(asked)
      if (answer.status === 400 || answer.status === 404) {
        const [alone] = markets
        if (markets.length === 1 && alone !== undefined) {
          const refused = fault(alone.conditionId, `no book: ${answer.text.slice(0, 200)}`)
          return [[alone.conditionId, refused] as const]
        }
        const halves = chunks(markets, Math.ceil(markets.length / 2))
        return (yield* Effect.forEach(halves, call)).flat()
      }
      if (answer.status >= 300 || !Array.isArray(answer.body)) return yield* Http.unexpected("CLOB", asked, answer)
      const books = new Map<string, WireBook>()
      for (const [index, entry] of answer.body.entries()) {
        const book = read(entry)
        if (Either.isLeft(book) || book.right.assetId === undefined) {
          const field = Either.isLeft(book) ? book.left : "asset_id: expected a text, found nothing"
          return yield* new MarketDataUnavailable({ source: "CLOB", message: `POST /books: [${index}].${field}` })
        }
        books.set(book.right.assetId, book.right)
      }
      return markets.map((market) => {
        const book = books.get(market.tokenIds[0])
        const found =
          book === undefined ? fault(market.conditionId, "no book") : snapshot(market, book, answer.sentMillis)
        return [market.conditionId, found] as const
      })
    })

  return Effect.fn("MarketData.Polymarket.books")(function* (markets: ReadonlyArray<Market>) {
    const distinct = [...new Map(markets.map((market) => [market.conditionId, market])).values()]
    const answers = yield* Effect.forEach(chunks(distinct, BOOKS_PER_CALL), call, { concurrency })
    return new Map(answers.flat())
  })
}
