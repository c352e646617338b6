import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { BookSnapshot, Level } from "../domain/Book.ts"
import type { Market } from "../domain/Market.ts"
import { Shares } from "../domain/Money.ts"
import { MarketData } from "../layers/MarketData.ts"
import { exchangeOf } from "../polymarket/Contracts.ts"
import * as Engine from "./Engine.ts"
import * as Ladder from "./Ladder.ts"
import type { Listing } from "./Listing.ts"
import * as Markets from "./Markets.ts"
import type { Sandbox } from "./Sandbox.ts"
import { SandboxUnavailable } from "./SandboxUnavailable.ts"

type Sizes = ReadonlyMap<bigint, bigint>

const sizesOf = (levels: ReadonlyArray<Level>): Sizes => new Map(levels.map(({ price, size }) => [price, size]))

/**
 * What of a newly displayed side is really there, after some of the one before it was taken here: of what was taken, no
 * more than is still shown stays gone; only a rise brings new shares.
 */
const left = (listing: Listing, side: "bid" | "ask", before: Sizes, levels: ReadonlyArray<Level>): Engine.Shown =>
  levels.flatMap(({ price, size }) => {
    const index = Number(price) / listing.ladder.book.tick
    const shown = before.get(price)
    const taken = shown === undefined ? 0n : shown - BigInt(Ladder.anonymousAt(listing.ladder, side, index))
    const gone = taken < 0n ? 0n : taken < size ? taken : size
    return size > gone ? [{ price, size: Shares(size - gone) }] : []
  })

/** Markets that market data knows, opened in a sandbox under their own ids. */
const open = Effect.fnUntraced(function* (sandbox: Sandbox, ids: ReadonlyArray<string>) {
  const data = yield* MarketData
  const found = yield* data.markets(ids)
  const now = yield* Clock.currentTimeMillis
  const opened: Array<{ readonly market: Market; readonly listing: Listing }> = []
  for (const id of ids) {
    const market = found.get(id)
    const usable =
      market === undefined
        ? Either.left("not found")
        : Either.flatMap(
            Either.mapLeft(market, ({ reason }) => reason),
            (market) => Either.map(exchangeOf(market, market.tokenIds[0]), () => market)
          )
    if (Either.isLeft(usable)) return yield* new SandboxUnavailable({ message: `${id}: ${usable.left}` })
    const terms = Markets.termsOfMarket(sandbox.house.rules.seed, usable.right)
    opened.push({ market: usable.right, listing: Markets.list(sandbox.house, terms, now) })
  }
  return opened
})

/** Shows the books of market data in a sandbox, and again at every interval, for as long as the scope lasts. */
export const follow = Effect.fn("Feed.follow")(function* (
  sandbox: Sandbox,
  ids: ReadonlyArray<string>,
  everyMillis: number
) {
  const data = yield* MarketData
  const opened = yield* open(sandbox, ids)
  const last = new Map<string, BookSnapshot>()
  const refresh = Effect.gen(function* () {
    const books = yield* data.books(opened.map(({ market }) => market))
    yield* sandbox.doing((now) => {
      for (const { listing } of opened) {
        const book = books.get(listing.conditionId)
        if (book === undefined || Either.isLeft(book) || listing.payouts !== undefined) continue
        const [before, next] = [last.get(listing.conditionId), book.right]
        const bids = left(listing, "bid", sizesOf(before?.bids ?? []), next.bids)
        const asks = left(listing, "ask", sizesOf(before?.asks ?? []), next.asks)
        Engine.show(sandbox.house, listing, bids, asks, now)
        last.set(listing.conditionId, next)
      }
    })
  })
  yield* refresh
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.delay(
        Effect.catchAll(refresh, ({ message }) => Effect.logWarning(`books stay as they are: ${message}`)),
        everyMillis
      )
    )
  )
  return opened.map(({ listing }) => listing)
})
