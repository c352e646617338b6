import type { ConditionId } from "./Market.ts"
import type { Price, Shares } from "./Money.ts"
import type { Stage } from "./News.ts"
import type { Side } from "./Order.ts"

/** One resting order's part in a match. */
export interface MakerPart {
  /** Id at the venue. */
  readonly externalOrderId: string
  readonly tokenId: string
  readonly side: Side
  /** Of its own token. */
  readonly price: Price
  readonly shares: Shares
}

/**
 * A trade as a venue tells it: one taker, and the resting orders it met. Those may be of the other outcome, at 1 less the
 * price: two buyers of opposite outcomes make a new pair of shares, two sellers end one.
 */
export interface Match {
  readonly tradeId: string
  readonly conditionId: ConditionId
  readonly takerOrderId: string
  /** The taker's token, side, price and shares. */
  readonly tokenId: string
  readonly side: Side
  readonly price: Price
  readonly shares: Shares
  readonly makers: ReadonlyArray<MakerPart>
  readonly stage: Stage
  /** Since when it has been tried again at the venue's end, where it has: still provisional. */
  readonly retrying: boolean
  readonly matchedMillis: number
}

/** An order that rests at the venue. */
export interface Resting {
  readonly externalOrderId: string
  readonly conditionId: ConditionId
  readonly tokenId: string
  readonly outcome: string
  readonly side: Side
  readonly price: Price
  readonly size: Shares
  readonly matched: Shares
  readonly createdMillis: number | undefined
}
