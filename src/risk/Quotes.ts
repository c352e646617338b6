import type { BookSnapshot } from "../domain/Book.ts"
import type { ConditionId, OutcomeIndex } from "../domain/Market.ts"
import { complement, type Price } from "../domain/Money.ts"
import type { OrderState } from "../domain/Order.ts"
import { type Order, remaining, type Side } from "../domain/Order.ts"

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

/** Whether an order of that quote would meet the displayed book at once. */
export const isMarketable = (quote: Quote, book: BookSnapshot): boolean => {
  const best = (quote.isBid ? book.asks[0] : book.bids[0])?.price
  return best !== undefined && (quote.isBid ? quote.price >= best : quote.price <= best)
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
