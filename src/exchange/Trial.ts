import * as Either from "effect/Either"
import type { BookSnapshot, Level } from "../domain/Book.ts"
import type { ConditionId, FeeSchedule } from "../domain/Market.ts"
import { complement, max, Price, Shares, Usd, ZERO_SHARES, ZERO_USD } from "../domain/Money.ts"
import type { Order, OrderState } from "../domain/Order.ts"
import { placed } from "../domain/OrderState.ts"
import type { Simulation } from "../domain/Plan.ts"
import * as Book from "./Book.ts"
import * as Deficit from "./Deficit.ts"
import { check } from "./Integrity.ts"
import type { Ground } from "./Pit.ts"
import { revisit } from "./Resting.ts"
import type { Floor } from "./Snapshot.ts"
import { type Met, meet } from "./Taker.ts"
import { fillOf, priceAt, type Terms, termsOf } from "./Terms.ts"
import type { Walked } from "./Walk.ts"

/** What an order came to, in one band. Fees are apart from the notional. */
export interface Came {
  readonly qty: Shares
  readonly notional: Usd
  readonly fees: Usd
}

/** What the simulator says of an order that really was sent: what each band made of it so far, and how it stands there. */
export interface Trial extends Readonly<Record<Deficit.Band, Came>> {
  /** Whether what is left of it rests in the simulation. */
  readonly rests: boolean
  /** Shares still ahead of it as the optimistic band counts them, and what its level showed when it was last seen. */
  readonly ahead: Shares
  readonly seen: Shares
}

const NO_DEFICIT = { pessimistic: ZERO_SHARES, neutral: ZERO_SHARES, optimistic: ZERO_SHARES }
/** An order that rests pays none. */
const NO_FEE: FeeSchedule = { rate: 0n, exponent: 0 }

const NOTHING: Came = { qty: ZERO_SHARES, notional: ZERO_USD, fees: ZERO_USD }
const NEVER: Trial = {
  pessimistic: NOTHING,
  neutral: NOTHING,
  optimistic: NOTHING,
  rests: false,
  ahead: ZERO_SHARES,
  seen: ZERO_SHARES
}

const cameOf = ({ takes }: Walked, terms: Terms, fees: FeeSchedule): Came =>
  takes.reduce((came, { index, shares }) => {
    const fill = fillOf(terms.order, shares, priceAt(terms, index), "taker", fees, 0)
    return {
      qty: Shares(came.qty + fill.shares),
      notional: Usd(came.notional + fill.notional),
      fees: Usd(came.fees + fill.fee)
    }
  }, NOTHING)

const arrived = ({ answer, walks }: Met, terms: Terms, shown: Book.Book, fees: FeeSchedule): Trial => {
  const neutral = cameOf(walks.neutral, terms, fees)
  const least = cameOf(walks.pessimistic, terms, fees)
  return {
    // The pessimistic walk of a budget can be a lot ahead of the neutral one: it is no more than that.
    pessimistic: least.qty > neutral.qty ? neutral : least,
    neutral,
    optimistic: cameOf(walks.optimistic, terms, fees),
    rests: answer.status === "open",
    ahead: answer.bands.queueAhead,
    seen: answer.status === "open" ? Shares(BigInt(Book.sizeAt(shown, terms.own, terms.limit))) : ZERO_SHARES
  }
}

/**
 * What the snapshot simulator makes of orders that are about to be sent, one after the other on what those before them left
 * of the books. Where a market's book cannot be used, or its fee is unknown, nothing is said of its orders.
 */
export const begin = (floor: Floor, orders: ReadonlyArray<Order>, atMillis: number): ReadonlyMap<string, Trial> => {
  const grounds = new Map<ConditionId, Ground>()
  for (const [conditionId, { books }] of floor.pits) {
    if (Either.isLeft(books)) continue
    const { fetchedMillis, shown } = books.right
    grounds.set(conditionId, {
      books: books.right,
      deficits: Deficit.recall(conditionId, undefined, shown, fetchedMillis)
    })
  }
  const trials = new Map<string, Trial>()
  for (const order of orders) {
    const ground = grounds.get(order.conditionId)
    const fees = floor.pits.get(order.conditionId)?.market.fees
    if (ground === undefined || fees === undefined) continue
    const met = meet(order, Either.right(ground), fees, floor.simulation, atMillis)
    const { shown } = ground.books
    const trial =
      met.answer.status === "rejected" ? NEVER : arrived(met, termsOf(order, shown, floor.simulation), shown, fees)
    trials.set(order.id, trial)
  }
  return trials
}

/** A book without shares of ours that it shows: the simulated order stands where the real one does. */
const without = (snapshot: BookSnapshot, { outcomeIndex, price, side }: Order, ours: Shares): BookSnapshot => {
  const bids = (side === "BUY") === (outcomeIndex === 0)
  const at = outcomeIndex === 0 ? price : complement(price)
  const less = (levels: ReadonlyArray<Level>) =>
    levels.flatMap((level) => {
      if (level.price !== at) return [level]
      const size = Shares(max(0n, level.size - ours))
      return size === 0n ? [] : [{ ...level, size }]
    })
  return bids ? { ...snapshot, bids: less(snapshot.bids) } : { ...snapshot, asks: less(snapshot.asks) }
}

/** A later book of an order that was tried. */
export interface Look {
  readonly snapshot: BookSnapshot
  /** Shares of the real order that the book shows. */
  readonly ours: Shares
  readonly simulation: Simulation
  readonly atMillis: number
}

const stateOf = (order: Order, trial: Trial): OrderState => ({
  ...placed(order),
  status: "open",
  filled: trial.neutral.qty,
  bands: { pessimistic: trial.pessimistic.qty, optimistic: trial.optimistic.qty, queueAhead: trial.ahead }
})

/** More of an order at its own limit: it rests, and pays no fee. */
const more = (came: Came, order: Order, qty: Shares): Came => {
  const { fee, notional } = fillOf(order, Number(qty - came.qty), order.price, "maker", NO_FEE, 0)
  return { qty, notional: Usd(came.notional + notional), fees: Usd(came.fees + fee) }
}

/**
 * What a later book does to an order that rests in the simulation, by the rules for resting orders. The same trial where
 * the book cannot be used or shows nothing new.
 */
export const later = (trial: Trial, order: Order, { atMillis, ours, simulation, snapshot }: Look): Trial => {
  const usable = trial.rests ? check(without(snapshot, order, ours)) : Either.left(undefined)
  if (Either.isLeft(usable)) return trial
  const shown = Book.load(usable.right)
  const { limit, own } = termsOf(order, shown, simulation)
  const memory = {
    conditionId: order.conditionId,
    version: 0,
    tick: snapshot.tick,
    seenMillis: 0,
    levels: [{ side: own, price: Price(BigInt(limit * shown.tick)), size: trial.seen, deficit: NO_DEFICIT }]
  }
  const { fetchedMillis } = snapshot
  const ground: Ground = {
    books: { decided: shown, shown, fetchedMillis },
    deficits: Deficit.recall(order.conditionId, memory, shown, fetchedMillis)
  }
  const seen = Shares(BigInt(Book.sizeAt(shown, own, limit)))
  const answer = revisit(stateOf(order, trial), ground, NO_FEE, simulation, atMillis)
  if (answer === undefined) return trial.seen === seen ? trial : { ...trial, seen }
  const [fill] = answer.fills
  return {
    pessimistic: more(trial.pessimistic, order, answer.bands.pessimistic),
    neutral: fill === undefined ? trial.neutral : more(trial.neutral, order, Shares(trial.neutral.qty + fill.shares)),
    optimistic: more(trial.optimistic, order, answer.bands.optimistic),
    rests: answer.status === "open",
    ahead: answer.bands.queueAhead,
    seen
  }
}
