import * as Predicate from "effect/Predicate"
import { checkHash } from "./BookHash.ts"
import { micro } from "./Decimal.ts"
import { takeBook } from "./FeedBook.ts"
import { takeChanges } from "./FeedChanges.ts"
import type { FeedCore } from "./FeedCore.ts"
import type { FeedMarket } from "./FeedMarket.ts"
import { isSecond } from "./FeedMarkets.ts"
import * as Levels from "./Levels.ts"

type Fields = { readonly [key: string]: unknown }

const MICRO = 1_000_000

/** The levels of the message at hand. Used again for each. */
const levels = Levels.make(256)

const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 60)

/** What is wrong with a price or a size, if anything. */
const faultOf = (price: number, size: number, told: unknown, shares: unknown): string | undefined =>
  !(price <= MICRO)
    ? `price: expected 0 to 1, found ${shown(told)}`
    : Number.isNaN(size)
      ? `size: expected a decimal, found ${shown(shares)}`
      : undefined

const readSide = (list: unknown, name: string, bid: boolean): string | undefined => {
  if (!Array.isArray(list)) return `${name}: expected a list of levels, found ${shown(list)}`
  for (let at = 0; at < list.length; at++) {
    const entry: unknown = list[at]
    let told: unknown
    let shares: unknown
    if (Array.isArray(entry)) [told, shares] = entry
    else if (Predicate.isRecord(entry)) {
      told = entry.price
      shares = entry.size
    }
    const [price, size] = [micro(told), micro(shares)]
    const fault = faultOf(price, size, told, shares)
    if (fault !== undefined) return `${name}[${at}].${fault}`
    Levels.add(levels, bid, price, size, false)
  }
  return undefined
}

/** Reads and takes in a full book. */
export const book = (feed: FeedCore, market: FeedMarket, fields: Fields): string | undefined => {
  const second = isSecond(feed, market, fields.asset_id, fields.outcomeIndex)
  if (second === undefined) return `asset_id: ${shown(fields.asset_id)} is neither of the market's two tokens`
  Levels.reset(levels)
  const fault = readSide(fields.bids, "bids", true) ?? readSide(fields.asks, "asks", false)
  if (fault !== undefined) return fault
  levels.tick = micro(fields.tick_size)
  checkHash(feed.counts, fields)
  market.hasBooks = true
  takeBook(feed, market, levels, second)
  return undefined
}

/**
 * Reads best prices and takes them in as a full book of one level a side, of the size that is assumed. The two outcomes tell
 * them apart and need not agree, so only the first one's count; a market that has books needs none.
 */
export const quote = (feed: FeedCore, market: FeedMarket, fields: Fields): string | undefined => {
  const second = isSecond(feed, market, fields.asset_id)
  if (second === undefined) return `asset_id: ${shown(fields.asset_id)} is neither of the market's two tokens`
  const [bid, ask] = [micro(fields.best_bid), micro(fields.best_ask)]
  if (!(bid <= MICRO)) return `best_bid: expected 0 to 1, found ${shown(fields.best_bid)}`
  if (!(ask <= MICRO)) return `best_ask: expected 0 to 1, found ${shown(fields.best_ask)}`
  if (second || market.hasBooks) {
    feed.counts.quotes++
    return undefined
  }
  feed.counts.quoted++
  Levels.reset(levels)
  // The venue's words for a side that shows nothing.
  if (bid > 0) Levels.add(levels, true, bid, feed.quoteShares, false)
  if (ask < MICRO) Levels.add(levels, false, ask, feed.quoteShares, false)
  takeBook(feed, market, levels, false)
  return undefined
}

/** Reads and takes in the changes of one message. */
export const changes = (feed: FeedCore, market: FeedMarket, fields: Fields): string | undefined => {
  const list = fields.price_changes
  if (!Array.isArray(list)) return `price_changes: expected a list of changes, found ${shown(list)}`
  Levels.reset(levels)
  for (let at = 0; at < list.length; at++) {
    const entry: unknown = list[at]
    const where = `price_changes[${at}]`
    if (!Predicate.isRecord(entry)) return `${where}: expected a change, found ${shown(entry)}`
    const second = isSecond(feed, market, entry.asset_id, entry.outcomeIndex)
    if (second === undefined) return `${where}.asset_id: ${shown(entry.asset_id)} is neither of the market's two tokens`
    const [price, size] = [micro(entry.price), micro(entry.size)]
    const fault = faultOf(price, size, entry.price, entry.size)
    if (fault !== undefined) return `${where}.${fault}`
    if (entry.side !== "BUY" && entry.side !== "SELL")
      return `${where}.side: expected BUY or SELL, found ${shown(entry.side)}`
    Levels.add(levels, entry.side === "BUY", price, size, second)
    levels.bestBid = micro(entry.best_bid)
    levels.bestAsk = micro(entry.best_ask)
  }
  takeChanges(feed, market, levels)
  return undefined
}
