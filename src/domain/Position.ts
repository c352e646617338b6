import * as Option from "effect/Option"
import type { Fill } from "./Answer.ts"
import type { ConditionId, OutcomeIndex } from "./Market.ts"
import { average, Price, Shares, UNIT, Usd, ZERO_SHARES, ZERO_USD } from "./Money.ts"
import type { Mode, Side } from "./Order.ts"

/** Shares of one outcome held in one mode, and what they cost: a fold over executions and payouts. */
export interface Position {
  readonly marketId: string
  readonly conditionId: ConditionId
  readonly outcomeIndex: OutcomeIndex
  readonly outcome: string
  readonly mode: Mode
  readonly qty: Shares
  /** What the shares still held were bought for, fees apart. */
  readonly costBasis: Usd
  /** Proceeds less the cost of what was sold or paid out, fees apart. */
  readonly realizedPnl: Usd
  /** Net cash of all fills and payouts, fees apart: negative while shares are held. */
  readonly cashFlow: Usd
  readonly fees: Usd
}

export const empty = (
  at: Pick<Position, "marketId" | "conditionId" | "outcomeIndex" | "outcome" | "mode">
): Position => ({
  ...at,
  qty: ZERO_SHARES,
  costBasis: ZERO_USD,
  realizedPnl: ZERO_USD,
  cashFlow: ZERO_USD,
  fees: ZERO_USD
})

/** Cost of a part of a holding, average cost method; the last share takes whatever is left, so nothing is lost to rounding. */
const costOf = (position: Position, shares: bigint): bigint =>
  shares >= position.qty ? position.costBasis : (position.costBasis * shares) / position.qty

const reduce = (position: Position, shares: bigint, received: bigint): Position => {
  const cost = costOf(position, shares)
  return {
    ...position,
    qty: Shares(position.qty - shares),
    costBasis: Usd(position.costBasis - cost),
    realizedPnl: Usd(position.realizedPnl + received - cost),
    cashFlow: Usd(position.cashFlow + received)
  }
}

/** The position after one fill of an order of that side. */
export const fill = (position: Position, side: Side, by: Pick<Fill, "shares" | "notional" | "fee">): Position => {
  const fees = Usd(position.fees + by.fee)
  return side === "BUY"
    ? {
        ...position,
        qty: Shares(position.qty + by.shares),
        costBasis: Usd(position.costBasis + by.notional),
        cashFlow: Usd(position.cashFlow - by.notional),
        fees
      }
    : { ...reduce(position, by.shares, by.notional), fees }
}

/** The position after its market has paid `perShare` micro-dollars for each share held. */
export const payout = (position: Position, perShare: Usd): Position =>
  reduce(position, position.qty, (position.qty * perShare) / UNIT)

/** The position after shares came (positive) or went without an order, for what they were worth then. */
export const transfer = (position: Position, shares: Shares, worth: Usd): Position =>
  fill(position, shares >= 0n ? "BUY" : "SELL", {
    shares: Shares(shares >= 0n ? shares : -shares),
    notional: worth,
    fee: ZERO_USD
  })

/** What the holding would fetch at a price, less what it cost. */
export const unrealized = (position: Position, mark: Price): Usd =>
  Usd((position.qty * mark) / UNIT - position.costBasis)

/** Average entry price for display, rounded half up to 4 decimals; 0 when nothing is held. */
export const averagePrice = (position: Position): Price =>
  Option.getOrElse(average(position.costBasis, position.qty), () => Price(0n))
