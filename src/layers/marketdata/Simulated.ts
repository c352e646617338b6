import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { BookSnapshot, DataFault } from "../../domain/Book.ts"
import { isSimulated, type Market, type Payouts } from "../../domain/Market.ts"
import * as Money from "../../domain/Money.ts"
import { MarketData, type UnknownMarket } from "../MarketData.ts"
import { bookAt, hash, type Shape } from "./SimulatedBook.ts"
import { fault } from "./WireBook.ts"

const FEE_RATES = [0n, 40_000n, 50_000n, 70_000n]
const TICKS = [10_000n, 10_000n, 10_000n, 10_000n, 10_000n, 1_000n]
const MIN_SIZE = Money.Shares(5n * Money.UNIT)

const PAYOUTS: Readonly<Record<string, Payouts>> = {
  yes: [Money.Usd(Money.UNIT), Money.ZERO_USD],
  no: [Money.ZERO_USD, Money.Usd(Money.UNIT)],
  void: [Money.Usd(Money.UNIT / 2n), Money.Usd(Money.UNIT / 2n)]
}

const pick = <A>(list: readonly [A, ...ReadonlyArray<A>] | ReadonlyArray<A>, key: number): A | undefined =>
  list[key % list.length]

/** The pinned best ask an id asks for, if it does: none inside when it is no price on any grid. */
const pinOf = (id: string): Option.Option<Option.Option<Money.Price>> =>
  Option.map(Option.fromNullable(/-ask-([^-]*)(?=-|$)/.exec(id)?.[1]), (text) =>
    Option.map(
      Option.filter(Money.parse(text), (price) => price > 0n && price < Money.UNIT && price % 100n === 0n),
      Money.Price
    )
  )

const shapeOf = (seed: string, conditionId: string): Either.Either<Shape, string> => {
  const key = hash(`${seed}\n${conditionId}`)
  const usual = pick(TICKS, hash(`${conditionId}\ntick\n${seed}`)) ?? 10_000n
  return Option.match(pinOf(conditionId), {
    onNone: () => Either.right({ conditionId, key, tick: Money.Price(usual), pinnedAsk: undefined }),
    onSome: Option.match({
      onNone: () => Either.left("its pinned ask must lie between 0.0001 and 0.9999, with at most four decimals"),
      onSome: (pinnedAsk) => {
        const tick = [10_000n, 1_000n, 100n].find((step) => pinnedAsk % step === 0n) ?? 100n
        return Either.right({ conditionId, key, tick: Money.Price(tick), pinnedAsk })
      }
    })
  })
}

const marketOf = (seed: string, asked: string): Either.Either<Market, string> => {
  const trimmed = asked.trim()
  if (trimmed === "") return Either.left("an id is needed")
  const id = trimmed.startsWith("sim-") ? trimmed : `sim-${trimmed}`
  const payouts = PAYOUTS[/-resolved-(yes|no|void)$/.exec(id)?.[1] ?? ""]
  return Either.map(shapeOf(seed, id), ({ key, tick }) => ({
    marketId: id,
    slug: id,
    conditionId: id,
    question: `Simulated market ${id.slice(4)}`,
    outcomes: ["Yes", "No"],
    tokenIds: [`${id}-yes`, `${id}-no`],
    tick,
    minSize: MIN_SIZE,
    fees: { rate: pick(FEE_RATES, key) ?? 0n, exponent: 1 },
    negRisk: false,
    version: "v1",
    closedBecause: payouts !== undefined ? "resolved" : id.endsWith("-closed") ? "not accepting orders" : undefined,
    takerDelayMillis: 0,
    payouts,
    source: "sim"
  }))
}

const bookOf = (seed: string, market: Market, now: number): Either.Either<BookSnapshot, DataFault> => {
  if (!isSimulated(market)) return fault(market.conditionId, "not a simulated market")
  if (market.payouts !== undefined) return fault(market.conditionId, "resolved: no book")
  const shape = shapeOf(seed, market.conditionId)
  return Either.isLeft(shape) ? fault(market.conditionId, shape.left) : Either.right(bookAt(shape.right, now))
}

/**
 * Markets that exist nowhere, for tests, demonstrations and rehearsals. Every id is a market, `sim-` put before it where
 * it is missing, and everything about it follows from the seed, the id and Effect's Clock: price path, depth, tick (0.01
 * mostly, else 0.001), fee rate (0, 0.04, 0.05 or 0.07). The same three give the same bytes.
 *
 * The end of an id may ask for more: `-resolved-yes`, `-resolved-no` and `-resolved-void` are resolved, with payouts and
 * no book; `-closed` takes no orders; `-ask-0.45` (before `-closed`, too) pins the best ask at 0.45: ten levels of 1,000
 * shares on each side, one tick apart, with the bids beginning one tick lower, at all times, on the coarsest tick of
 * 0.01, 0.001 and 0.0001 that holds the price.
 */
export const layer = (seed: string): Layer.Layer<MarketData> =>
  Layer.succeed(
    MarketData,
    MarketData.of({
      markets: Effect.fn("MarketData.Simulated.markets")((ids: ReadonlyArray<string>) =>
        Effect.sync(
          () =>
            new Map(
              ids.map((id) => [id, Either.mapLeft(marketOf(seed, id), (reason): UnknownMarket => ({ id, reason }))])
            )
        )
      ),
      books: Effect.fn("MarketData.Simulated.books")((markets: ReadonlyArray<Market>) =>
        Effect.map(
          Clock.currentTimeMillis,
          (now) => new Map(markets.map((market) => [market.conditionId, bookOf(seed, market, now)]))
        )
      )
    })
  )
