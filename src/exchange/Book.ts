import type { BookSnapshot, Level } from "../domain/Book.ts"
import { type Price, UNIT } from "../domain/Money.ts"

export type BookSide = "bid" | "ask"

/**
 * The displayed book of one market on a dense grid of prices of its first outcome: sizes in micro-shares, at the index
 * price / tick. Prices are the indices 1 to steps - 1; 0 and `steps` are never used and so mark an empty side. Sizes are
 * whole numbers below 9e15, which doubles hold exactly. An update is one array write and, at the best price, a short scan.
 */
export interface Book {
  /** Micro-dollars from one index to the next. */
  readonly tick: number
  /** How many ticks make 1. */
  readonly steps: number
  readonly bids: Float64Array
  readonly asks: Float64Array
  /** Index of the highest bid, 0 where there is none. */
  bestBid: number
  /** Index of the lowest ask, `steps` where there is none. */
  bestAsk: number
}

/** The largest size a book holds, in micro-shares: sums and differences below it are exact in a double. */
export const LARGEST = 9_000_000_000_000_000

/** An empty book. The tick divides 1 (`Integrity.check` sees to it). */
export const make = (tick: Price): Book => {
  const steps = Number(UNIT / tick)
  return {
    tick: Number(tick),
    steps,
    bids: new Float64Array(steps + 1),
    asks: new Float64Array(steps + 1),
    bestBid: 0,
    bestAsk: steps
  }
}

/** Index of the next bid below `index`, 0 where there is none. */
export const nextBid = (book: Book, index: number): number => {
  const sizes = book.bids
  let at = index - 1
  while (at > 0 && sizes[at] === 0) at--
  return at
}

/** Index of the next ask above `index`, `steps` where there is none. */
export const nextAsk = (book: Book, index: number): number => {
  const { asks: sizes, steps } = book
  let at = index + 1
  while (at < steps && sizes[at] === 0) at++
  return at
}

/** The bid at `index` (1 to steps - 1) now shows `size`; 0 takes it away. */
export const setBid = (book: Book, index: number, size: number): void => {
  book.bids[index] = size
  if (size > 0) {
    if (index > book.bestBid) book.bestBid = index
  } else if (index === book.bestBid) book.bestBid = nextBid(book, index)
}

/** The ask at `index` (1 to steps - 1) now shows `size`; 0 takes it away. */
export const setAsk = (book: Book, index: number, size: number): void => {
  book.asks[index] = size
  if (size > 0) {
    if (index < book.bestAsk) book.bestAsk = index
  } else if (index === book.bestAsk) book.bestAsk = nextAsk(book, index)
}

export const set = (book: Book, side: BookSide, index: number, size: number): void =>
  side === "bid" ? setBid(book, index, size) : setAsk(book, index, size)

/** Displayed micro-shares at an index, 0 where there are none. */
export const sizeAt = (book: Book, side: BookSide, index: number): number =>
  (side === "bid" ? book.bids[index] : book.asks[index]) ?? 0

/** Whether a side shows anything at an index: false for the marks of an empty side. */
export const isPrice = (book: Book, index: number): boolean => index > 0 && index < book.steps

/** The best index of a side; not a price where the side is empty. */
export const best = (book: Book, side: BookSide): number => (side === "bid" ? book.bestBid : book.bestAsk)

/** The next index of a side, from the best one outward; not a price after the last. */
export const next = (book: Book, side: BookSide, index: number): number =>
  side === "bid" ? nextBid(book, index) : nextAsk(book, index)

const fill = (book: Book, side: BookSide, levels: ReadonlyArray<Level>): void => {
  for (const level of levels) {
    const price = Number(level.price)
    if (price % book.tick === 0) set(book, side, price / book.tick, Number(level.size))
  }
}

/**
 * A checked snapshot on the grid of `tick`, its own by default. On another grid than its own, levels that are no prices
 * of that grid are left out.
 */
export const load = (snapshot: BookSnapshot, tick: Price = snapshot.tick): Book => {
  const book = make(tick)
  fill(book, "bid", snapshot.bids)
  fill(book, "ask", snapshot.asks)
  return book
}

/** The same book as the second outcome sees it: its bids are this one's asks, each at 1 less the price. A copy. */
export const mirror = (book: Book): Book => ({
  ...book,
  bids: book.asks.slice().reverse(),
  asks: book.bids.slice().reverse(),
  bestBid: book.steps - book.bestAsk,
  bestAsk: book.steps - book.bestBid
})
