import { cost, floorTo, type Price, UNIT } from "../domain/Money.ts"
import type { Simulation } from "../domain/Plan.ts"
import { type Book, type BookSide, best, isPrice, next, sizeAt } from "./Book.ts"
import { type Band, type Deficits, take, taken } from "./Deficit.ts"
import type { Ground } from "./Pit.ts"
import type { Terms } from "./Terms.ts"

/** The way of an order through the levels of the other side, as one band sees them. */
export interface Path {
  /** The book it walks. */
  readonly book: Book
  /** Where there is one, no level gives more than it shows here. */
  readonly cap: Book | undefined
  /** The present book of the market, which deficits are kept on. */
  readonly shown: Book
  readonly deficits: Deficits
  readonly band: Band
  /** The side it meets. */
  readonly side: BookSide
  /** Index of the last level it may meet. */
  readonly reach: number
  /** The share of displayed size that is really there, in micro-units. */
  readonly fraction: number
}

/** The way of an order into the present book of its market. */
export const pathOf = (
  { books: { shown }, deficits }: Ground,
  terms: Terms,
  simulation: Simulation,
  band: Band,
  reach: number = terms.reach,
  cap: Book | undefined = undefined
): Path => ({
  book: shown,
  cap,
  shown,
  deficits,
  band,
  side: terms.opposing,
  reach,
  fraction: Number(simulation.liquidityFraction)
})

/** Whether the book shows anything within reach, ours or not. */
export const reaches = (book: Book, { opposing, reach }: Terms): boolean => {
  const at = best(book, opposing)
  return isPrice(book, at) && (opposing === "ask" ? at <= reach : at >= reach)
}

export interface Take {
  readonly index: number
  readonly shares: number
}

/** What a walk would take; nothing is consumed yet. */
export interface Walked {
  readonly takes: ReadonlyArray<Take>
  readonly shares: number
  /** All that was wanted is there. */
  readonly whole: boolean
}

const MILLION = 1_000_000

/** The venue gives a market order's shares to 4 decimals (venue: amounts and rounding of market orders). */
const LOT = 100n

// Split, because size x fraction is beyond what a double holds exactly.
const fractionOf = (size: number, fraction: number): number =>
  fraction === MILLION
    ? size
    : Math.floor(size / MILLION) * fraction + Math.floor(((size % MILLION) * fraction) / MILLION)

const within = (path: Path, index: number): boolean =>
  isPrice(path.book, index) && (path.side === "ask" ? index <= path.reach : index >= path.reach)

/** Shares of a level that can be had: displayed, allowed by the fraction, and not ours already. */
const offered = (path: Path, index: number): number => {
  const size = sizeAt(path.book, path.side, index)
  const real = path.cap === undefined ? size : Math.min(size, sizeAt(path.cap, path.side, index))
  return Math.max(0, fractionOf(real, path.fraction) - taken(path.deficits, path.band, path.side, index))
}

/** Whether anything is displayed within reach that is not ours already, however little of it is allowed. */
export const meets = (path: Path): boolean => {
  for (let at = best(path.book, path.side); within(path, at); at = next(path.book, path.side, at)) {
    if (sizeAt(path.book, path.side, at) > taken(path.deficits, path.band, path.side, at)) return true
  }
  return false
}

/** Takes up to `wanted` micro-shares, best level first. */
export const forShares = (path: Path, wanted: number): Walked => {
  const takes: Array<Take> = []
  let left = wanted
  for (let at = best(path.book, path.side); left > 0 && within(path, at); at = next(path.book, path.side, at)) {
    const shares = Math.min(offered(path, at), left)
    if (shares === 0) continue
    takes.push({ index: at, shares })
    left -= shares
  }
  return { takes, shares: wanted - left, whole: left === 0 }
}

/**
 * Spends up to `budget` micro-dollars, best level first; the costs of its fills together never exceed it. Shares of the
 * last level, when it is not taken whole, are floored to 4 decimals. The budget is spent whole when what is left of it
 * does not buy 0.0001 share at the last level met.
 */
export const forBudget = (path: Path, budget: bigint, priceAt: (index: number) => Price): Walked => {
  const takes: Array<Take> = []
  let shares = 0
  let left = budget
  let whole = false
  for (let at = best(path.book, path.side); !whole && within(path, at); at = next(path.book, path.side, at)) {
    const available = offered(path, at)
    if (available === 0) continue
    const price = priceAt(at)
    const all = BigInt(available)
    const whatItCosts = cost(price, all)
    const bought = whatItCosts <= left ? all : floorTo((left * UNIT) / price, LOT)
    if (bought > 0n) {
      takes.push({ index: at, shares: Number(bought) })
      shares += Number(bought)
      left -= cost(price, bought)
    }
    whole = (left * UNIT) / price < LOT
  }
  return { takes, shares, whole: whole && shares > 0 }
}

/** What was walked is ours now. */
export const consume = (path: Path, walked: Walked): void => {
  for (const { index, shares } of walked.takes) take(path.deficits, path.shown, path.band, path.side, index, shares)
}
