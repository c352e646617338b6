import type * as Either from "effect/Either"
import type { Label } from "../domain/Label.ts"
import type { Market } from "../domain/Market.ts"
import { type Block, GAP, push } from "./Block.ts"
import { millis } from "./Decimal.ts"
import * as FeedMarket from "./FeedMarket.ts"
import type { MarketTable } from "./MarketTable.ts"
import type { TapeMarket } from "./TapeMarket.ts"

/** What became of the messages, for the summary. Faults leave a gap; the rest is left out and told. */
export interface Counts {
  messages: number
  books: number
  changes: number
  trades: number
  ticks: number
  resolutions: number
  /** Best prices without sizes: no book can be made of them, or one of an assumed size. */
  quotes: number
  quoted: number
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
  quoted: 0,
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
  /** Micro-shares assumed at best prices of markets that have no books; 0 where no book is to be made of them. */
  readonly quoteShares: number
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
