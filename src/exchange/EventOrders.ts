import * as Either from "effect/Either"
import * as Agenda from "./EventAgenda.ts"
import { end, feesNow, groundOf, markDeficits, meetBook, tell } from "./EventFills.ts"
import { type Action, BUILDING, type EventMarket, enqueue, KNOWN, type Own } from "./EventMarket.ts"
import { NEUTRAL, OPTIMISTIC, PESSIMISTIC } from "./Queue.ts"
import { type Met, meet as meetNow } from "./Taker.ts"
import { fillOf, priceAt, termsOf } from "./Terms.ts"
import * as Walk from "./Walk.ts"

const BANDED = [
  [PESSIMISTIC, "pessimistic"],
  [OPTIMISTIC, "optimistic"],
  [NEUTRAL, "neutral"]
] as const

/** Counts and tells what a taker took, in each band. */
const countTaker = (market: EventMarket, own: Own, { walks }: Met): void => {
  const fees = feesNow(market)
  if (fees === undefined) return
  for (const [at, band] of BANDED) {
    for (const { index, shares } of walks[band].takes) {
      own.filled[at] = (own.filled[at] ?? 0) + shares
      const price = priceAt(own.terms, index)
      market.listener.fill(own.order, band, fillOf(own.order, shares, price, "taker", fees, market.now))
    }
  }
}

/** An order meets the book: it takes, and then ends or rests. Without a usable book it is killed, or rests unmet. */
const meet = (market: EventMarket, own: Own, atMillis: number): void => {
  const ground = groundOf(market)
  const waiting = own.phase === "unmet"
  const met = meetNow(own.order, ground, feesNow(market), market.rules.simulation, atMillis)
  countTaker(market, own, met)
  const { fills, reason, status } = met.answer
  if (Either.isRight(ground)) markDeficits(market)
  if (status !== "open") {
    // An order that was answered to rest can only be cancelled.
    end(market, own, waiting && status === "rejected" ? "cancelled" : status, atMillis, reason, fills)
    return
  }
  if (Either.isLeft(ground)) {
    own.phase = "unmet"
    market.unmet++
    market.dirty = true
  } else {
    own.phase = "resting"
    if (waiting) market.unmet--
    enqueue(market, own)
  }
  if (!waiting || fills.length > 0) tell(market, own, "open", atMillis, reason, fills)
}

/** Whether the book shows anything that the order would meet at once. */
const isMarketable = (market: EventMarket, own: Own): boolean =>
  Either.match(groundOf(market), { onLeft: () => false, onRight: ({ books }) => Walk.reaches(books.shown, own.terms) })

const arrive = (market: EventMarket, own: Own, atMillis: number): void => {
  const { orders, rules } = market
  // From now on in the order of arrival.
  orders.delete(own.order.id)
  orders.set(own.order.id, own)
  own.terms = termsOf(own.order, market.book, rules.simulation)
  if (market.payout !== undefined) end(market, own, "rejected", atMillis, "the market is resolved")
  else if (rules.takerDelayMillis > 0 && !own.order.postOnly && isMarketable(market, own)) {
    own.phase = "delayed"
    own.meetsMillis = atMillis + rules.takerDelayMillis
    Agenda.add(market.agenda, own.meetsMillis, { _tag: "Meet", own })
    tell(market, own, "delayed", atMillis, undefined)
  } else meet(market, own, atMillis)
}

const act = (market: EventMarket, action: Action, dueMillis: number): void => {
  const { own } = action
  if (own.phase === "ended") return
  const atMillis = Math.max(dueMillis, market.now)
  if (action._tag === "Cancel") {
    // In its taker delay the venue does not let go of an order: the cancel takes what the delay leaves.
    if (own.phase === "delayed") Agenda.add(market.agenda, own.meetsMillis, action)
    else end(market, own, action.as, atMillis, action.reason)
  } else if (action._tag === "Expire") end(market, own, "expired", dueMillis, "its lifetime has ended")
  else if (action._tag === "Arrive") arrive(market, own, atMillis)
  else meet(market, own, atMillis)
}

/** Ends the group of events of one time: orders that had no book meet it, then resting ones what is new in it. */
export const settle = (market: EventMarket): void => {
  if (market.knowledge !== KNOWN) return
  const ground = groundOf(market)
  if (Either.isLeft(ground)) {
    if (!market.crossed) market.faults++
    market.crossed = true
    return
  }
  market.dirty = false
  market.crossed = false
  if (market.unmet > 0) {
    for (const own of [...market.orders.values()]) if (own.phase === "unmet") meet(market, own, market.now)
  }
  meetBook(market, ground.right)
}

/**
 * Time goes on to `toMillis`: what is due before it happens, and what is due at it too where `inclusive`. While a full
 * book is coming in nothing happens: there is no book to meet.
 */
export const turn = (market: EventMarket, toMillis: number, inclusive: boolean): void => {
  const { agenda } = market
  if (market.knowledge !== BUILDING) {
    if (market.dirty) settle(market)
    while (inclusive ? agenda.next <= toMillis : agenda.next < toMillis) {
      const due = Agenda.take(agenda)
      if (due === undefined) break
      if (due.millis > market.now) market.now = Math.ceil(due.millis)
      act(market, due.what, Math.ceil(due.millis))
    }
  }
  if (toMillis > market.now) market.now = toMillis
}
