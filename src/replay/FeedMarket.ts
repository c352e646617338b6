import type { Label } from "../domain/Label.ts"
import { Price, Shares, UNIT } from "../domain/Money.ts"
import * as Book from "../exchange/Book.ts"
import { BID, PIPS } from "./Block.ts"
import type { TapeMarket } from "./TapeMarket.ts"

const MICRO_PER_PIP = 100

/** Ticks the venue has, coarsest first, in pips. */
const TICKS = [1_000, 100, 50, 25, 10, 1] as const
const USUAL_TICK = 100
const USUAL_MIN_SIZE = 5n * UNIT

/** One market while what is recorded of it is taken in: its ids, and its book as the messages so far tell it. */
export interface FeedMarket {
  /** Index in the table of markets. */
  readonly index: number
  readonly conditionId: string
  record: TapeMarket
  first: string
  second: string
  /** No record describes it: names and terms are what is usual. */
  nameless: boolean
  /** Tokens that only stand in until the recording names the real ones. */
  readonly standIns: Set<string>
  book: Book.Book
  /** In pips. */
  tick: number
  /** The stream itself told the tick; one out of a record may be older or newer than the recording. */
  tickTold: boolean
  /** Prices that show something. */
  levels: number
  /** Full books were told, not only best prices. */
  hasBooks: boolean
  /** The book is known: since the last full one nothing went missing. */
  known: boolean
  /** Something has changed since the last full book. */
  changed: boolean
  /** The token whose full book was taken in last. */
  lastBook: string
  /** Venue's time of the last full book or change. */
  lastVenue: number
  resolved: boolean
}

/** A market out of what is known of it. */
export const make = (index: number, record: TapeMarket, standIns: ReadonlyArray<string>): FeedMarket => {
  const tick = Number(record.tick) / MICRO_PER_PIP
  return {
    index,
    conditionId: record.conditionId,
    record,
    first: record.tokenIds[0],
    second: record.tokenIds[1],
    nameless: standIns.length > 0,
    standIns: new Set(standIns),
    book: Book.make(record.tick),
    tick,
    tickTold: false,
    levels: 0,
    hasBooks: false,
    known: false,
    changed: false,
    lastBook: "",
    lastVenue: 0,
    resolved: false
  }
}

/** The record of a market that no source describes: what is usual, and no fee, since nobody told one. */
export const unrecorded = (conditionId: string, label: Label, source: string): TapeMarket => {
  const named = label.market === conditionId
  return {
    marketId: conditionId,
    slug: named ? label.slug : conditionId,
    conditionId,
    question: "recorded",
    outcomes: label.outcomes,
    tokenIds: named ? label.tokens : [`${conditionId}:0`, `${conditionId}:1`],
    tick: Price(BigInt(USUAL_TICK * MICRO_PER_PIP)),
    minSize: Shares(USUAL_MIN_SIZE),
    fees: null,
    negRisk: false,
    version: "v1",
    takerDelayMillis: 0,
    source
  }
}

/** Empties the book. */
export const clear = (market: FeedMarket): void => {
  const { book } = market
  book.bids.fill(0)
  book.asks.fill(0)
  book.bestBid = 0
  book.bestAsk = book.steps
  market.levels = 0
}

/** The displayed size at a price of the grid. */
export const shown = ({ book }: FeedMarket, side: number, step: number): number =>
  (side === BID ? book.bids[step] : book.asks[step]) ?? 0

/** Shows a size at a price of the grid. */
export const show = (market: FeedMarket, side: number, step: number, size: number): void => {
  const before = shown(market, side, step)
  if (before === 0 && size > 0) market.levels++
  else if (before > 0 && size === 0) market.levels--
  if (side === BID) Book.setBid(market.book, step, size)
  else Book.setAsk(market.book, step, size)
}

/** Index of a price on the grid, 0 where it is none of its prices. */
export const stepOf = ({ tick }: FeedMarket, price: number): number => {
  const step = price / tick
  return price > 0 && price < PIPS && Number.isInteger(step) ? step : 0
}

/** Best bid and ask in pips: 0 and 10000 where there is none, as the venue tells it. */
export const bestBid = ({ book, tick }: FeedMarket): number => book.bestBid * tick
export const bestAsk = ({ book, tick }: FeedMarket): number => book.bestAsk * tick

/** Both sides have prices and the bid is at or above the ask. */
export const isCrossed = ({ book }: FeedMarket): boolean => book.bestBid > 0 && book.bestBid >= book.bestAsk

/** The coarsest tick of the venue that is as fine as the present one and has the price; undefined where none has. */
export const tickFor = ({ tick }: FeedMarket, price: number): number | undefined =>
  price > 0 && price < PIPS && Number.isInteger(price)
    ? TICKS.find((each) => each <= tick && tick % each === 0 && price % each === 0)
    : undefined

export const isTick = (pips: number): boolean => Number.isInteger(pips) && pips > 0 && pips < PIPS && PIPS % pips === 0

/** The same book on another grid; levels between its prices are dropped. */
export const regrid = (market: FeedMarket, tick: number): void => {
  const { book: from, tick: before } = market
  market.book = Book.make(Price(BigInt(tick * MICRO_PER_PIP)))
  market.tick = tick
  market.levels = 0
  for (let step = 1; step < from.steps; step++) {
    const at = (step * before) / tick
    if (!Number.isInteger(at)) continue
    const [bid, ask] = [from.bids[step] ?? 0, from.asks[step] ?? 0]
    if (bid > 0) show(market, 0, at, bid)
    if (ask > 0) show(market, 1, at, ask)
  }
}
