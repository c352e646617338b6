import type * as Either from "effect/Either"
import type { BookSnapshot, DataFault, Level } from "../../domain/Book.ts"
import type { Market, Payouts } from "../../domain/Market.ts"
import { Price, Shares, UNIT, Usd, ZERO_USD } from "../../domain/Money.ts"
import { check } from "../../exchange/Integrity.ts"
import { fault, sorted } from "./WireBook.ts"

/** A full book or a change of levels, in prices of the first outcome. `millis` is -Infinity where none is told. */
export interface Step {
  readonly millis: number
  readonly full: boolean
  readonly bids: ReadonlyArray<Level>
  readonly asks: ReadonlyArray<Level>
}

/** All that is recorded of one market; every list is in order of time. */
export interface RecordedMarket {
  /** What never changes, and what a market record found in the file says. */
  readonly record: Market
  /** True where the file names no market and its ids are made of the file's name. */
  readonly nameless: boolean
  /** Names that lead to it. */
  readonly names: ReadonlySet<string>
  readonly steps: ReadonlyArray<Step>
  readonly ticks: ReadonlyArray<{ readonly millis: number; readonly tick: Price }>
  readonly resolution: { readonly millis: number; readonly winner: 0 | 1 } | undefined
  /** When the last message of it came. */
  readonly lastMillis: number
}

const TICKS = [10_000, 5_000, 2_500, 1_000, 100]

/** How many of the items, which are in order of time, are there at `now`. */
const countAt = (items: ReadonlyArray<{ readonly millis: number }>, now: number): number => {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((items[middle]?.millis ?? 0) <= now) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The moments at which the prices met so far need a finer tick than before: what a tick is taken to be where nothing
 * tells it. It looks at the past only, so that what comes later never changes what was.
 */
export const neededTicks = (steps: ReadonlyArray<Step>): RecordedMarket["ticks"] => {
  const found: Array<{ readonly millis: number; readonly tick: Price }> = []
  let current = 0
  for (const step of steps) {
    for (const { price } of [...step.bids, ...step.asks]) {
      while (current < TICKS.length - 1 && Number(price) % (TICKS[current] ?? 100) !== 0) current++
    }
    const tick = Price(BigInt(TICKS[current] ?? 100))
    if (found.at(-1)?.tick !== tick) found.push({ millis: step.millis, tick })
  }
  return found
}

const tickAt = (market: RecordedMarket, now: number): Price =>
  market.ticks[countAt(market.ticks, now) - 1]?.tick ?? market.record.tick

const WON: readonly [Payouts, Payouts] = [
  [Usd(UNIT), ZERO_USD],
  [ZERO_USD, Usd(UNIT)]
]

/**
 * The market record at `now`. That it is closed or resolved counts from its `market_resolved` message on; where only a
 * market record says so, which tells no time, from the last message on.
 */
export const marketAt = (market: RecordedMarket, now: number): Market => {
  const { lastMillis, record, resolution } = market
  const over = resolution !== undefined && resolution.millis <= now
  const ended = now >= lastMillis
  return {
    ...record,
    tick: tickAt(market, now),
    closedBecause: over ? "resolved" : ended ? record.closedBecause : undefined,
    payouts: over ? WON[resolution.winner] : ended ? record.payouts : undefined
  }
}

type Sides = Pick<Step, "bids" | "asks">

const applied = (full: Step, changes: ReadonlyArray<Step>): Sides => {
  if (changes.length === 0) return full
  const side = (of: (step: Step) => ReadonlyArray<Level>): ReadonlyArray<Level> => {
    const sizes = new Map(of(full).map(({ price, size }) => [Number(price), size]))
    // Two levels of one price: the book contradicts itself, and must still do so when it is checked.
    if (sizes.size < of(full).length) return of(full)
    for (const change of changes) {
      for (const { price, size } of of(change)) {
        if (size === 0n) sizes.delete(Number(price))
        else sizes.set(Number(price), size)
      }
    }
    return [...sizes].map(([price, size]) => ({ price: Price(BigInt(price)), size: Shares(size) }))
  }
  return { bids: side((step) => step.bids), asks: side((step) => step.asks) }
}

/** The book at `now`: the last full one, and the changes since. */
export const bookAt = (market: RecordedMarket, now: number): Either.Either<BookSnapshot, DataFault> => {
  const { conditionId } = market.record
  const count = countAt(market.steps, now)
  let from = count - 1
  while (from >= 0 && market.steps[from]?.full !== true) from--
  const full = market.steps[from]
  if (full === undefined) {
    return fault(conditionId, market.steps.length === 0 ? "no book is recorded" : "no book is recorded until then")
  }
  const last = market.steps[count - 1]?.millis ?? Number.NEGATIVE_INFINITY
  return check({
    ...sorted(applied(full, market.steps.slice(from + 1, count))),
    conditionId,
    tick: tickAt(market, now),
    venueMillis: Number.isFinite(last) ? last : undefined,
    fetchedMillis: now
  })
}
