import * as Either from "effect/Either"
import type { BookSnapshot, DataFault, Level } from "../../domain/Book.ts"
import type { FeeSchedule, Market, Payouts } from "../../domain/Market.ts"
import { Price, Shares, UNIT, Usd } from "../../domain/Money.ts"
import * as Book from "../../exchange/Book.ts"
import { type EventMarket, isCrossed, KNOWN } from "../../exchange/EventMarket.ts"
import * as Matching from "../../exchange/EventMatching.ts"
import { type DatedFees, feesAt } from "../../exchange/Fees.ts"
import { PIPS } from "../Block.ts"
import type { Quote } from "./Observer.ts"

/** Longest time by which the feed is taken to be late: beyond it the stream stood still, and is no measure. */
const MOST_LAG = 1_000

const MICRO_PER_PIP = 100

/** One market while it is replayed: its exchange, and what has arrived of it. */
export interface Place {
  /** The record as it is known now: tick, and once it is resolved what it pays. */
  market: Market
  readonly engine: EventMarket
  /** What it charges, by date. */
  readonly fees: Array<DatedFees>
  /** Pips from one price of the grid to the next. */
  tick: number
  /** How much later than it happened the last event arrived. */
  lag: number
  /** When its exchange is next to be looked at although nothing arrives; infinite where nothing is due. */
  lookMillis: number
}

export const make = (market: Market, engine: EventMarket, fees: Array<DatedFees>): Place => ({
  market,
  engine,
  fees,
  tick: Number(market.tick) / MICRO_PER_PIP,
  lag: 0,
  lookMillis: Number.POSITIVE_INFINITY
})

/** From a time on the market charges this, until the next time of which something else is known. */
export const charge = ({ fees }: Place, fee: FeeSchedule | undefined, fromMillis: number): void => {
  const at = fees.findLastIndex((each) => each.fromMillis <= fromMillis)
  const before = fees[at]?.fees
  const isSame = before?.rate === fee?.rate && before?.exponent === fee?.exponent
  if (!isSame) fees.splice(at + 1, 0, { fromMillis, fees: fee })
}

/** The record of a market at a time. */
export const marketAt = ({ fees, market }: Place, nowMillis: number): Market => ({
  ...market,
  fees: feesAt(fees, nowMillis)
})

/** An event has arrived: the feed is as late as it was. */
export const arrived = (place: Place, venueMillis: number, receiptMillis: number): void => {
  const lag = receiptMillis - venueMillis
  place.lag = lag < 0 ? 0 : lag > MOST_LAG ? MOST_LAG : lag
}

/**
 * The time up to which everything that happened at the exchange has arrived, as far as one can tell: nothing is matched
 * beyond it unless a later event proves that it has passed.
 */
export const horizon = (place: Place, nowMillis: number): number => nowMillis - place.lag

/** The grid changes. */
export const retick = (place: Place, pips: number, atMillis: number): void => {
  if (!(pips > 0) || PIPS % pips !== 0) return
  place.tick = pips
  place.market = { ...place.market, tick: Price(BigInt(pips * MICRO_PER_PIP)) }
  Matching.tick(place.engine, place.market.tick, atMillis)
}

/** A price shows a size. One between the prices of the grid makes the grid as fine as prices can be. */
export const level = (place: Place, side: number, pips: number, size: number, atMillis: number): void => {
  let index = pips / place.tick
  if (index !== (index | 0)) {
    retick(place, 1, atMillis)
    index = pips
  }
  Matching.level(place.engine, side === 0 ? 0 : 1, index, size, atMillis)
}

/** Someone traded. A price between those of the grid counts as the nearest one. */
export const trade = (place: Place, pips: number, size: number, atMillis: number): void =>
  Matching.trade(place.engine, Math.round(pips / place.tick), size, atMillis)

/** The market is resolved and pays; returns what. */
export const resolve = (place: Place, pips: number, atMillis: number): Payouts => {
  const first = BigInt(Math.min(PIPS, pips) * MICRO_PER_PIP)
  const payouts: Payouts = [Usd(first), Usd(UNIT - first)]
  place.market = { ...place.market, payouts, closedBecause: "resolved" }
  Matching.resolve(place.engine, Number(first), atMillis)
  return payouts
}

const priceAt = (book: Book.Book, index: number): Price | undefined =>
  Book.isPrice(book, index) ? Price(BigInt(index * book.tick)) : undefined

/** Best prices; none where the book is not known or contradicts itself. A resolved market stands at its payout. */
export const quote = ({ engine, market }: Place): Quote | undefined => {
  if (market.payouts !== undefined) {
    const paid = Price(market.payouts[0])
    return { bid: paid, ask: paid }
  }
  const { book, knowledge } = engine
  if (knowledge !== KNOWN || isCrossed(book)) return undefined
  return { bid: priceAt(book, book.bestBid), ask: priceAt(book, book.bestAsk) }
}

const levels = (book: Book.Book, side: Book.BookSide): ReadonlyArray<Level> => {
  const found: Array<Level> = []
  for (let index = Book.best(book, side); Book.isPrice(book, index); index = Book.next(book, side, index)) {
    found.push({
      price: Price(BigInt(index * book.tick)),
      size: Shares(BigInt(Book.sizeAt(book, side, index)))
    })
  }
  return found
}

/** The displayed book as it has arrived by now. */
export const snapshot = (place: Place, nowMillis: number): Either.Either<BookSnapshot, DataFault> => {
  const { engine, market } = place
  const { conditionId } = market
  const { book, knowledge } = engine
  if (knowledge !== KNOWN)
    return Either.left({ conditionId, reason: "no full book has arrived since the data began or broke" })
  if (isCrossed(book)) return Either.left({ conditionId, reason: "its best bid is not below its best ask" })
  return Either.right({
    conditionId,
    bids: levels(book, "bid"),
    asks: levels(book, "ask"),
    tick: market.tick,
    venueMillis: engine.now,
    fetchedMillis: nowMillis
  })
}
