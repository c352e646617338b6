import type { Answer } from "./Answer.ts"
import { Shares, Usd, ZERO_SHARES, ZERO_USD } from "./Money.ts"
import type { Order, OrderState } from "./Order.ts"

/** An order as it is journalled: nothing has become of it yet. */
export const placed = (order: Order): OrderState => ({
  order,
  status: "pending",
  filled: ZERO_SHARES,
  notional: ZERO_USD,
  fees: ZERO_USD,
  bands: { pessimistic: ZERO_SHARES, optimistic: ZERO_SHARES, queueAhead: ZERO_SHARES },
  reasons: []
})

/** What becomes of an order by one answer of its venue. Whether its status may move so is asked of `mayBecome`. */
export const answered = (state: OrderState, answer: Answer): OrderState => {
  let { fees, filled, notional } = state
  for (const fill of answer.fills) {
    filled = Shares(filled + fill.shares)
    notional = Usd(notional + fill.notional)
    fees = Usd(fees + fill.fee)
  }
  return {
    order: state.order,
    status: answer.status,
    filled,
    notional,
    fees,
    bands: answer.bands,
    reasons: answer.reason === undefined ? state.reasons : [...state.reasons, answer.reason]
  }
}
