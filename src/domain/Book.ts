import type { ConditionId } from "./Market.ts"
import type { Price, Shares } from "./Money.ts"

/** Shares on offer at one price. */
export interface Level {
  readonly price: Price
  readonly size: Shares
}

/**
 * The displayed book of a market at one moment, told in prices of its first outcome. The second outcome's book is the
 * same book seen from the other side: a bid for NO at p is an offer of YES at 1 - p.
 */
export interface BookSnapshot {
  readonly conditionId: ConditionId
  /** Highest first. */
  readonly bids: ReadonlyArray<Level>
  /** Lowest first. */
  readonly asks: ReadonlyArray<Level>
  readonly tick: Price
  /** The venue's time of the book, epoch milliseconds, where it tells one. */
  readonly venueMillis: number | undefined
  /** When we fetched it, epoch milliseconds: a quiet market's book is old at the venue and yet fresh. */
  readonly fetchedMillis: number
}

/** For how long a book that was asked for on the way serves whoever needs it next, in milliseconds. */
const FRESH_MILLIS = 1_000

/** Whether a book is as good as one that is asked for now. */
export const isFresh = ({ fetchedMillis }: BookSnapshot, nowMillis: number): boolean =>
  Math.abs(nowMillis - fetchedMillis) <= FRESH_MILLIS

/** A book that contradicts itself: crossed, off the grid, of no size. It fills nothing and is counted. */
export interface DataFault {
  readonly conditionId: ConditionId
  readonly reason: string
}
