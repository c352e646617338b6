import type * as Either from "effect/Either"
import type { Label } from "../domain/Label.ts"
import { conditionIdOf, type Market } from "../domain/Market.ts"
import { type Block, GAP, push } from "./Block.ts"
import { millis } from "./Decimal.ts"
import * as FeedMarket from "./FeedMarket.ts"
import type { MarketTable } from "./MarketTable.ts"
import { fromMarket, type TapeMarket } from "./TapeMarket.ts"

/** What became of the messages, for the summary. Faults leave a gap; the rest is left out and told. */
export interface Counts {
  messages: number
  books: number
  changes: number
  trades: number
  ticks: number
  resolutions: number
  /** Best prices without sizes: no book can be made of them. */
  quotes: number
  /** Changes that say what the book shows already: most often the same change, told for the other token. */
  unchanged: number
  /** Full books that repeat the one of the other token. */
  mirrored: number
  /** Full books of a known market that say what the changes before them had come to, and those that do not. */
  confirmed: number
  corrected: number
  /** Changes of a market whose book is not known at that moment. */
  early: number
  /** Full books older than what was known. */
  stale: number
  /** Messages that came later than the one before by the clock of the receipt, and the most milliseconds of it. */
  late: number
  latest: number
  /** Of markets that were not asked for. */
  unselected: number
  crossed: number
  offGrid: number
  otherFaults: number
  gaps: number
  /** Messages after which the best prices they tell are not those of the book. */
  quoteMismatches: number
  hashes: number
  wrongHashes: number
  /** Trades whose price or size is none. */
  badTrades: number
  /** Messages of types that are not known here, by type. */
  readonly strange: Map<string, number>
}

export const noCounts = (): Counts => ({
  messages: 0,
  books: 0,
  changes: 0,
  trades: 0,
  ticks: 0,
  resolutions: 0,
  quotes: 0,
  unchanged: 0,
  mirrored: 0,
  confirmed: 0,
  corrected: 0,
  early: 0,
  stale: 0,
  late: 0,
  latest: 0,
  unselected: 0,
  crossed: 0,
  offGrid: 0,
  otherFaults: 0,
  gaps: 0,
  quoteMismatches: 0,
  hashes: 0,
  wrongHashes: 0,
  badTrades: 0,
  strange: new Map()
})

/** Reads records of markets; which words a source uses is known outside this room. */
export type ReadMarkets = (
  entries: ReadonlyArray<{ readonly value: unknown; readonly place: string }>,
  source: string
) => Either.Either<ReadonlyArray<Market>, string>

/** What takes messages in: where the rows go, what is known of markets, and the time of the message at hand. */
export interface FeedCore {
  readonly rows: Block
  readonly table: MarketTable
  readonly infer: () => void
  readonly readMarkets: ReadMarkets
  /** Which markets are wanted. */
  readonly wants: (market: TapeMarket) => boolean
  /** Only markets of the table are taken; otherwise others are entered as they come. */
  readonly closed: boolean
  readonly counts: Counts
  readonly markets: Map<string, FeedMarket.FeedMarket | "unwanted">
  readonly byToken: Map<string, FeedMarket.FeedMarket>
  /** Records that came before the first message of their market, by condition id. */
  readonly records: Map<string, TapeMarket>
  label: Label
  source: string
  /** Times of the message at hand. `receipt` never falls. */
  venue: number
  receipt: number
  last: FeedMarket.FeedMarket | undefined
  lastId: string
}

type Fields = { readonly [key: string]: unknown }

/** The time of receipt that a message carries in one of the ways recorders write it; NaN where it has none. */
export const receiptOf = (fields: Fields): number =>
  fields.local_timestamp !== undefined ? millis(fields.local_timestamp) : millis(fields.recv)

/** Sets the times of the message at hand, each NaN where it is not told; false where neither is. */
export const setTime = (feed: FeedCore, venue: number, received: number): boolean => {
  let receipt = received
  if (Number.isNaN(receipt)) {
    if (Number.isNaN(venue)) return false
    receipt = venue
    feed.infer()
  }
  if (receipt < feed.receipt) {
    feed.counts.late++
    feed.counts.latest = Math.max(feed.counts.latest, feed.receipt - receipt)
  } else feed.receipt = receipt
  feed.venue = Number.isNaN(venue) ? feed.receipt : venue
  return true
}

/** The same with the times that the message carries; `received` is NaN where only the message may tell. */
export const setTimes = (feed: FeedCore, fields: Fields, received: number): boolean =>
  setTime(feed, millis(fields.timestamp), Number.isNaN(received) ? receiptOf(fields) : received)

/** Adds a row at the times of the message at hand. */
export const row = (feed: FeedCore, kind: number, market: number, side: number, price: number, size: number): void =>
  push(feed.rows, kind, market, side, price, size, feed.venue, feed.receipt)

/** From here on nothing is known of the market's book. */
export const lose = (feed: FeedCore, market: FeedMarket.FeedMarket): void => {
  if (!market.known) return
  market.known = false
  FeedMarket.clear(market)
  feed.counts.gaps++
  row(feed, GAP, market.index, 0, 0, 0)
}

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
