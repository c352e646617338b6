import type { Level } from "../domain/Book.ts"
import type { OutcomeIndex } from "../domain/Market.ts"
import { Price, Shares, UNIT } from "../domain/Money.ts"
import * as Book from "../exchange/Book.ts"
import type { VenueOrder } from "./VenueOrder.ts"

/** One place in the queue of a price: an account's order, or liquidity that nobody in particular shows. */
export interface Place {
  readonly order: VenueOrder | undefined
  /** Micro-shares. */
  left: number
}

type Queues = Map<number, Array<Place>>

/**
 * The book of one market with the queue behind every price, told in prices of the first outcome. The displayed sizes stand
 * in `book`, which is what `exchange/` walks; a queue is in order of time.
 */
export interface Ladder {
  readonly book: Book.Book
  readonly bids: Queues
  readonly asks: Queues
  /** Levels whose size has changed since somebody was last told: index x 2, one more for asks. */
  readonly touched: Set<number>
}

/** Shares that one place gave to a taker. */
export interface Given {
  readonly order: VenueOrder | undefined
  readonly shares: number
}

export const make = (tick: Price): Ladder => ({
  book: Book.make(tick),
  bids: new Map(),
  asks: new Map(),
  touched: new Set()
})

const queuesOf = (ladder: Ladder, side: Book.BookSide): Queues => (side === "bid" ? ladder.bids : ladder.asks)

const show = (ladder: Ladder, side: Book.BookSide, index: number): void => {
  const queues = queuesOf(ladder, side)
  const queue = (queues.get(index) ?? []).filter(({ left }) => left > 0)
  if (queue.length === 0) queues.delete(index)
  else queues.set(index, queue)
  const size = queue.reduce((sum, { left }) => sum + left, 0)
  if (size === Book.sizeAt(ladder.book, side, index)) return
  Book.set(ladder.book, side, index, size)
  ladder.touched.add(index * 2 + (side === "bid" ? 0 : 1))
}

/** Puts shares at the end of the queue of a price. */
export const rest = (ladder: Ladder, side: Book.BookSide, index: number, shares: number, order?: VenueOrder): void => {
  const queues = queuesOf(ladder, side)
  const queue = queues.get(index) ?? []
  queue.push({ order, left: shares })
  queues.set(index, queue)
  show(ladder, side, index)
}

/** Takes shares from the front of the queue of a price; no more than it shows. */
export const take = (ladder: Ladder, side: Book.BookSide, index: number, shares: number): ReadonlyArray<Given> => {
  const given: Array<Given> = []
  let wanted = shares
  for (const place of queuesOf(ladder, side).get(index) ?? []) {
    if (wanted === 0) break
    const taken = Math.min(place.left, wanted)
    place.left -= taken
    wanted -= taken
    given.push({ order: place.order, shares: taken })
  }
  show(ladder, side, index)
  return given
}

/** Takes an order out of the queue of its price. */
export const remove = (ladder: Ladder, side: Book.BookSide, index: number, order: VenueOrder): void => {
  for (const place of queuesOf(ladder, side).get(index) ?? []) if (place.order === order) place.left = 0
  show(ladder, side, index)
}

/** Shares at a price that belong to no account. */
export const anonymousAt = (ladder: Ladder, side: Book.BookSide, index: number): number =>
  (queuesOf(ladder, side).get(index) ?? []).reduce((sum, { left, order }) => sum + (order === undefined ? left : 0), 0)

/**
 * Liquidity of nobody in particular becomes `size` at a price. More of it queues behind what is there; less of it leaves
 * from the back, so that nobody gains a place by it.
 */
export const setAnonymous = (ladder: Ladder, side: Book.BookSide, index: number, size: number): void => {
  let excess = anonymousAt(ladder, side, index) - size
  if (excess < 0) {
    rest(ladder, side, index, -excess)
    return
  }
  for (const place of (queuesOf(ladder, side).get(index) ?? []).toReversed()) {
    if (place.order !== undefined) continue
    const leaving = Math.min(place.left, excess)
    place.left -= leaving
    excess -= leaving
  }
  show(ladder, side, index)
}

/** The prices at which a side shows anything, best first. */
export const indices = (ladder: Ladder, side: Book.BookSide): ReadonlyArray<number> => {
  const found: Array<number> = []
  const { book } = ladder
  for (let at = Book.best(book, side); Book.isPrice(book, at); at = Book.next(book, side, at)) found.push(at)
  return found
}

/** The same book on another grid; what is no price of the new one is left out and handed back. */
export const regrid = (
  ladder: Ladder,
  tick: Price
): { readonly ladder: Ladder; readonly dropped: ReadonlyArray<VenueOrder> } => {
  const next = make(tick)
  const dropped: Array<VenueOrder> = []
  for (const side of ["bid", "ask"] as const) {
    for (const [index, queue] of queuesOf(ladder, side)) {
      const price = index * ladder.book.tick
      const at = price / next.book.tick
      for (const { left, order } of queue) {
        if (Number.isInteger(at)) rest(next, side, at, left, order)
        else if (order !== undefined) dropped.push(order)
      }
    }
  }
  return { ladder: next, dropped }
}

/** One side as an outcome sees it, best level first, in prices of that outcome. */
export const levels = (ladder: Ladder, outcome: OutcomeIndex, side: Book.BookSide): ReadonlyArray<Level> => {
  const seen: Book.BookSide = outcome === 0 ? side : side === "bid" ? "ask" : "bid"
  return indices(ladder, seen).map((index) => ({
    price: priceAt(ladder, index, outcome),
    size: Shares(BigInt(Book.sizeAt(ladder.book, seen, index)))
  }))
}

/** The price of an index as an outcome sees it. */
export const priceAt = (ladder: Ladder, index: number, outcome: OutcomeIndex): Price => {
  const first = BigInt(index * ladder.book.tick)
  return Price(outcome === 0 ? first : UNIT - first)
}

/** Where an order of an outcome stands in the book: its side, and the index of its limit. */
export const standing = (
  ladder: Ladder,
  order: { readonly side: "BUY" | "SELL"; readonly outcome: OutcomeIndex; readonly price: Price }
): { readonly own: Book.BookSide; readonly opposing: Book.BookSide; readonly limit: number } => {
  const bids = (order.side === "BUY") === (order.outcome === 0)
  const price = Number(order.outcome === 0 ? order.price : UNIT - order.price)
  const limit = bids ? Math.floor(price / ladder.book.tick) : Math.ceil(price / ladder.book.tick)
  return bids ? { own: "bid", opposing: "ask", limit } : { own: "ask", opposing: "bid", limit }
}
