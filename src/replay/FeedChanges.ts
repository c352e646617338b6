import { ASK, BID, LEVEL, PIPS, TICK } from "./Block.ts"
import { stepFor } from "./FeedBook.ts"
import { type FeedCore, lose, row } from "./FeedCore.ts"
import * as FeedMarket from "./FeedMarket.ts"
import type { Levels } from "./Levels.ts"

const MICRO = 1_000_000
const MICRO_PER_PIP = 100

/** Whether the best prices told with the last change are others than those of the book. */
const mismatches = (market: FeedMarket.FeedMarket, { bestAsk, bestBid, count, second }: Levels): boolean => {
  if (Number.isNaN(bestBid) || Number.isNaN(bestAsk)) return false
  const bid = FeedMarket.bestBid(market) * MICRO_PER_PIP
  const ask = FeedMarket.bestAsk(market) * MICRO_PER_PIP
  return second[count - 1] === 1
    ? bestBid !== MICRO - ask || bestAsk !== MICRO - bid
    : bestBid !== bid || bestAsk !== ask
}

/**
 * Takes in the changes of one message. Those that change nothing, as the other token's, are left out; a book that is crossed
 * after the last one, or has a price off its grid, is a fault and leaves a gap.
 */
export const takeChanges = (feed: FeedCore, market: FeedMarket.FeedMarket, levels: Levels): void => {
  const { counts, rows } = feed
  const { bid, count, price, second, size } = levels
  counts.changes += count
  if (!market.known) {
    counts.early += count
    return
  }
  const before = rows.rows
  const tickBefore = market.tick
  let wrong: "offGrid" | "crossed" | undefined
  for (let at = 0; at < count; at++) {
    const own = (price[at] ?? 0) / MICRO_PER_PIP
    const isSecond = second[at] === 1
    const pips = isSecond ? PIPS - own : own
    const side = (bid[at] === 1) === isSecond ? ASK : BID
    const shares = size[at] ?? 0
    const step = stepFor(feed, market, pips)
    if (step === 0) wrong = "offGrid"
    else if (FeedMarket.shown(market, side, step) === shares) counts.unchanged++
    else {
      FeedMarket.show(market, side, step, shares)
      row(feed, LEVEL, market.index, side, pips, shares)
    }
  }
  market.changed = true
  market.lastVenue = Math.max(market.lastVenue, feed.venue)
  if (wrong === undefined && FeedMarket.isCrossed(market)) wrong = "crossed"
  if (wrong !== undefined) {
    counts[wrong]++
    rows.rows = before
    if (market.tick !== tickBefore) row(feed, TICK, market.index, 0, 0, market.tick)
    lose(feed, market)
  } else if (mismatches(market, levels)) counts.quoteMismatches++
}
