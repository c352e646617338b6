import type { Fill, Liquidity } from "../domain/Answer.ts"
import type { Market } from "../domain/Market.ts"
import { complement, cost, Price, proceeds, Shares, UNIT, ZERO_USD } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"
import type { Book, BookSide } from "./Book.ts"
import { takerFee } from "./Fees.ts"

/**
 * An order as the one book of its market sees it, in indices of the book's grid. Buying the second outcome at p is
 * selling the first at 1 - p, so both outcomes meet the same levels and the same deficits.
 */
export interface Terms {
  readonly order: Order
  /** The side it rests on. */
  readonly own: BookSide
  /** The side it meets. */
  readonly opposing: BookSide
  /** Its limit. Off the grid, the nearest index that is no worse for the order. */
  readonly limit: number
  /** The last opposing index that its limit allows once slippage and cushion are taken off. */
  readonly reach: number
  /** By how many indices a taker's fill is worse than the level it meets, with its sign. */
  readonly slip: number
  readonly tick: number
}

export const termsOf = (order: Order, book: Book, simulation: Simulation): Terms => {
  const bids = (order.side === "BUY") === (order.outcomeIndex === 0)
  const price = Number(order.outcomeIndex === 0 ? order.price : complement(order.price))
  const cushion = Number(simulation.spreadCushion)
  const ticks = simulation.slippageTicks
  const { tick } = book
  const limit = bids ? Math.floor(price / tick) : Math.ceil(price / tick)
  const reach = bids
    ? Math.min(limit - ticks, Math.floor((price - cushion) / tick))
    : Math.max(limit + ticks, Math.ceil((price + cushion) / tick))
  const [own, opposing] = bids ? (["bid", "ask"] as const) : (["ask", "bid"] as const)
  return { order, own, opposing, limit, reach, slip: bids ? ticks : -ticks, tick }
}

/** What a taker pays or receives per share of its own outcome at a level of the book, slippage included. */
export const priceAt = (terms: Terms, index: number): Price => {
  const first = BigInt((index + terms.slip) * terms.tick)
  return Price(terms.order.outcomeIndex === 0 ? first : UNIT - first)
}

/** One fill of an order: a buyer's notional is rounded up, a seller's down, and only a taker pays the fee. */
export const fillOf = (
  order: Order,
  shares: number,
  price: Price,
  liquidity: Liquidity,
  fees: NonNullable<Market["fees"]>,
  atMillis: number
): Fill => {
  const size = Shares(BigInt(shares))
  return {
    shares: size,
    price,
    notional: order.side === "BUY" ? cost(price, size) : proceeds(price, size),
    fee: liquidity === "taker" ? takerFee(fees, price, size) : ZERO_USD,
    liquidity,
    atMillis,
    final: true,
    externalId: undefined
  }
}
