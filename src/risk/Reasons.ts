import type { Market } from "../domain/Market.ts"
import type { Instruction } from "../domain/Plan.ts"
import type { Refused } from "../domain/Report.ts"

/** Every rule an instruction can break. The set is closed and the names are stable: read-outs and scripts rely on them. */
export const CODES = {
  MARKET_NOT_FOUND: "the id leads to no market",
  MARKET_NOT_TRADEABLE: "the market takes no orders: closed, resolved, or simulated in a live plan",
  OUTCOME_UNKNOWN: "the market has no outcome of that name",
  BOOK_UNUSABLE: "no book, or one that contradicts itself: nothing can be decided on it",
  FEE_UNKNOWN: "the market's fee is not known, so cost cannot be bounded",
  PRICE_OFF_TICK: "the price is not a multiple of the market's tick",
  PRICE_OUT_OF_RANGE: "the price is below one tick or above 1 less one tick",
  SIZE_UNIT_UNSUPPORTED: "this kind of order cannot be sized in that unit",
  SIZE_ROUNDS_TO_ZERO: "nothing is left after rounding down to what the venue takes",
  SIZE_BELOW_MINIMUM: "fewer shares than the market's minimum",
  SIZE_TOO_LARGE: "more shares than can be counted exactly",
  NOTIONAL_BELOW_MINIMUM: "a BUY that meets the book at once must come to $1",
  INSUFFICIENT_CASH: "less cash is free than the order can cost with fees",
  INSUFFICIENT_SHARES: "fewer shares are held and free than are to be sold",
  LIFETIME_TOO_SHORT: "a lifetime that the venue cannot keep by itself, in a live plan",
  MAX_NOTIONAL: "the plan's limit on the notional of all its orders",
  MAX_ORDER_NOTIONAL: "the plan's limit on the notional of one order",
  MAX_ORDERS: "the plan's limit on the number of its orders",
  MAX_SPREAD: "the plan's limit on the distance from bid to ask",
  SELF_CROSS: "the order would trade with an own one"
} as const

export type Code = keyof typeof CODES

export interface Reason {
  readonly code: Code
  readonly message: string
}

/** An instruction that becomes no order, and every rule it breaks; `reasons` are the same in words. */
export interface Refusal extends Refused {
  readonly broken: ReadonlyArray<Reason>
}

/** A refusal of one instruction of a plan. A market that was found is named by its own ids. */
export const refusal = (
  index: number,
  instruction: Instruction,
  market: Pick<Market, "marketId" | "conditionId"> | undefined,
  broken: ReadonlyArray<Reason>
): Refusal => ({
  instruction: index,
  marketId: market?.marketId ?? instruction.marketId,
  conditionId: market?.conditionId,
  outcome: instruction.outcome,
  side: instruction.side,
  price: instruction.price,
  size: instruction.size,
  sizeUnit: instruction.sizeUnit,
  timeInForce: instruction.timeInForce,
  reasons: broken.map(({ code, message }) => `${code}: ${message}`),
  broken
})
