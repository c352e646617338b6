import type { Fill } from "../domain/Answer.ts"
import { type ConditionId, instrumentKey, type OutcomeIndex } from "../domain/Market.ts"
import { format, max, type Price } from "../domain/Money.ts"
import type { OrderState, Side } from "../domain/Order.ts"
import * as Position from "../domain/Position.ts"
import type { Refused } from "../domain/Report.ts"
import { sharesAt } from "../domain/Sizing.ts"
import * as Account from "./BacktestAccount.ts"
import * as Curve from "./BacktestCurve.ts"
import * as Figures from "./BacktestFigures.ts"
import { type Band, dollars, equityOf, HORIZONS, type MarketTally, outcomeOf, type Tally } from "./BacktestTally.ts"
import { mark } from "./Marks.ts"
import { iso } from "./Moment.ts"

const { decimal } = Figures

/** A fill as the ledger of a run tells it. */
export interface FillRecord extends Fill {
  readonly orderId: string
  readonly marketId: string
  readonly conditionId: ConditionId
  readonly outcomeIndex: OutcomeIndex
  readonly outcome: string
  readonly side: Side
}

/** A run that has been replayed to its end. */
export interface Finished {
  readonly file: string
  readonly planId: string
  /** What of the plan or of the simulation this run changed, as it was asked for. */
  readonly variant: ReadonlyArray<readonly [string, string]>
  readonly status: string
  readonly error: string | undefined
  readonly tally: Tally
  readonly endMillis: number
  /** Rows of its markets. */
  readonly rows: number
  readonly orders: ReadonlyArray<OrderState>
  readonly refused: ReadonlyArray<Refused>
  readonly fills: ReadonlyArray<FillRecord>
  readonly warnings: ReadonlyArray<string>
}

export const bandRow = (tally: Tally, band: Band) => {
  const { fees, filled, notional } = tally.accounts[band]
  const equity = equityOf(tally, band)
  return {
    filledQty: format(filled),
    notional: format(notional),
    fees: format(fees),
    pnl: format(equity - tally.balance),
    equity: format(equity)
  }
}

/** A position at the marks of the end: the payout of its outcome, else the last best bid that was known. */
export const markedAt = ({ market, payouts, quote }: MarketTally, position: Position.Position) =>
  mark(position, Account.bookOf(market.conditionId, market.tick, quote), payouts)

export const positionIn = (tally: Tally, { market }: MarketTally, outcomeIndex: OutcomeIndex, band: Band) => {
  const { conditionId, marketId, outcomes } = market
  const at = { marketId, conditionId, outcomeIndex, outcome: outcomes[outcomeIndex], mode: "paper" } as const
  return tally.accounts[band].positions.get(instrumentKey(at)) ?? Position.empty(at)
}

export const OUTCOMES = [0, 1] as const

const pnlOf = (tally: Tally, market: MarketTally, band: Band): string =>
  format(
    OUTCOMES.map((index) => markedAt(market, positionIn(tally, market, index, band))).reduce(
      (total, { position, unrealizedPnl }) => total + position.realizedPnl + (unrealizedPnl ?? 0n) - position.fees,
      0n
    )
  )

/** The share of the time from the run's beginning to the market's end (or the data's) in which its book was known. */
const coverageOf = (tally: Tally, { endedMillis, knownMillis, knownSince }: MarketTally, endMillis: number) => {
  const ended = endedMillis ?? endMillis
  const known = knownMillis + (knownSince === undefined ? 0 : ended - knownSince)
  return { known, span: ended - tally.startMillis }
}

export const marketRow = (tally: Tally, of: MarketTally, endMillis: number) => {
  const { gaps, market, path, payouts } = of
  const { known, span } = coverageOf(tally, of, endMillis)
  return {
    marketId: market.marketId,
    slug: market.slug,
    conditionId: market.conditionId,
    question: market.question,
    outcomes: market.outcomes,
    pnl: pnlOf(tally, of, "neutral"),
    pnlPessimistic: pnlOf(tally, of, "pessimistic"),
    pnlOptimistic: pnlOf(tally, of, "optimistic"),
    /** What a share of each outcome paid; null where the data end before: what is held is then marked to the book. */
    payouts: payouts === undefined ? null : payouts.map(format),
    coverage: decimal(span > 0 ? known / span : undefined),
    gaps,
    /** Prices of the first outcome and what was held of both; null in markets beyond the first 24. */
    path:
      path === undefined
        ? null
        : Curve.points(path).map(({ ask, atMillis, bid, held, isKnown }) => ({
            at: iso(atMillis),
            bid: bid === undefined ? null : format(bid),
            ask: ask === undefined ? null : format(ask),
            isKnown,
            held: held.map(format)
          }))
  }
}

/** What was gained on a fill by the end, in dollars a share, its fee taken off. */
const gainOf = (tally: Tally, fill: FillRecord): number | undefined => {
  const market = tally.markets.get(fill.conditionId)
  if (market === undefined) return undefined
  const end: Price | undefined = markedAt(market, positionIn(tally, market, fill.outcomeIndex, "neutral")).mark
  if (end === undefined) return undefined
  return Figures.markout(fill.side, dollars(fill.price), dollars(end)) - dollars(fill.fee) / dollars(fill.shares)
}

/** Entry prices against what the shares paid, in the markets that were resolved. */
export const calibrationOf = (tally: Tally, fills: ReadonlyArray<FillRecord>) => {
  const bins = Figures.bins()
  for (const fill of fills) {
    const payouts = tally.markets.get(fill.conditionId)?.payouts
    if (payouts === undefined) continue
    const { payout, price } = outcomeOf(fill, fill.price, payouts)
    Figures.addOutcome(bins, price, payout, dollars(fill.shares))
  }
  return binRows(bins)
}

const binRows = (bins: ReadonlyArray<Figures.Bin>) =>
  bins.flatMap(({ fills, paid, predicted, shares }, index) =>
    fills === 0
      ? []
      : [
          {
            from: decimal(index / Figures.BINS),
            to: decimal((index + 1) / Figures.BINS),
            fills,
            shares: decimal(shares),
            meanPrice: decimal(predicted / shares),
            meanPayout: decimal(paid / shares)
          }
        ]
  )

const ratio = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined)

const sum = <A>(all: ReadonlyArray<A>, of: (each: A) => bigint): bigint =>
  all.reduce((total, each) => total + of(each), 0n)

/**
 * The figures of the neutral band, from equity sampled each minute of simulated time and once at the end:
 * - `return`: (equity at the end - balance) / balance; `returnOnCapital`: the same gain over the most cash that was ever
 *   out at once.
 * - `sharpe`, `sortino`: annualised, see `BacktestFigures`.
 * - `maxDrawdown`: the deepest fall from a peak, as a fraction of the peak.
 * - `hitRate`: fills that gained, valued at the end and after their fee, over all fills.
 * - `turnover`: notional of all fills over balance.
 * - `fillRate`: shares filled over shares ordered (a budget orders what it buys at its limit, or what it bought if more).
 * - `markout`: dollars a share, weighted by shares; the midpoint a while after the fill against its price.
 * - `coverage`: time with a known book over all time, over all markets; `gaps`: breaks of their streams.
 */
export const figuresOf = (finished: Finished) => {
  const { endMillis, fills, orders, tally } = finished
  const account = tally.accounts.neutral
  const equity = equityOf(tally, "neutral")
  const pnl = equity - tally.balance
  const gains = fills.flatMap((fill) => gainOf(tally, fill) ?? [])
  const spans = [...tally.markets.values()].map((market) => coverageOf(tally, market, endMillis))
  const total = (of: "known" | "span") => spans.reduce((all, each) => all + each[of], 0)
  return {
    balance: format(tally.balance),
    equity: format(equity),
    pnl: format(pnl),
    return: decimal(ratio(dollars(pnl), dollars(tally.balance))),
    returnOnCapital: decimal(ratio(dollars(pnl), -dollars(account.leastCash))),
    sharpe: decimal(Figures.sharpe(tally.returns)),
    sortino: decimal(Figures.sortino(tally.returns)),
    maxDrawdown: decimal(tally.drawdown.deepest),
    hitRate: decimal(ratio(gains.filter((gain) => gain > 0).length, gains.length)),
    turnover: decimal(ratio(dollars(account.notional), dollars(tally.balance))),
    notional: format(account.notional),
    fees: format(account.fees),
    orders: orders.length,
    fills: fills.length,
    fillRate: decimal(
      ratio(
        dollars(sum(orders, (state) => state.filled)),
        dollars(sum(orders, ({ filled, order }) => max(filled, sharesAt(order.price, order.quantity))))
      )
    ),
    markout: Object.fromEntries(
      HORIZONS.map(({ name }, index) => {
        const mean = tally.markouts[index]
        return [name, mean === undefined ? null : decimal(Figures.meanOf(mean))] as const
      })
    ),
    coverage: decimal(ratio(total("known"), total("span"))),
    gaps: [...tally.markets.values()].reduce((count, market) => count + market.gaps, 0)
  }
}
