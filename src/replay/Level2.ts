import { Price } from "../domain/Money.ts"
import * as Book from "../exchange/Book.ts"
import { BID, type Block, CLEAR, GAP, LEVEL, PIPS, RESOLUTION, SEAL, TICK } from "./Block.ts"
import type { TapeMarket } from "./TapeMarket.ts"

/** One market while it is replayed. */
export interface MarketState {
  /** Index in the table of markets. */
  readonly market: number
  /** The displayed book; empty while it is not known. Another object after a tick change. */
  book: Book.Book
  /** Pips from one price of its grid to the next. */
  tick: number
  /** Index on the grid by price in pips, 0 for what is none of its prices. */
  steps: Uint16Array
  /** Whether the book is known: from the end of a full one to the next gap. */
  known: boolean
  /** Inside a full book. */
  filling: boolean
  /** Pips that a share of the first outcome pays, once the market is resolved. */
  payout: number | undefined
}

const MICRO_PER_PIP = 100

const tables = new Map<number, Uint16Array>()

// A look-up costs less than a division, and tells prices off the grid as well.
const stepsOf = (tick: number): Uint16Array => {
  const known = tables.get(tick)
  if (known !== undefined) return known
  const steps = Uint16Array.from({ length: 65_536 }, (_, price) =>
    price < PIPS && price % tick === 0 ? price / tick : 0
  )
  tables.set(tick, steps)
  return steps
}

const gridOf = (tick: number): Book.Book => Book.make(Price(BigInt(tick * MICRO_PER_PIP)))

/** The same levels on another grid; those between its prices are left out. */
const regrid = (state: MarketState, tick: number): void => {
  const { book: from, tick: before } = state
  const to = gridOf(tick)
  for (let index = from.bestBid; Book.isPrice(from, index); index = Book.nextBid(from, index)) {
    const price = index * before
    if (price % tick === 0) Book.setBid(to, price / tick, from.bids[index] ?? 0)
  }
  for (let index = from.bestAsk; Book.isPrice(from, index); index = Book.nextAsk(from, index)) {
    const price = index * before
    if (price % tick === 0) Book.setAsk(to, price / tick, from.asks[index] ?? 0)
  }
  state.book = to
  state.tick = tick
  state.steps = stepsOf(tick)
}

const empty = (state: MarketState): void => {
  const { book } = state
  book.bids.fill(0)
  book.asks.fill(0)
  book.bestBid = 0
  book.bestAsk = book.steps
}

/** A market before its first row. */
export const begin = (market: TapeMarket, index: number): MarketState => {
  const tick = Number(market.tick) / MICRO_PER_PIP
  return {
    market: index,
    book: gridOf(tick),
    tick,
    steps: stepsOf(tick),
    known: false,
    filling: false,
    payout: undefined
  }
}

/** Applies a row that is no level. Trades leave the displayed book as it is: what they took is told by levels. */
const applyOther = (state: MarketState, kind: number, price: number, size: number): void => {
  if (kind === CLEAR) {
    empty(state)
    state.known = false
    state.filling = true
  } else if (kind === SEAL) {
    state.known = true
    state.filling = false
  } else if (kind === GAP) {
    empty(state)
    state.known = false
    state.filling = false
  } else if (kind === TICK && size > 0 && PIPS % size === 0) regrid(state, size)
  else if (kind === RESOLUTION) state.payout = price
}

/** Applies a level on a price that is none of the grid: the grid becomes as fine as prices can be. */
const applyBetween = (state: MarketState, side: number, price: number, size: number): void => {
  if (price <= 0 || price >= PIPS) return
  regrid(state, 1)
  Book.set(state.book, side === BID ? "bid" : "ask", price, size)
}

/** What is called after each group of rows of one market: `from` to before `to` of the block. */
export type OnGroup = (state: MarketState, block: Block, from: number, to: number) => void

/**
 * Keeps the displayed books of all markets of a tape while its blocks go by. Between groups every known book is whole: its
 * best prices may be read. Allocates nothing but new grids at tick changes.
 */
export class Level2 {
  readonly states: ReadonlyArray<MarketState>

  constructor(markets: ReadonlyArray<TapeMarket>) {
    this.states = markets.map(begin)
  }

  /** Applies the rows of a block, in order. */
  run(block: Block, onGroup: OnGroup): void {
    const { kind, market, price, receipt, rows, side, size, venue } = block
    let row = 0
    while (row < rows) {
      const index = market[row] ?? 0
      const state = this.states[index]
      if (state === undefined) {
        row++
        continue
      }
      let { book, steps } = state
      let shown = state.known || state.filling
      // The rows of one market in a row, group by group: what is looked up by market stays at hand.
      let same = true
      while (same) {
        const from = row
        const received = receipt[row]
        const happened = venue[row]
        let together = true
        while (together) {
          if (kind[row] === LEVEL) {
            const at = price[row] ?? 0
            const step = steps[at] ?? 0
            if (!shown) {
              // Before a full book a change tells nothing.
            } else if (step === 0) {
              applyBetween(state, side[row] ?? 0, at, size[row] ?? 0)
              ;({ book, steps } = state)
            } else if (side[row] === BID) Book.setBid(book, step, size[row] ?? 0)
            else Book.setAsk(book, step, size[row] ?? 0)
          } else {
            applyOther(state, kind[row] ?? 0, price[row] ?? 0, size[row] ?? 0)
            ;({ book, steps } = state)
            shown = state.known || state.filling
          }
          row++
          same = row < rows && market[row] === index
          together = same && receipt[row] === received && venue[row] === happened
        }
        onGroup(state, block, from, row)
      }
    }
  }
}
