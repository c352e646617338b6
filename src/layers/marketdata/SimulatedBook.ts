import type { BookSnapshot, Level } from "../../domain/Book.ts"
import { Price, Shares } from "../../domain/Money.ts"

/** 32 bits out of a text (FNV-1a, then the finaliser of MurmurHash3): the same on every machine. */
export const hash = (text: string): number => {
  let state = 0x811c9dc5
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  return mix(state, text.length)
}

const mix = (a: number, b: number): number => {
  let h = (a ^ Math.imul(b, 0x9e3779b1)) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** From 0 to below 1. */
const unit = (key: number, n: number) => mix(key, n) / 4_294_967_296

// Value noise: random heights at multiples of the period with straight lines between them. Unlike a random walk it can
// be read at any minute without walking there.
const noise = (key: number, minute: number, period: number): number => {
  const cell = Math.floor(minute / period)
  const from = unit(mix(key, period), cell)
  const to = unit(mix(key, period), cell + 1)
  return from + (to - from) * (minute / period - cell) - 0.5
}

/** What is fixed about one simulated market's book. */
export interface Shape {
  readonly conditionId: string
  /** The market's own random numbers. */
  readonly key: number
  readonly tick: Price
  /** A best ask that never moves, if the id asks for one. */
  readonly pinnedAsk: Price | undefined
}

const LEVELS = 10
const PINNED_SHARES = Shares(1_000_000_000n)

const pinned = (shape: Shape, ask: Price): Pick<BookSnapshot, "bids" | "asks"> => {
  const side = (best: bigint, step: bigint): ReadonlyArray<Level> =>
    Array.from({ length: LEVELS }, (_, n) => ({ price: Price(best + step * BigInt(n)), size: PINNED_SHARES })).filter(
      ({ price }) => price > 0n && price < 1_000_000n
    )
  return { bids: side(ask - shape.tick, -shape.tick), asks: side(ask, shape.tick) }
}

const moving = (shape: Shape, minute: number): Pick<BookSnapshot, "bids" | "asks"> => {
  const { key } = shape
  const tick = Number(shape.tick)
  const last = 1_000_000 / tick - 1
  const base = 0.15 + 0.7 * unit(key, 1)
  const mid = base + 0.12 * noise(key, minute, 1440) + 0.08 * noise(key, minute, 90) + 0.03 * noise(key, minute, 7)
  // One to three cents wide, in ticks.
  const width = Math.max(1, Math.round((10_000 / tick) * (1 + Math.floor(3 * unit(mix(key, 2), minute)) - 0.5)))
  const bid = Math.min(last - width, Math.max(1, Math.floor((mid * 1_000_000) / tick - width / 2)))

  const side = (sign: 1 | -1, best: number): ReadonlyArray<Level> => {
    const levels: Array<Level> = []
    for (let step = 0, at = best; levels.length < LEVELS && at >= 1 && at <= last; step++, at += sign) {
      // A level keeps its size for some minutes; behind the best one, every fifth level is empty.
      const epoch = Math.floor((minute + (at % 5)) / 5)
      const random = mix(mix(key, sign * at), epoch)
      if (step > 0 && unit(random, 1) < 0.2) continue
      const cents = 2_000 + Math.floor(unit(random, 2) * (30_000 + 20_000 * Math.min(step, 5)))
      levels.push({ price: Price(BigInt(at * tick)), size: Shares(BigInt(cents * 10_000)) })
    }
    return levels
  }
  return { bids: side(-1, bid), asks: side(1, bid + width) }
}

/** The book at one moment. It changes every minute, unless its ask is pinned, and costs the same at any date. */
export const bookAt = (shape: Shape, nowMillis: number): BookSnapshot => {
  const minute = Math.floor(nowMillis / 60_000)
  const still = shape.pinnedAsk
  return {
    conditionId: shape.conditionId,
    ...(still === undefined ? moving(shape, minute) : pinned(shape, still)),
    tick: shape.tick,
    venueMillis: still === undefined ? minute * 60_000 : nowMillis,
    fetchedMillis: nowMillis
  }
}
