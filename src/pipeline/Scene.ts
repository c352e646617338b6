import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type BookSnapshot, type DataFault, isFresh } from "../domain/Book.ts"
import { InvalidInput } from "../domain/Failure.ts"
import { type ConditionId, instrumentKey, isSimulated, type Market, outcomeIndex } from "../domain/Market.ts"
import type { Plan } from "../domain/Plan.ts"
import { empty as emptyPosition } from "../domain/Position.ts"
import { mayBeThere } from "../execute/Announce.ts"
import { MarketData, type UnknownMarket } from "../layers/MarketData.ts"
import { Venue, type Wish } from "../layers/Venue.ts"
import { type AccountFacts, Ledger } from "../persist/Ledger.ts"

/** The markets of a plan and the books its decisions are made on. */
export interface Scene {
  readonly markets: ReadonlyMap<string, Either.Either<Market, UnknownMarket>>
  readonly known: ReadonlyMap<ConditionId, Market>
  readonly books: ReadonlyMap<ConditionId, Either.Either<BookSnapshot, DataFault>>
  readonly warnings: ReadonlyArray<string>
}

type Records = Scene["markets"]

export const knownOf = (markets: Records): Scene["known"] =>
  new Map(
    [...markets.values()].flatMap((market) =>
      Either.isRight(market) ? [[market.right.conditionId, market.right]] : []
    )
  )

const idsOf = (plan: Plan): ReadonlyArray<string> => [...new Set(plan.instructions.map((each) => each.marketId))]

/** A live plan trades what the venue trades: whatever else was found stands in the way before anything is asked. */
export const onlyReal = (markets: Records) => {
  const [pretended] = [...knownOf(markets).values()].filter(({ source }) => source !== "live")
  if (pretended === undefined) return Effect.void
  const { marketId, source } = pretended
  return new InvalidInput({
    code: "not_real",
    message: `${marketId}: a live plan cannot trade ${isSimulated(pretended) ? "a simulated market" : `a market of ${source}`}`,
    issues: [
      { path: "mode", message: 'give "paper" to trade it on paper, or leave --market-data away to trade at the venue' }
    ]
  })
}

/** How long market records that were looked up on the way may serve for the decision. */
const RECENT_MILLIS = 5_000

/** What a plan's markets are, once for all that is done with a real account before the plan is decided. */
export const sight = Effect.fn("Pipeline.sight")(function* (plan: Plan) {
  const data = yield* MarketData
  const atMillis = yield* Clock.currentTimeMillis
  const found = yield* Effect.option(data.markets(idsOf(plan)))
  return Option.map(found, (markets) => ({ markets, atMillis }))
})

/** Books of markets: those seen a moment ago, where they are as good as new, and the others from their source. */
const booksOf = Effect.fnUntraced(function* (
  markets: ReadonlyArray<Market>,
  seen: ReadonlyMap<ConditionId, BookSnapshot>
) {
  const data = yield* MarketData
  const now = yield* Clock.currentTimeMillis
  const found = new Map<ConditionId, Either.Either<BookSnapshot, DataFault>>()
  for (const { conditionId } of markets) {
    const book = seen.get(conditionId)
    if (book !== undefined && isFresh(book, now)) found.set(conditionId, Either.right(book))
  }
  const unseen = markets.filter(({ conditionId }) => !found.has(conditionId))
  if (unseen.length > 0) for (const [id, book] of yield* data.books(unseen)) found.set(id, book)
  return found
})

export const resolve = Effect.fn("Pipeline.resolve")(function* (
  plan: Plan,
  sighted: Effect.Effect.Success<ReturnType<typeof sight>>,
  checked: ReturnType<(typeof Venue.Service)["check"]> | undefined,
  /** Books of the account's upkeep, which asks the venue for its own reasons. */
  seen: ReadonlyMap<ConditionId, BookSnapshot>
) {
  const data = yield* MarketData
  const venue = yield* Venue
  const now = yield* Clock.currentTimeMillis
  const recent = Option.filter(sighted, ({ atMillis }) => now - atMillis < RECENT_MILLIS)
  const markets = Option.isSome(recent) ? recent.value.markets : yield* data.markets(idsOf(plan))
  const known = knownOf(markets)
  if (venue.isReal(plan.mode)) yield* onlyReal(markets)
  const [books, cautions] = yield* Effect.all(
    [
      booksOf([...known.values()], venue.isReal(plan.mode) ? seen : new Map()),
      checked ?? venue.check(plan.mode, wishesOf(plan, markets))
    ],
    { concurrency: 2 }
  )
  const simulated = [...known.values()].filter(isSimulated)
  const free = [...known.values()].filter((market) => market.source.startsWith("file:") && market.fees?.rate === 0n)
  return {
    markets,
    known,
    books,
    cautions,
    warnings: [
      ...(simulated.length === 0 ? [] : ["simulated market data: prices and fills are invented"]),
      ...free.map(
        (market) => `${market.marketId}: the recording tells no fee, so none is taken; the venue may take one`
      )
    ]
  }
})

export const sound = (books: Scene["books"]): ReadonlyMap<ConditionId, BookSnapshot> =>
  new Map([...books].flatMap(([id, book]) => (Either.isRight(book) ? [[id, book.right] as const] : [])))

/** What the plan is to trade, of what was found of it. */
export const wishesOf = (plan: Plan, markets: Records): ReadonlyArray<Wish> =>
  plan.instructions.flatMap(({ marketId, outcome, side }) => {
    const market = Option.getOrUndefined(Option.flatMap(Option.fromNullable(markets.get(marketId)), Either.getRight))
    const index = market === undefined ? undefined : outcomeIndex(market.outcomes, outcome)
    return market === undefined || index === undefined ? [] : [{ market, side, tokenId: market.tokenIds[index] }]
  })

/**
 * What an account comes to by its venue's own word, where that is a real one: a look ahead books nothing, and must decide
 * on what the run will find once it has. What is on its way is in the ledger alone: there the ledger's word stands.
 */
export const asTheVenueHasIt = Effect.fn("Pipeline.asTheVenueHasIt")(function* (
  plan: Plan,
  scene: Scene,
  facts: AccountFacts
) {
  const venue = yield* Venue
  const wishes = wishesOf(plan, scene.markets)
  const statement = yield* venue.statement(plan.mode, {
    tradesAfterMillis: yield* Clock.currentTimeMillis,
    tokens: wishes.map(({ market, tokenId }) => ({ tokenId, version: market.version }))
  })
  if (statement === undefined) return facts
  const unfinal = yield* (yield* Ledger).fills({ mode: plan.mode, unfinal: true })
  const unsettled = facts.exposed.filter((state) => state.status !== "open" && mayBeThere(state))
  const moving = new Set([...unfinal, ...unsettled.map(({ order }) => order)].map(instrumentKey))
  const held = new Map(facts.positions.map((position) => [instrumentKey(position), position]))
  for (const { market, tokenId } of wishes) {
    const index = market.tokenIds[0] === tokenId ? 0 : 1
    const at = { ...market, outcomeIndex: index, outcome: market.outcomes[index], mode: plan.mode } as const
    if (moving.has(instrumentKey(at))) continue
    const position = held.get(instrumentKey(at)) ?? emptyPosition(at)
    held.set(instrumentKey(at), { ...position, qty: statement.holdings.get(tokenId) ?? position.qty })
  }
  const cash = moving.size === 0 ? statement.cash : facts.cash
  return { ...facts, cash, positions: [...held.values()] } satisfies AccountFacts
})
