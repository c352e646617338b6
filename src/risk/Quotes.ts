import type { MarketMemory } from "../domain/Answer.ts"
import type { BookSnapshot } from "../domain/Book.ts"
import type { ConditionId, OutcomeIndex } from "../domain/Market.ts"
import { complement, type Price } from "../domain/Money.ts"
import type { OrderState } from "../domain/Order.ts"
import { type Order, remaining, type Side } from "../domain/Order.ts"
import { remembered } from "../exchange/Deficit.ts"

/** An order seen in prices of the market's first outcome: buying NO at q is offering YES at 1 - q. */
export interface Quote {
  readonly isBid: boolean
  readonly price: Price
}

export const quoteOf = (at: {
  readonly side: Side
  readonly outcomeIndex: OutcomeIndex
  readonly price: Price
}): Quote =>
  at.outcomeIndex === 0
    ? { isBid: at.side === "BUY", price: at.price }
    : { isBid: at.side === "SELL", price: complement(at.price) }

/** Whether an order of that quote would meet anything at once: displayed within its limit, and not ours already. */
export const isMarketable = (quote: Quote, book: BookSnapshot, ours: MarketMemory | undefined): boolean => {
  const [side, levels] = quote.isBid ? (["ask", book.asks] as const) : (["bid", book.bids] as const)
  for (const { price, size } of levels) {
    if (quote.isBid ? price > quote.price : price < quote.price) return false
    if (ours === undefined || size > remembered(ours, book.tick, side, price)) return true
  }
  return false
}

interface Best {
  readonly price: Price
  readonly order: Order
}

/**
 * The most aggressive own bid and offer of each market. The venue documents no self-trade prevention, and because YES and
 * NO share one book, BUY YES at 0.55 trades with an own BUY NO at 0.45.
 */
export interface OwnQuotes {
  /** The own order that an order of that quote would trade with. */
  readonly crossing: (conditionId: ConditionId, quote: Quote) => Order | undefined
  readonly add: (order: Order) => void
}

/** Own quotes, beginning with the orders that can still fill. */
export const ownQuotes = (exposed: ReadonlyArray<OrderState>): OwnQuotes => {
  const bids = new Map<ConditionId, Best>()
  const asks = new Map<ConditionId, Best>()
  const add = (order: Order) => {
    const quote = quoteOf(order)
    const side = quote.isBid ? bids : asks
    const best = side.get(order.conditionId)
    if (best === undefined || (quote.isBid ? quote.price > best.price : quote.price < best.price))
      side.set(order.conditionId, { price: quote.price, order })
  }
  for (const state of exposed) if (remaining(state) > 0n) add(state.order)
  return {
    add,
    crossing: (conditionId, quote) => {
      const best = (quote.isBid ? asks : bids).get(conditionId)
      if (best === undefined) return undefined
      return (quote.isBid ? quote.price >= best.price : quote.price <= best.price) ? best.order : undefined
    }
  }
}
