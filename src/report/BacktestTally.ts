import type { Fill } from "../domain/Answer.ts"
import type { ConditionId, Market, OutcomeIndex, Payouts } from "../domain/Market.ts"
import { complement, type Price, UNIT, Usd } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import * as Account from "./BacktestAccount.ts"
import * as Curve from "./BacktestCurve.ts"
import * as Figures from "./BacktestFigures.ts"

export const BANDS = ["pessimistic", "neutral", "optimistic"] as const
export type Band = (typeof BANDS)[number]

/** Horizons of markouts. */
export const HORIZONS = [
  { name: "10s", millis: 10_000 },
  { name: "1m", millis: 60_000 },
  { name: "10m", millis: 600_000 }
] as const

/** Time between two samples of equity. */
export const SAMPLE_MILLIS = 60_000

/** Points that the line of equity has at most, those of a path of prices, and markets whose prices are drawn. */
const POINTS = 600
const PATH_POINTS = 400
const DRAWN_MARKETS = 24

/** Time between two looks at the prices, as long as their paths have room for them all. */
export const LOOK_MILLIS = 1_000

/** A point of the equity curve: equity at its last sample, the deepest drawdown of all its samples. */
export interface EquityPoint {
  readonly atMillis: number
  readonly pessimistic: Usd
  readonly neutral: Usd
  readonly optimistic: Usd
  readonly drawdown: number
}

/** A point of a market's price path, in prices of its first outcome; what was held of each outcome then. */
export interface PricePoint extends Account.Quote {
  readonly atMillis: number
  readonly isKnown: boolean
  readonly held: readonly [bigint, bigint]
}

/** What is counted of one market. */
export interface MarketTally {
  readonly market: Market
  quote: Account.Quote
  payouts: Payouts | undefined
  /** Since when its book is known; undefined while it is not. */
  knownSince: number | undefined
  knownMillis: number
  gaps: number
  /** When it was resolved. */
  endedMillis: number | undefined
  readonly path: Curve.Curve<PricePoint> | undefined
}

/** All that is counted while a run is replayed: in constant memory but for its own fills. */
export interface Tally {
  readonly startMillis: number
  readonly balance: Usd
  readonly markets: Map<ConditionId, MarketTally>
  readonly accounts: Readonly<Record<Band, Account.BandAccount>>
  readonly returns: Figures.Returns
  readonly drawdown: Figures.Drawdown
  readonly curve: Curve.Curve<EquityPoint>
  readonly markouts: ReadonlyArray<Figures.Weighted>
  /** Equity at the last sample, in dollars. */
  equity: number
}

const laterEquity = (earlier: EquityPoint, later: EquityPoint): EquityPoint => ({
  ...later,
  drawdown: Math.max(earlier.drawdown, later.drawdown)
})

/** Begins to count at a time, with a balance, over markets whose books are not known yet. */
export const make = (startMillis: number, balance: Usd, markets: ReadonlyArray<Market>): Tally => ({
  startMillis,
  balance,
  markets: new Map(
    markets.map((market, index) => [
      market.conditionId,
      {
        market,
        quote: { bid: undefined, ask: undefined },
        payouts: undefined,
        knownSince: undefined,
        knownMillis: 0,
        gaps: 0,
        endedMillis: undefined,
        path: index < DRAWN_MARKETS ? Curve.make<PricePoint>(PATH_POINTS, (_, later) => later) : undefined
      }
    ])
  ),
  accounts: { pessimistic: Account.make(), neutral: Account.make(), optimistic: Account.make() },
  returns: Figures.returns(),
  drawdown: Figures.drawdown(dollars(balance)),
  curve: Curve.make<EquityPoint>(POINTS, laterEquity),
  markouts: HORIZONS.map(() => Figures.weighted()),
  equity: dollars(balance)
})

/** For statistics only. */
export const dollars = (micro: bigint): number => Number(micro) / Number(UNIT)

export const filled = (tally: Tally, band: Band, order: Order, fill: Fill): void =>
  Account.fill(tally.accounts[band], order, fill)

/** A market paid out: what is held of it becomes cash. */
export const settled = (tally: Tally, conditionId: ConditionId, payouts: Payouts, atMillis: number): void => {
  for (const band of BANDS) Account.settle(tally.accounts[band], conditionId, payouts)
  const found = tally.markets.get(conditionId)
  if (found === undefined || found.payouts !== undefined) return
  unknown(tally, conditionId, atMillis)
  found.payouts = payouts
  found.endedMillis = atMillis
}

/** From now on the book of a market is known. */
export const known = (tally: Tally, conditionId: ConditionId, atMillis: number): void => {
  const found = tally.markets.get(conditionId)
  if (found !== undefined && found.endedMillis === undefined) found.knownSince ??= atMillis
}

/** From now on it is not. */
export const unknown = (tally: Tally, conditionId: ConditionId, atMillis: number): void => {
  const found = tally.markets.get(conditionId)
  if (found?.knownSince === undefined) return
  found.knownMillis += atMillis - found.knownSince
  found.knownSince = undefined
}

/** The stream of a market broke at these best prices: nothing is known until its next full book. */
export const gap = (
  tally: Tally,
  conditionId: ConditionId,
  atMillis: number,
  last: Account.Quote | undefined
): void => {
  const found = tally.markets.get(conditionId)
  if (found === undefined || found.endedMillis !== undefined) return
  if (last !== undefined) found.quote = last
  found.gaps += 1
  unknown(tally, conditionId, atMillis)
}

/** What a band's account is worth, all in: balance, cash of its fills and payouts less fees, and its positions at their marks. */
export const equityOf = (tally: Tally, band: Band): Usd => {
  const account = tally.accounts[band]
  const bookFor = (conditionId: ConditionId) => {
    const found = tally.markets.get(conditionId)
    return found === undefined ? undefined : Account.bookOf(conditionId, found.market.tick, found.quote)
  }
  return Usd(tally.balance + account.cash + Account.worth(account, bookFor))
}

const heldOf = (tally: Tally, conditionId: ConditionId, index: OutcomeIndex): bigint =>
  tally.accounts.neutral.positions.get(`${conditionId}#${index}`)?.qty ?? 0n

/**
 * Looks at the prices of every market that is drawn, and tells when to look again. Paths that have become coarser need no
 * looks between their points: what is drawn of a run costs the same however long it is.
 */
export const look = (
  tally: Tally,
  atMillis: number,
  quoteOf: (conditionId: ConditionId) => Account.Quote | undefined
): number => {
  let next = Number.POSITIVE_INFINITY
  for (const [conditionId, { endedMillis, path, quote }] of tally.markets) {
    if (path === undefined || endedMillis !== undefined) continue
    const held = [heldOf(tally, conditionId, 0), heldOf(tally, conditionId, 1)] as const
    const known = quoteOf(conditionId)
    Curve.push(path, { ...(known ?? quote), atMillis, isKnown: known !== undefined, held })
    next = Math.min(next, path.stride * LOOK_MILLIS)
  }
  return next
}

/**
 * Takes a sample: the best prices of every market (undefined where its book is not known: it is marked at the last ones),
 * equity, return and drawdown since the sample before.
 */
export const sample = (
  tally: Tally,
  atMillis: number,
  quoteOf: (conditionId: ConditionId) => Account.Quote | undefined
): void => {
  for (const [conditionId, of] of tally.markets) {
    const quote = quoteOf(conditionId)
    if (quote !== undefined) of.quote = quote
  }
  const [pessimistic, neutral, optimistic] = [
    equityOf(tally, "pessimistic"),
    equityOf(tally, "neutral"),
    equityOf(tally, "optimistic")
  ]
  const now = dollars(neutral)
  if (tally.equity > 0) Figures.addReturn(tally.returns, now / tally.equity - 1)
  tally.equity = now
  const drawdown = Figures.addEquity(tally.drawdown, now)
  Curve.add(tally.curve, { atMillis, pessimistic, neutral, optimistic, drawdown })
}

/** The midpoint of an outcome, in dollars; none without a book of two sides. */
export const midOf = (quote: Account.Quote | undefined, index: OutcomeIndex): number | undefined => {
  if (quote?.bid === undefined || quote.ask === undefined) return undefined
  const mid = dollars(quote.bid + quote.ask) / 2
  return index === 0 ? mid : 1 - mid
}

/** Where the market stands one horizon after a fill. */
export const markedOut = (
  tally: Tally,
  horizon: number,
  order: Order,
  fill: Pick<Fill, "price" | "shares">,
  quote: Account.Quote | undefined
): void => {
  const into = tally.markouts[horizon]
  const mid = midOf(quote, order.outcomeIndex)
  const value = mid === undefined ? undefined : Figures.markout(order.side, dollars(fill.price), mid)
  if (into !== undefined) Figures.addWeighted(into, value, dollars(fill.shares))
}

/** What a bought share cost as a prediction, and what it paid: a share sold at p is the other outcome bought at 1 - p. */
export const outcomeOf = (
  order: Pick<Order, "side" | "outcomeIndex">,
  price: Price,
  payouts: Payouts
): { readonly price: number; readonly payout: number } => {
  const paid = payouts[order.outcomeIndex]
  return order.side === "BUY"
    ? { price: dollars(price), payout: dollars(paid) }
    : { price: dollars(complement(price)), payout: dollars(UNIT - paid) }
}
