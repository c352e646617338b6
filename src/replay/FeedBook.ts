import { ASK, BID, CLEAR, LEVEL, PIPS, SEAL, TICK } from "./Block.ts"
import { type FeedCore, lose, row } from "./FeedCore.ts"
import * as FeedMarket from "./FeedMarket.ts"
import type { Levels } from "./Levels.ts"

const MICRO_PER_PIP = 100

/** Tells a tick, where it is another than before. */
export const setTick = (feed: FeedCore, market: FeedMarket.FeedMarket, tick: number): void => {
  if (tick === market.tick) return
  FeedMarket.regrid(market, tick)
  feed.counts.ticks++
  row(feed, TICK, market.index, 0, 0, tick)
}

/** Index on the grid. Takes a finer tick where a price needs one and the stream has told none; 0 where it is off the grid. */
export const stepFor = (feed: FeedCore, market: FeedMarket.FeedMarket, price: number): number => {
  const step = FeedMarket.stepOf(market, price)
  if (step > 0) return step
  const tick = market.tickTold ? undefined : FeedMarket.tickFor(market, price)
  if (tick === undefined) return 0
  setTick(feed, market, tick)
  return FeedMarket.stepOf(market, price)
}

const isShown = (market: FeedMarket.FeedMarket, levels: Levels, second: boolean): boolean => {
  const { bid, count, price, size } = levels
  if (market.levels !== count) return false
  for (let at = 0; at < count; at++) {
    const pips = (price[at] ?? 0) / MICRO_PER_PIP
    const step = FeedMarket.stepOf(market, second ? PIPS - pips : pips)
    const side = (bid[at] === 1) === second ? ASK : BID
    if (step === 0 || FeedMarket.shown(market, side, step) !== size[at]) return false
  }
  return true
}

type Wrong = "crossed" | "offGrid" | "otherFaults"

/** Puts a full book in place of what is shown, and its rows on the tape; what is wrong with it, if anything. */
const fill = (feed: FeedCore, market: FeedMarket.FeedMarket, levels: Levels, second: boolean): Wrong | undefined => {
  const { bid, count, price, size } = levels
  const { rows } = feed
  const before = rows.rows
  FeedMarket.clear(market)
  row(feed, CLEAR, market.index, 0, 0, 0)
  for (let at = 0; at < count; at++) {
    const own = (price[at] ?? 0) / MICRO_PER_PIP
    const pips = second ? PIPS - own : own
    const side = (bid[at] === 1) === second ? ASK : BID
    const shares = size[at] ?? 0
    const { tick } = market
    const step = stepFor(feed, market, pips)
    if (tick !== market.tick) {
      // The tick must be told before the book begins: once more from the start, on the finer grid.
      rows.rows = before
      row(feed, TICK, market.index, 0, 0, market.tick)
      return fill(feed, market, levels, second)
    }
    const wrong =
      step === 0 ? "offGrid" : shares === 0 || FeedMarket.shown(market, side, step) > 0 ? "otherFaults" : undefined
    if (wrong !== undefined) {
      rows.rows = before
      return wrong
    }
    FeedMarket.show(market, side, step, shares)
    row(feed, LEVEL, market.index, side, pips, shares)
  }
  row(feed, SEAL, market.index, 0, 0, 0)
  if (!FeedMarket.isCrossed(market)) return undefined
  rows.rows = before
  return "crossed"
}

/**
 * Takes in a full book. One that repeats what the other token's book has just told is left out; one that contradicts itself
 * (crossed, off the grid, a price twice, no size) is a fault and leaves a gap.
 */
export const takeBook = (feed: FeedCore, market: FeedMarket.FeedMarket, levels: Levels, second: boolean): void => {
  const { counts } = feed
  counts.books++
  if (market.known && feed.venue < market.lastVenue) {
    counts.stale++
    return
  }
  const token = second ? market.second : market.first
  if (market.known) {
    const same = isShown(market, levels, second)
    if (same && market.lastBook !== token) {
      counts.mirrored++
      return
    }
    if (market.changed) counts[same ? "confirmed" : "corrected"]++
  }
  const tick = levels.tick / MICRO_PER_PIP
  if (FeedMarket.isTick(tick)) {
    market.tickTold = true
    setTick(feed, market, tick)
  }
  const wrong = fill(feed, market, levels, second)
  if (wrong !== undefined) {
    counts[wrong]++
    FeedMarket.clear(market)
    lose(feed, market)
    return
  }
  market.known = true
  market.changed = false
  market.lastBook = token
  market.lastVenue = feed.venue
}
