import type { Price } from "../domain/Money.ts"
import type { Bands, Order } from "../domain/Order.ts"
import { LARGEST, setAsk, setBid } from "./Book.ts"
import * as Agenda from "./EventAgenda.ts"
import * as Fills from "./EventFills.ts"
import {
  BUILDING,
  type EventMarket,
  forget,
  KNOWN,
  lately,
  OURS,
  OWN,
  type Own,
  regrid,
  type Side,
  UNKNOWN
} from "./EventMarket.ts"
import { turn } from "./EventOrders.ts"
import { latencyOf } from "./Latency.ts"
import { ASK, BANDS, BID, fell as queueFell, type SideIndex } from "./Queue.ts"
import { termsOf } from "./Terms.ts"

/**
 * The event-driven matching of one market: level-2 changes and trades go in, answers to own orders come out through the
 * market's `Listener`. The same rules as on snapshots for takers and for quotes that meet resting orders, and a queue
 * for trades at the price; three bands in one pass, each with its own queue, deficits and remainders.
 *
 * Times are exchange times in whole epoch milliseconds and never go back (an earlier one counts as the present one).
 * Events of one time are one group: own orders, cancels and quotes are looked at once the group is over, that is when a
 * later event comes or at `advance`. So an own order meets the book after all events of its time of arrival, a cancel
 * comes after the trades of its time, and an order that expires at a time has no part in the events of that time.
 *
 * Prices are indices (price / tick) of the first outcome's book, sides 0 (bid) and 1 (ask), sizes micro-shares. A market
 * begins unknown: nothing is looked at before the first full book. An event at a price where nothing is ours costs little
 * more than the write into the book.
 */

/** The displayed size of a price shrank; `at` is the time of the event. */
const fell = (market: EventMarket, way: SideIndex, side: Side, index: number, before: number, size: number): void => {
  const { now, rules } = market
  const drop = before - size
  let explained = 0
  const printed = side.printed[index] ?? 0
  if (printed > 0) {
    if (now - (side.printedAt[index] ?? 0) <= rules.pairMillis) explained = drop < printed ? drop : printed
    side.printed[index] = explained > 0 ? printed - explained : 0
  }
  const cancelled = drop - explained
  let fresh = false
  if (cancelled > 0) {
    fresh = now - (side.droppedAt[index] ?? 0) > rules.pairMillis
    side.dropped[index] = fresh ? cancelled : (side.dropped[index] ?? 0) + cancelled
    side.droppedAt[index] = now
  }
  const marks = side.marks[index] ?? 0
  if (marks === 0) return
  if ((marks & OWN) !== 0) {
    queueFell(market.queue, way, index, before - explained, cancelled, size, rules.cancellations, fresh)
  }
  if ((marks & OURS) !== 0) shrink(market, way, side, index, size)
}

/** No more can be ours than is displayed. */
const shrink = ({ deficits }: EventMarket, way: SideIndex, side: Side, index: number, size: number): void => {
  const key = index * 2 + way
  const mark = deficits.marks.get(key)
  if (mark === undefined) return
  mark.pessimistic = Math.min(mark.pessimistic, size)
  mark.neutral = Math.min(mark.neutral, size)
  mark.optimistic = Math.min(mark.optimistic, size)
  if (size > 0) return
  deficits.marks.delete(key)
  side.marks[index] = (side.marks[index] ?? 0) & ~OURS
}

/** What a change of one displayed size means to what is ours. */
const changed = (market: EventMarket, way: SideIndex, index: number, before: number, size: number): void => {
  if (size < before) fell(market, way, market.sides[way], index, before, size)
  else if (size > before && (way === BID ? index >= market.queue.lowest : index <= market.queue.highest)) {
    market.dirty = true
  }
}

const goTo = (market: EventMarket, atMillis: number): void => {
  if (atMillis <= market.now) return
  if (market.dirty || market.agenda.next < atMillis) turn(market, atMillis, false)
  else market.now = atMillis
}

/** A price now shows `size`; 0 takes it away. */
export const level = (market: EventMarket, side: SideIndex, index: number, size: number, atMillis: number): void => {
  if (atMillis > market.now) goTo(market, atMillis)
  const { book, knowledge } = market
  if (knowledge === UNKNOWN) return
  if (!(index > 0 && index < book.steps && size >= 0 && size <= LARGEST)) {
    market.faults++
    return
  }
  if (side === BID) {
    const before = book.bids[index] ?? 0
    setBid(book, index, size)
    if (knowledge === KNOWN && before !== size) changed(market, BID, index, before, size)
  } else {
    const before = book.asks[index] ?? 0
    setAsk(book, index, size)
    if (knowledge === KNOWN && before !== size) changed(market, ASK, index, before, size)
  }
}

/** A full book begins: the levels until `seal` are all there is. */
export const clear = (market: EventMarket, atMillis: number): void => {
  goTo(market, atMillis)
  const { book, sides } = market
  if (market.knowledge !== BUILDING) market.continued = market.knowledge === KNOWN
  for (const side of sides) {
    if (market.knowledge === KNOWN) side.previous.set(side.sizes)
    side.sizes.fill(0)
  }
  book.bestBid = 0
  book.bestAsk = book.steps
  market.knowledge = BUILDING
}

/**
 * The full book is complete. Where the book was known before, it is compared with it, price by price; after a gap or a
 * change of tick it begins anew, and every queue and deficit with it.
 */
export const seal = (market: EventMarket, atMillis: number): void => {
  goTo(market, atMillis)
  if (market.knowledge !== BUILDING) return
  market.knowledge = KNOWN
  if (!market.continued) {
    forget(market)
    return
  }
  for (const way of [BID, ASK] as const) {
    const { previous, sizes } = market.sides[way]
    for (let index = 1; index < market.book.steps; index++) {
      const before = previous[index] ?? 0
      const size = sizes[index] ?? 0
      if (before !== size) changed(market, way, index, before, size)
    }
  }
}

/**
 * Which side a print met: the one that lost as much there a moment ago, or else shows the price. The feed's own word for
 * the direction is right in little more than half of the cases and is not asked. Undefined: both may be.
 */
const sideMet = (market: EventMarket, index: number, size: number): SideIndex | undefined => {
  const { book, sides } = market
  const [bids, asks] = sides
  const [bidLoss, askLoss] = [lately(market, bids, index), lately(market, asks, index)]
  if (bidLoss >= size !== askLoss >= size) return bidLoss >= size ? BID : ASK
  const [bid, ask] = [bids.sizes[index] ?? 0, asks.sizes[index] ?? 0]
  if (bid > 0 !== ask > 0) return bid > 0 ? BID : ASK
  if (bidLoss > 0 !== askLoss > 0) return bidLoss > 0 ? BID : ASK
  if (index <= book.bestBid) return BID
  return index >= book.bestAsk ? ASK : undefined
}

/** A print. Inside the spread, where neither side shows it, it met something that own orders at or beyond it stood before. */
export const trade = (market: EventMarket, index: number, size: number, atMillis: number): void => {
  goTo(market, atMillis)
  const { book, knowledge, sides } = market
  if (knowledge !== KNOWN) return
  const inside = index > 0 && index < book.steps && size > 0 && size <= LARGEST
  if (!inside || ((sides[BID].sizes[index] ?? 0) > 0 && (sides[ASK].sizes[index] ?? 0) > 0)) {
    market.faults++
    return
  }
  const met = sideMet(market, index, size)
  if (met !== ASK) Fills.tradeThrough(market, BID, index, size, sides[BID])
  if (met !== BID) Fills.tradeThrough(market, ASK, index, size, sides[ASK])
}

/** The grid changes: what is displayed stays where the new grid has its price; queues and deficits begin anew. */
export const tick = (market: EventMarket, newTick: Price, atMillis: number): void => {
  goTo(market, atMillis)
  if (Number(newTick) === market.book.tick) return
  if (market.dirty) turn(market, market.now, false)
  regrid(market, newTick)
}

/** From here on nothing is known until the next full book: nothing fills, FOK and FAK are killed, others rest. */
export const gap = (market: EventMarket, atMillis: number): void => {
  goTo(market, atMillis)
  if (market.dirty) turn(market, market.now, false)
  market.knowledge = UNKNOWN
  market.gaps++
}

/** The market is resolved: own orders end, later ones are refused. `payout`: micro-dollars of the first outcome. */
export const resolve = (market: EventMarket, payout: number, atMillis: number): void => {
  goTo(market, atMillis)
  if (market.dirty) turn(market, market.now, false)
  market.payout = payout
  for (const own of [...market.orders.values()]) {
    if (own.phase !== "sent") Fills.end(market, own, "cancelled", market.now, "the market is resolved")
  }
}

/**
 * Sends an order that was decided at a time: it arrives one entry latency later. An id that is still alive is the same
 * order and is not sent again.
 */
export const submit = (market: EventMarket, order: Order, decidedMillis: number): void => {
  const { agenda, book, orders, rules } = market
  if (orders.has(order.id)) return
  const meetsMillis = decidedMillis + latencyOf(rules.latency, "entry", order.id)
  const terms = termsOf(order, book, rules.simulation)
  const own: Own = { order, phase: "sent", meetsMillis, terms, slot: 0, filled: new Float64Array(BANDS) }
  orders.set(order.id, own)
  const { cancelAfterMillis } = order
  // Half a millisecond early, and so before the events of its time.
  if (cancelAfterMillis !== undefined) {
    Agenda.add(agenda, Math.max(cancelAfterMillis, decidedMillis) - 0.5, { _tag: "Expire", own })
  }
  Agenda.add(agenda, meetsMillis, { _tag: "Arrive", own })
}

/**
 * Asks for an order back: the cancel takes its latency, what fills before counts, and it never overtakes its order. An
 * order that has ended by then has no second answer.
 */
export const cancel = (
  market: EventMarket,
  orderId: string,
  decidedMillis: number,
  as: "cancelled" | "expired" = "cancelled",
  reason: string | undefined = undefined
): void => {
  const own = market.orders.get(orderId)
  if (own === undefined) return
  const due = Math.max(decidedMillis + latencyOf(market.rules.latency, "cancel", orderId), own.meetsMillis)
  Agenda.add(market.agenda, due, { _tag: "Cancel", own, as, reason })
}

/** Time goes on, and everything that is due by then happens, at that time too. */
export const advance = (market: EventMarket, toMillis: number): void => turn(market, toMillis, true)

/** When own orders next have something due, without new data: infinite where nothing is. */
export const nextMillis = (market: EventMarket): number => Math.ceil(market.agenda.next)

/** How far an order that has not ended has come beside the neutral band. */
export const bandsOf = (market: EventMarket, orderId: string): Bands | undefined => {
  const own = market.orders.get(orderId)
  return own === undefined ? undefined : Fills.bandsOf(market, own)
}
