import { conditionIdOf, type Market } from "../domain/Market.ts"
import type { FeedCore } from "./FeedCore.ts"
import * as FeedMarket from "./FeedMarket.ts"
import { fromMarket, type TapeMarket } from "./TapeMarket.ts"

/**
 * Keeps a record for when its market is first met. One that comes later says more of a market that no record described,
 * unless it turns the outcomes around: then it comes too late.
 */
export const learn = (feed: FeedCore, market: Market): void => {
  const { conditionId, tokenIds } = market
  const known = feed.markets.get(conditionId)
  if (known === undefined) feed.records.set(conditionId, fromMarket(market))
  else if (known !== "unwanted" && known.nameless && known.first === tokenIds[0] && known.second === tokenIds[1]) {
    known.nameless = false
    known.record = { ...fromMarket(market), tick: known.record.tick }
    feed.table.put(known.record)
  }
}

const enter = (feed: FeedCore, record: TapeMarket, standIns: ReadonlyArray<string>) => {
  if (!feed.wants(record)) {
    feed.markets.set(record.conditionId, "unwanted")
    return "unwanted" as const
  }
  const index = feed.table.put(record)
  if (index === undefined) return "the tape's table of 65535 markets is full"
  const market = FeedMarket.make(index, record, standIns)
  feed.markets.set(record.conditionId, market)
  for (const token of record.tokenIds) feed.byToken.set(token, market)
  return market
}

/** Enters a market that the caller knows, before its first message. */
export const enterKnown = (feed: FeedCore, record: TapeMarket): void => {
  enter(feed, record, [])
}

const ofLabel = (feed: FeedCore): TapeMarket | undefined => {
  for (const record of feed.records.values()) if (record.slug === feed.label.slug) return record
  return undefined
}

const meet = (feed: FeedCore, id: string | undefined, asset: string | undefined) => {
  const found = asset === undefined || id !== undefined ? undefined : feed.byToken.get(asset)
  if (found !== undefined) return found
  let record: TapeMarket | undefined
  if (id !== undefined) record = feed.records.get(id)
  else if (asset === undefined) record = ofLabel(feed)
  else {
    for (const each of feed.records.values()) if (each.tokenIds.includes(asset)) record = each
    record ??= ofLabel(feed)
  }
  const conditionId = record?.conditionId ?? id ?? feed.label.market
  const known = feed.markets.get(conditionId)
  if (known !== undefined) return known
  if (feed.closed) return "unwanted" as const
  if (record !== undefined) return enter(feed, record, [])
  const made = FeedMarket.unrecorded(conditionId, feed.label, feed.source)
  return enter(feed, made, made.tokenIds)
}

/** The market of a message: "unwanted", or a text where there can be none. */
export const marketOf = (feed: FeedCore, id: unknown, asset: unknown): FeedMarket.FeedMarket | string => {
  if (id !== undefined && id === feed.lastId && feed.last !== undefined) return feed.last
  if (id !== undefined && typeof id !== "string") return "market: expected a text"
  if (asset !== undefined && typeof asset !== "string") return "asset_id: expected a text"
  const known = id === undefined ? undefined : feed.markets.get(id)
  const market = known ?? meet(feed, id === undefined || id === "" ? undefined : conditionIdOf(id), asset)
  if (id !== undefined && typeof market !== "string") {
    feed.markets.set(id, market)
    feed.last = market
    feed.lastId = id
  }
  return market
}

const adopt = (feed: FeedCore, market: FeedMarket.FeedMarket, outcome: 0 | 1, token: string): void => {
  const before = outcome === 0 ? market.first : market.second
  market.standIns.delete(before)
  feed.byToken.delete(before)
  feed.byToken.set(token, market)
  if (outcome === 0) market.first = token
  else market.second = token
  market.record = { ...market.record, tokenIds: [market.first, market.second] }
  feed.table.put(market.record)
}

/** Gives a market that no record describes the names that come with a trade of the data API. */
export const nameMarket = (
  feed: FeedCore,
  market: FeedMarket.FeedMarket,
  slug: string,
  title: unknown,
  outcome: unknown,
  index: 0 | 1
): void => {
  const { outcomes } = market.record
  if (!market.nameless || typeof outcome !== "string" || (outcomes[index] === outcome && market.record.slug === slug))
    return
  market.record = {
    ...market.record,
    slug,
    question: typeof title === "string" ? title : slug,
    outcomes: index === 0 ? [outcome, outcomes[1]] : [outcomes[0], outcome]
  }
  feed.table.put(market.record)
}

/**
 * Whether a message of a token is told from the second outcome; undefined where the token is none of the market's. Tokens
 * that nobody named before take the places as they come, the one that the file's name or the message tells first.
 */
export const isSecond = (
  feed: FeedCore,
  market: FeedMarket.FeedMarket,
  asset: unknown,
  told: unknown = undefined
): boolean | undefined => {
  if (asset === market.second) return true
  if (asset === market.first) return false
  if (asset === undefined) return feed.label.index === 1
  if (typeof asset !== "string") return undefined
  const wished = told === 0 || told === 1 ? told : feed.label.index
  const places = wished === 1 ? ([1, 0] as const) : ([0, 1] as const)
  for (const place of places) {
    if (!market.standIns.has(place === 0 ? market.first : market.second)) continue
    adopt(feed, market, place, asset)
    return place === 1
  }
  return undefined
}
