import * as Either from "effect/Either"
import type { Fill } from "../domain/Answer.ts"
import type { FeeSchedule } from "../domain/Market.ts"
import { Shares } from "../domain/Money.ts"
import type { Bands, OrderStatus } from "../domain/Order.ts"
import type { Band } from "./Deficit.ts"
import { dequeue, type EventMarket, isCrossed, KNOWN, OURS, type Own, type Side } from "./EventMarket.ts"
import { feesAt } from "./Fees.ts"
import { latencyOf } from "./Latency.ts"
import type { Ground } from "./Pit.ts"
import {
  ASK,
  BANDS,
  BID,
  firstAt,
  NEUTRAL,
  OPTIMISTIC,
  ownAhead,
  PESSIMISTIC,
  type SideIndex,
  traded
} from "./Queue.ts"
import { offered } from "./Resting.ts"
import { answerOf } from "./Taker.ts"
import { fillOf } from "./Terms.ts"

/** The market as the rules of single fills see it; where its book cannot be used, why. */
export const groundOf = (market: EventMarket): Either.Either<Ground, string> => {
  const { book: shown, deficits } = market
  if (market.knowledge !== KNOWN) return Either.left("nothing is known of it since a gap in the data")
  if (isCrossed(shown)) return Either.left("its best bid is not below its best ask")
  return Either.right({ books: { decided: shown, shown, fetchedMillis: market.now }, deficits })
}

/** What a market charges now; undefined where nothing may fill. */
export const feesNow = (market: EventMarket): FeeSchedule | undefined => feesAt(market.rules.fees, market.now)

/** Marks the prices at which shares are ours now, and forgets those at which none are. */
export const markDeficits = ({ deficits, sides }: EventMarket): void => {
  for (const [key, mark] of deficits.marks) {
    const { marks } = sides[mark.side === "bid" ? BID : ASK]
    const any = mark.pessimistic > 0 || mark.neutral > 0 || mark.optimistic > 0
    if (!any) deficits.marks.delete(key)
    marks[mark.index] = any ? (marks[mark.index] ?? 0) | OURS : (marks[mark.index] ?? 0) & ~OURS
  }
}

/** How far an order has come in the bands beside the neutral one. */
export const bandsOf = ({ queue }: EventMarket, own: Own): Bands => ({
  pessimistic: Shares(BigInt(own.filled[PESSIMISTIC] ?? 0)),
  optimistic: Shares(BigInt(own.filled[OPTIMISTIC] ?? 0)),
  queueAhead: Shares(
    BigInt(
      own.slot === 0 ? 0 : (queue.ahead[own.slot * BANDS + OPTIMISTIC] ?? 0) + ownAhead(queue, own.slot, OPTIMISTIC)
    )
  )
})

/** Tells what the exchange says of an order; known once the answer has come back. */
export const tell = (
  market: EventMarket,
  own: Own,
  status: OrderStatus,
  atMillis: number,
  reason: string | undefined,
  fills: ReadonlyArray<Fill> = []
): void => {
  const { listener, rules } = market
  const answer = answerOf(own.order, status, atMillis, reason, fills, bandsOf(market, own))
  listener.answer(answer, own.order, atMillis + latencyOf(rules.latency, "response", own.order.id))
}

/** Ends an order. */
export const end = (
  market: EventMarket,
  own: Own,
  status: OrderStatus,
  atMillis: number,
  reason: string | undefined,
  fills: ReadonlyArray<Fill> = []
): void => {
  if (own.phase === "unmet") market.unmet--
  own.phase = "ended"
  market.orders.delete(own.order.id)
  dequeue(market, own)
  tell(market, own, status, atMillis, reason, fills)
}

const countMaker = (market: EventMarket, own: Own, at: number, band: Band, shares: number, fees: FeeSchedule) => {
  own.filled[at] = (own.filled[at] ?? 0) + shares
  const fill = fillOf(own.order, shares, own.order.price, "maker", fees, market.now)
  market.listener.fill(own.order, band, fill)
  return fill
}

/** Fills a resting order at its limit by so much in each band; the queue has taken it off the rest already. */
const fillResting = (market: EventMarket, own: Own, fees: FeeSchedule, p: number, n: number, o: number): void => {
  if (p > 0) countMaker(market, own, PESSIMISTIC, "pessimistic", p, fees)
  if (o > 0) countMaker(market, own, OPTIMISTIC, "optimistic", o, fees)
  if (n <= 0) return
  const fills = [countMaker(market, own, NEUTRAL, "neutral", n, fees)]
  if ((market.queue.rest[own.slot * BANDS + NEUTRAL] ?? 0) > 0) tell(market, own, "open", market.now, undefined, fills)
  else end(market, own, "filled", market.now, undefined, fills)
}

/** What the other side now shows is offered to the own orders of one side, best price and earliest first. */
const meetQuotes = (market: EventMarket, way: SideIndex, ground: Ground, fees: FeeSchedule): void => {
  const { book, queue, rules, slots } = market
  const step = way === BID ? -1 : 1
  const within = (index: number) =>
    way === BID ? index > 0 && index >= book.bestAsk : index < book.steps && index <= book.bestBid
  for (let index = way === BID ? queue.highest : queue.lowest; within(index); index += step) {
    for (let slot = firstAt(queue, way, index), next = 0; slot !== 0; slot = next) {
      next = queue.next[slot] ?? 0
      const own = slots[slot]
      if (own === undefined) continue
      const base = slot * BANDS
      const { rest } = queue
      const got = offered(ground, own.terms, rules.simulation, {
        pessimistic: rest[base] ?? 0,
        neutral: rest[base + NEUTRAL] ?? 0,
        optimistic: rest[base + OPTIMISTIC] ?? 0
      })
      // What fills neutrally was there, so the optimistic band has filled whole.
      const most = got.neutral > 0 ? (rest[base + OPTIMISTIC] ?? 0) : got.optimistic
      rest[base] = (rest[base] ?? 0) - got.pessimistic
      rest[base + NEUTRAL] = (rest[base + NEUTRAL] ?? 0) - got.neutral
      rest[base + OPTIMISTIC] = (rest[base + OPTIMISTIC] ?? 0) - most
      fillResting(market, own, fees, got.pessimistic, got.neutral, most)
    }
  }
}

/** Shows the present book to the orders that rest. It is usable. */
export const meetBook = (market: EventMarket, ground: Ground): void => {
  const { book, queue } = market
  const fees = feesNow(market)
  if (fees === undefined) return
  const bids = book.bestAsk <= queue.highest
  const asks = book.bestBid >= queue.lowest
  if (bids) meetQuotes(market, BID, ground, fees)
  if (asks) meetQuotes(market, ASK, ground, fees)
  if (bids || asks) markDeficits(market)
}

/**
 * A trade of `volume` at `index` met the shares of one side. Own orders of that side at better prices would have been
 * met before: neutral and optimistic fill the rest of them, pessimistic as much as was traded. At the price itself the
 * volume first reaches the shares ahead. A print whose fall of the book was seen first is a match of that time: orders
 * that came later have no part in it.
 */
export const tradeThrough = (market: EventMarket, way: SideIndex, index: number, volume: number, side: Side): void => {
  const { queue, rules, slots, used } = market
  const debt = market.now - (side.droppedAt[index] ?? 0) > rules.pairMillis ? 0 : (side.dropped[index] ?? 0)
  const explained = Math.min(volume, debt)
  const open = market.now - (side.printedAt[index] ?? 0) > rules.pairMillis ? 0 : (side.printed[index] ?? 0)
  side.dropped[index] = debt - explained
  side.printed[index] = open + volume - explained
  side.printedAt[index] = market.now
  if (way === BID ? queue.highest < index : queue.lowest > index) return
  const fees = feesNow(market)
  used.fill(0)
  const step = way === BID ? -1 : 1
  const matchedAt = explained === volume ? (side.droppedAt[index] ?? 0) : Number.POSITIVE_INFINITY
  if (fees !== undefined) {
    for (let at = way === BID ? queue.highest : queue.lowest; at !== index; at += step) {
      for (let slot = firstAt(queue, way, at), next = 0; slot !== 0; slot = next) {
        next = queue.next[slot] ?? 0
        const own = slots[slot]
        if (own === undefined || (queue.entered[slot] ?? 0) >= matchedAt) continue
        const base = slot * BANDS
        const { rest } = queue
        const [p, n, o] = [rest[base] ?? 0, rest[base + NEUTRAL] ?? 0, rest[base + OPTIMISTIC] ?? 0]
        const least = Math.min(p, volume - (used[PESSIMISTIC] ?? 0))
        rest[base] = p - least
        rest[base + NEUTRAL] = 0
        rest[base + OPTIMISTIC] = 0
        used[PESSIMISTIC] = (used[PESSIMISTIC] ?? 0) + least
        used[NEUTRAL] = Math.min(volume, (used[NEUTRAL] ?? 0) + n)
        used[OPTIMISTIC] = Math.min(volume, (used[OPTIMISTIC] ?? 0) + o)
        fillResting(market, own, fees, least, n, o)
      }
    }
  }
  const ratio = debt === 0 ? 0 : explained / debt
  const size = side.sizes[index] ?? 0
  for (let slot = firstAt(queue, way, index), next = 0; slot !== 0; slot = next) {
    next = queue.next[slot] ?? 0
    traded(queue, slot, volume, explained, ratio, size, used, fees !== undefined)
    const own = slots[slot]
    if (own === undefined || fees === undefined) continue
    const { fills } = queue
    fillResting(market, own, fees, fills[PESSIMISTIC] ?? 0, fills[NEUTRAL] ?? 0, fills[OPTIMISTIC] ?? 0)
  }
}
