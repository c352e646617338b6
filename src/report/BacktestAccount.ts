import type { Fill } from "../domain/Answer.ts"
import type { BookSnapshot } from "../domain/Book.ts"
import { type ConditionId, instrumentKey, type Payouts } from "../domain/Market.ts"
import { type Price, Shares, UNIT, Usd, ZERO_USD } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import * as Position from "../domain/Position.ts"
import { mark } from "./Marks.ts"

/** The best prices of a market's book, in prices of its first outcome; a side that shows nothing has none. */
export interface Quote {
  readonly bid: Price | undefined
  readonly ask: Price | undefined
}

/** What the fills of one band come to: a fold, as the ledger folds them. */
export interface BandAccount {
  readonly positions: Map<string, Position.Position>
  filled: bigint
  notional: bigint
  fees: bigint
  /** Cash paid out and received: below zero while money is in positions. */
  cash: bigint
  /** The least it ever was: what had to be put up. */
  leastCash: bigint
}

export const make = (): BandAccount => ({
  positions: new Map(),
  filled: 0n,
  notional: 0n,
  fees: 0n,
  cash: 0n,
  leastCash: 0n
})

export const fill = (account: BandAccount, order: Order, of: Pick<Fill, "shares" | "notional" | "fee">): void => {
  const { conditionId, marketId, mode, outcome, outcomeIndex, side } = order
  const key = instrumentKey(order)
  const held = account.positions.get(key) ?? Position.empty({ marketId, conditionId, outcomeIndex, outcome, mode })
  account.positions.set(key, Position.fill(held, side, of))
  account.filled += of.shares
  account.notional += of.notional
  account.fees += of.fee
  account.cash += (side === "BUY" ? -of.notional : of.notional) - of.fee
  if (account.cash < account.leastCash) account.leastCash = account.cash
}

export const settle = (account: BandAccount, conditionId: ConditionId, payouts: Payouts): void => {
  for (const [key, before] of account.positions) {
    if (before.conditionId !== conditionId || before.qty === 0n) continue
    const after = Position.payout(before, payouts[before.outcomeIndex])
    account.positions.set(key, after)
    account.cash += after.cashFlow - before.cashFlow
  }
}

/** A book of best prices alone, for marks. */
export const bookOf = (conditionId: ConditionId, tick: Price, quote: Quote): BookSnapshot => {
  const level = (price: Price | undefined) => (price === undefined ? [] : [{ price, size: Shares(UNIT) }])
  return { conditionId, tick, bids: level(quote.bid), asks: level(quote.ask), venueMillis: undefined, fetchedMillis: 0 }
}

/** What the positions would fetch now, by the same marks as every other read-out; those without a price at their cost. */
export const worth = (account: BandAccount, bookFor: (conditionId: ConditionId) => BookSnapshot | undefined): Usd => {
  let total = 0n
  for (const position of account.positions.values()) {
    if (position.qty === 0n) continue
    const { unrealizedPnl } = mark(position, bookFor(position.conditionId), undefined)
    total += position.costBasis + (unrealizedPnl ?? ZERO_USD)
  }
  return Usd(total)
}
