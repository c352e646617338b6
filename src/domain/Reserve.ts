import { cost, Usd, ZERO_USD } from "./Money.ts"
import { type OrderState, type Quantity, remaining } from "./Order.ts"

/** Notional of a quantity at its limit price: a budget is its own notional. */
export const notionalAt = (price: bigint, quantity: Quantity): Usd =>
  quantity._tag === "Budget" ? quantity.usd : cost(price, quantity.shares)

/**
 * Cash that an order can still take, in micro-dollars: what is unfilled at its limit, and the fees it may yet pay. A SELL
 * takes none. Call it for orders that are exposed; a finished one holds nothing whatever is left of it.
 */
export const reservedCash = (state: OrderState): Usd => {
  const { order, fees, notional } = state
  if (order.side === "SELL") return ZERO_USD
  const rest = order.quantity._tag === "Budget" ? order.quantity.usd - notional : cost(order.price, remaining(state))
  const fee = order.worstFee - fees
  return Usd((rest > 0n ? rest : 0n) + (fee > 0n ? fee : 0n))
}
