import type { BookSnapshot } from "../domain/Book.ts"
import type { Payouts } from "../domain/Market.ts"
import { complement, Price, ZERO_USD } from "../domain/Money.ts"
import { type Position, unrealized } from "../domain/Position.ts"
import type { MarkedPosition } from "../domain/Report.ts"

/** What one could sell at: the best bid of the outcome, where NO's bid is 1 less YES's offer; 0 when nobody bids. */
const bestBid = (position: Position, book: BookSnapshot): Price => {
  const level = position.outcomeIndex === 0 ? book.bids[0] : book.asks[0]
  if (level === undefined) return Price(0n)
  return position.outcomeIndex === 0 ? level.price : complement(level.price)
}

/**
 * A position at the price it could be left at: the payout of its outcome once the market is resolved, before that the best
 * bid. Without either there is no mark and no unrealized P&L, except that nothing held has none to gain or lose.
 */
export const mark = (
  position: Position,
  book: BookSnapshot | undefined,
  payouts: Payouts | undefined
): MarkedPosition => {
  const price =
    payouts !== undefined
      ? Price(payouts[position.outcomeIndex])
      : book === undefined
        ? undefined
        : bestBid(position, book)
  if (position.qty === 0n) return { position, mark: price, unrealizedPnl: ZERO_USD }
  return { position, mark: price, unrealizedPnl: price === undefined ? undefined : unrealized(position, price) }
}
