import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type { Label } from "../domain/Label.ts"
import { type Block, PIPS, RESOLUTION, TRADE } from "./Block.ts"
import { nearestMicro, pips } from "./Decimal.ts"
import { setTick, takeBook } from "./FeedBook.ts"
import { takeChanges } from "./FeedChanges.ts"
import * as Core from "./FeedCore.ts"
import * as Levels from "./FeedLevels.ts"
import * as FeedMarket from "./FeedMarket.ts"
import * as Markets from "./FeedMarkets.ts"
import type { HotMessage } from "./HotMessage.ts"
import type { MarketTable } from "./MarketTable.ts"
import type { TapeMarket } from "./TapeMarket.ts"

type Fields = { readonly [key: string]: unknown }
const MICRO_PER_PIP = 100

/** What a feed needs: where rows and markets go, and how to read records of markets. */
export interface Options {
  readonly writer: {
    readonly rows: Block
    readonly table: MarketTable
    readonly infer: () => void
    readonly last: () => number
  }
  readonly label: Label
  readonly source: string
  readonly readMarkets: Core.ReadMarkets
  readonly wants?: (market: TapeMarket) => boolean
  readonly closed?: boolean
  readonly counts?: Core.Counts
  readonly quoteShares?: number
}

export const make = ({
  closed,
  counts,
  label,
  quoteShares,
  readMarkets,
  source,
  wants,
  writer
}: Options): Core.FeedCore => ({
  rows: writer.rows,
  table: writer.table,
  infer: writer.infer,
  readMarkets,
  wants: wants ?? (() => true),
  closed: closed ?? false,
  counts: counts ?? Core.noCounts(),
  quoteShares: quoteShares ?? 0,
  markets: new Map(),
  byToken: new Map(),
  records: new Map(),
  label,
  source,
  venue: 0,
  receipt: writer.last(),
  last: undefined,
  lastId: ""
})

const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 60)

/** A public trade, in the stream's words or in the data API's old and new ones. */
const trade = (feed: Core.FeedCore, fields: Fields): string | undefined => {
  const asset = fields.asset_id ?? fields.asset ?? fields.token_id
  const market = Markets.marketOf(feed, fields.market ?? fields.conditionId ?? fields.condition_id, asset)
  if (typeof market === "string") return unwanted(feed, market)
  const second = Markets.isSecond(feed, market, asset, fields.outcomeIndex ?? fields.outcome_index)
  if (second === undefined) return `asset_id: ${shown(asset)} is neither of the market's two tokens`
  const told = typeof fields.side === "string" ? fields.side.toUpperCase() : ""
  if (told !== "BUY" && told !== "SELL") return `side: expected BUY or SELL, found ${shown(fields.side)}`
  const price = Math.round(nearestMicro(fields.price) / MICRO_PER_PIP)
  const size = nearestMicro(fields.size)
  if (!(price > 0 && price < PIPS && size > 0)) {
    feed.counts.badTrades++
    return undefined
  }
  feed.counts.trades++
  if (typeof fields.slug === "string")
    Markets.nameMarket(feed, market, fields.slug, fields.title, fields.outcome, second ? 1 : 0)
  const sold = (told === "SELL") !== second
  Core.row(feed, TRADE, market.index, sold ? 1 : 0, second ? PIPS - price : price, size)
  return undefined
}

const unwanted = (feed: Core.FeedCore, market: string): string | undefined => {
  if (market !== "unwanted") return market
  feed.counts.unselected++
  return undefined
}

const tick = (feed: Core.FeedCore, market: FeedMarket.FeedMarket, fields: Fields): string | undefined => {
  const found = pips(fields.new_tick_size)
  if (!FeedMarket.isTick(found))
    return `new_tick_size: expected a tick that divides 1, found ${shown(fields.new_tick_size)}`
  market.tickTold = true
  setTick(feed, market, found)
  return undefined
}

const resolution = (feed: Core.FeedCore, market: FeedMarket.FeedMarket, fields: Fields): string | undefined => {
  const assets: unknown = fields.assets_ids
  if (Array.isArray(assets)) for (const [at, asset] of assets.entries()) Markets.isSecond(feed, market, asset, at)
  const second = Markets.isSecond(feed, market, fields.winning_asset_id)
  if (second === undefined || fields.winning_asset_id === undefined) {
    return `winning_asset_id: ${shown(fields.winning_asset_id)} is neither of the market's two tokens`
  }
  if (market.resolved) return undefined
  market.resolved = true
  feed.counts.resolutions++
  Core.row(feed, RESOLUTION, market.index, 0, second ? 0 : PIPS, 0)
  return undefined
}

const records = (feed: Core.FeedCore, value: unknown): string | undefined => {
  const found = feed.readMarkets([{ value, place: "record" }], feed.source)
  if (Either.isLeft(found)) return found.left
  for (const market of found.right) Markets.learn(feed, market)
  return undefined
}

/** What kind of message it is, where it does not say so itself. */
const typeOf = (fields: Fields): unknown =>
  fields.event_type !== undefined
    ? fields.event_type
    : fields.bids !== undefined || fields.asks !== undefined
      ? "book"
      : fields.price_changes !== undefined
        ? "price_change"
        : fields.new_tick_size !== undefined
          ? "tick_size_change"
          : fields.price !== undefined && fields.size !== undefined && fields.side !== undefined
            ? "last_trade_price"
            : (fields.conditionId !== undefined && fields.outcomes !== undefined) ||
                (fields.c !== undefined && fields.t !== undefined)
              ? "record"
              : undefined

const noTime = (fields: Fields): string => `timestamp: expected a time in digits, found ${shown(fields.timestamp)}`

const ofMarket = (
  feed: Core.FeedCore,
  fields: Fields,
  received: number,
  handle: (feed: Core.FeedCore, market: FeedMarket.FeedMarket, fields: Fields) => string | undefined
): string | undefined => {
  if (!Core.setTimes(feed, fields, received)) return noTime(fields)
  const market = Markets.marketOf(feed, fields.market, fields.asset_id)
  return typeof market === "string" ? unwanted(feed, market) : handle(feed, market, fields)
}

/**
 * Takes in one message of the market channel, a book of the REST API, a public trade or a record of a market (or a list of
 * those), and pushes its rows. `received` is when it came, epoch milliseconds, or NaN where only the message may tell.
 * Returns what is wrong with a message that cannot be read.
 */
export const take = (feed: Core.FeedCore, value: unknown, received: number): string | undefined => {
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const fault = take(feed, value[at], received)
      if (fault !== undefined) return value.length === 1 ? fault : `[${at}]: ${fault}`
    }
    return undefined
  }
  if (!Predicate.isRecord(value)) return `expected a message, found ${shown(value)}`
  const type = typeOf(value)
  feed.counts.messages++
  switch (type) {
    case "price_change":
      // The form that ended in September 2025 tells one level and no complete message.
      return value.price_changes === undefined
        ? strange(feed, "price_change of before 2025-09")
        : ofMarket(feed, value, received, Levels.changes)
    case "book":
      return ofMarket(feed, value, received, Levels.book)
    case "last_trade_price":
      return Core.setTimes(feed, value, received) ? trade(feed, value) : noTime(value)
    case "tick_size_change":
      return ofMarket(feed, value, received, tick)
    case "market_resolved":
      return ofMarket(feed, value, received, resolution)
    case "best_bid_ask":
      if (feed.quoteShares > 0) return ofMarket(feed, value, received, Levels.quote)
      feed.counts.quotes++
      return undefined
    case "record":
    case "new_market":
      return feed.closed ? undefined : records(feed, value)
    case undefined:
      return "neither a message of the market channel, a book, a trade nor a record of a market"
    default:
      return strange(feed, String(type))
  }
}

const strange = (feed: Core.FeedCore, type: string): undefined => {
  feed.counts.strange.set(type, (feed.counts.strange.get(type) ?? 0) + 1)
  return undefined
}

/**
 * Takes in a message that was read out of its bytes, as `take` does; false, and nothing is taken, where it must be read the
 * usual way: it is of a market that cannot be, or of another market's token.
 */
export const takeHot = (feed: Core.FeedCore, hot: HotMessage): boolean => {
  const { asset, isBook, levels, tokens } = hot
  const market = Markets.marketOf(feed, hot.market, undefined)
  if (market === "unwanted") {
    feed.counts.messages++
    feed.counts.unselected++
    return Core.setTime(feed, hot.timestamp, hot.received)
  }
  if (typeof market === "string") return false
  let second: boolean | undefined = false
  if (isBook) second = Markets.isSecond(feed, market, asset)
  else {
    for (let at = 0; at < levels.count && second !== undefined; at++) {
      second = Markets.isSecond(feed, market, tokens[at])
      levels.second[at] = second === true ? 1 : 0
    }
  }
  if (second === undefined) return false
  feed.counts.messages++
  Core.setTime(feed, hot.timestamp, hot.received)
  if (isBook) {
    market.hasBooks = true
    takeBook(feed, market, levels, second)
  } else takeChanges(feed, market, levels)
  return true
}

/** From here on nothing is known of any book, as of a time that is not before the last row. */
export const loseAll = (feed: Core.FeedCore, millis: number): void => {
  feed.receipt = Math.max(feed.receipt, millis)
  feed.venue = feed.receipt
  for (const market of new Set(feed.markets.values())) if (market !== "unwanted") Core.lose(feed, market)
}
