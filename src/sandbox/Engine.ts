import { uuidOf } from "../domain/Identity.ts"
import type { OutcomeIndex } from "../domain/Market.ts"
import { cost, format, Price, type Shares } from "../domain/Money.ts"
import * as Book from "../exchange/Book.ts"
import type { Walked } from "../exchange/Walk.ts"
import * as Faults from "./Faults.ts"
import { type House, later } from "./House.ts"
import * as Journal from "./Journal.ts"
import * as Ladder from "./Ladder.ts"
import type { Listing } from "./Listing.ts"
import * as Matching from "./Matching.ts"
import * as Settlement from "./Settlement.ts"
import { type Fate, SETTLES, type Stranger, type Trade, type TradeLevel } from "./Trade.ts"
import { isResting, type OrderStatus, remaining, type VenueOrder } from "./VenueOrder.ts"
import * as Wallet from "./Wallet.ts"

/** The asset that an order is paid with. */
export const paidWith = (order: Pick<VenueOrder, "listing" | "outcome" | "side">): string =>
  order.side === "BUY" ? Wallet.CASH : order.listing.tokens[order.outcome]

/** Holds of the wallet what a resting order may still take, and no more. */
const hold = (order: VenueOrder): void => {
  const left = isResting(order) ? remaining(order) : 0n
  const wanted = order.side === "BUY" ? cost(order.price, left) : left
  Wallet.hold(order.wallet, paidWith(order), wanted - order.held)
  order.held = wanted
}

/** Holds of the wallet what a delayed order will take. */
export const holdAll = (order: VenueOrder, amount: bigint): void => {
  Wallet.hold(order.wallet, paidWith(order), amount - order.held)
  order.held = amount
}

const MOST_MAKERS = 10

/** The venue tells a large match in several trades. A price is never parted, so that its fee is reckoned once. */
const buckets = (levels: ReadonlyArray<TradeLevel>): ReadonlyArray<ReadonlyArray<TradeLevel>> => {
  const found: Array<Array<TradeLevel>> = []
  let makers = 0
  for (const level of levels) {
    const bucket = found.at(-1)
    makers += level.made.length
    if (bucket !== undefined && makers <= MOST_MAKERS) bucket.push(level)
    else {
      found.push([level])
      makers = level.made.length
    }
  }
  return found
}

const fateOf = (house: House, now: number): Fate => {
  const struck = Faults.strike(house, "trade", now)
  const failing = Faults.has(struck, "fail")
  if (failing !== undefined) return { _tag: "Fails", after: failing.after ?? "MATCHED" }
  return Faults.has(struck, "stuck") === undefined ? SETTLES : { _tag: "Stuck" }
}

const filled = (house: House, order: VenueOrder, shares: bigint): void => {
  order.matched += shares
  if (isResting(order) && remaining(order) === 0n) {
    order.status = "MATCHED"
    house.live.delete(order)
  }
  hold(order)
}

/** Carries out what a walk found, for an order of an account or for nobody in particular. */
const match = (
  house: House,
  taking: Matching.Taking,
  by: { readonly taker: VenueOrder | undefined; readonly stranger: Stranger | undefined },
  walked: Walked,
  now: number
): ReadonlyArray<Trade> => {
  if (walked.shares === 0) return []
  const { listing } = taking
  const levels = Matching.takeLevels(house, taking, walked)
  const trades = buckets(levels).map((bucket, index): Trade => {
    const id = uuidOf("trade", house.rules.seed, String(house.counter++))
    return {
      ...by,
      id,
      listing,
      outcome: taking.outcome,
      side: taking.side,
      levels: bucket,
      legs: Matching.legs(taking, by.taker?.wallet, bucket),
      parties: new Set(Settlement.ordersOf({ taker: by.taker, levels: bucket }).map(({ key }) => key.account)),
      matchedMillis: now,
      bucket: index,
      fate: fateOf(house, now),
      status: "MATCHED",
      mined: false,
      updatedMillis: now,
      hash: "",
      error: undefined
    }
  })
  for (const trade of trades) for (const order of Settlement.ordersOf(trade)) order.trades.push(trade.id)
  for (const { made, price } of levels) {
    for (const { order, shares } of made) {
      if (order === undefined) continue
      filled(house, order, shares)
      house.ears.order(order, "UPDATE", "MATCHED")
    }
    listing.lastTrade = { price, side: taking.side, outcome: taking.outcome }
  }
  for (const trade of trades) {
    Settlement.begin(house, trade, now)
    house.ears.traded(trade)
  }
  return trades
}

const finish = (house: House, order: VenueOrder, status: OrderStatus): void => {
  order.status = status
  house.live.delete(order)
  hold(order)
}

/** Meets the book with an order that was accepted: it takes what it can, then rests or is over. */
export const meet = (house: House, order: VenueOrder, walked: Walked, now: number): ReadonlyArray<Trade> => {
  const { ladder } = order.listing
  order.delayed = false
  holdAll(order, 0n)
  const killed = order.type === "FOK" && !walked.whole
  const by = { taker: order, stranger: undefined }
  const trades = killed ? [] : match(house, order, by, walked, now)
  order.matched += killed ? 0n : BigInt(walked.shares)
  const rests = order.type === "GTC" || order.type === "GTD"
  if (rests && remaining(order) > 0n) {
    const { limit, own } = Ladder.standing(ladder, order)
    Ladder.rest(ladder, own, limit, Number(remaining(order)), order)
    hold(order)
    if (order.type === "GTD") {
      const due = Number(order.expiration) * 1000 - EXPIRES_EARLY
      later(house, now, due - now, (at) => cancel(house, order, "CANCELED", "expired", at))
    }
  } else {
    const whole = rests || walked.whole
    finish(house, order, whole ? "MATCHED" : "CANCELED")
    if (!whole) Journal.enter(house.journal, now, cancelled(order, "killed"))
  }
  changed(house, order.listing, now)
  return trades
}

/** The venue ends a GTD order a minute before the second that it states. */
const EXPIRES_EARLY = 60_000

const cancelled = (order: VenueOrder, why: string): Journal.Entry => ({
  kind: "cancelled",
  id: order.id,
  why,
  matched: format(order.matched)
})

/** The book is another one from now on, and whoever listens is told. */
export const changed = (house: House, listing: Listing, now: number): void => {
  if (listing.ladder.touched.size > 0) listing.bookMillis = now
  house.ears.book(listing)
}

/** Takes an order out of the book; what has filled stays. False when there is nothing to take out. */
export const cancel = (house: House, order: VenueOrder, status: OrderStatus, why: string, now: number): boolean => {
  if (!isResting(order)) return false
  const { ladder } = order.listing
  const { limit, own } = Ladder.standing(ladder, order)
  Ladder.remove(ladder, own, limit, order)
  finish(house, order, status)
  Journal.enter(house.journal, now, cancelled(order, why))
  if (why !== "expired" || house.rules.tellsExpiry) house.ears.order(order, "CANCELLATION", "CANCELED")
  changed(house, order.listing, now)
  return true
}

/** Resting orders that the balance no longer covers leave the book, the newest first. */
export const enforce = (house: House, wallet: Wallet.Wallet, asset: string, now: number): void => {
  const short = () =>
    Wallet.cached(wallet, asset) < (wallet.held.get(asset) ?? 0n) + (wallet.committed.get(asset) ?? 0n)
  for (const order of [...house.live].toReversed()) {
    if (!short()) return
    if (order.wallet === wallet && paidWith(order) === asset) cancel(house, order, "CANCELED", "balance", now)
  }
}

/** Somebody's order that nobody here placed takes what accounts have resting, and no other. */
const strangerTakes = (
  house: House,
  listing: Listing,
  side: "BUY" | "SELL",
  outcome: OutcomeIndex,
  price: Price,
  shares: bigint,
  now: number
): bigint => {
  const taking: Matching.Taking = { listing, side, outcome, price, shares, budget: undefined }
  const walked = Matching.walk(taking)
  if (walked.shares > 0) match(house, taking, { taker: undefined, stranger: Matching.stranger(house) }, walked, now)
  return BigInt(walked.shares)
}

/** Sizes by price, in prices of the first outcome. */
export type Shown = ReadonlyArray<{ readonly price: Price; readonly size: Shares }>

/**
 * The liquidity that belongs to nobody becomes this. Where it crosses an account's resting order, that order fills first,
 * at its own price: the new liquidity came later.
 */
export const show = (house: House, listing: Listing, bids: Shown, asks: Shown, now: number): void => {
  const { ladder } = listing
  const sides = [
    ["bid", bids, "BUY"],
    ["ask", asks, "SELL"]
  ] as const
  const indexOf = (price: bigint) => Number(price) / ladder.book.tick
  for (const [side, levels] of sides) {
    const kept = new Set(levels.map(({ price }) => indexOf(price)))
    for (const index of Ladder.indices(ladder, side)) {
      if (!kept.has(index)) Ladder.setAnonymous(ladder, side, index, 0)
    }
  }
  for (const [side, levels, taking] of sides) {
    for (const { price, size } of levels) {
      const index = indexOf(price)
      if (!Number.isInteger(index) || !Book.isPrice(ladder.book, index)) continue
      const taken = strangerTakes(house, listing, taking, 0, Price(price), size, now)
      Ladder.setAnonymous(ladder, side, index, Number(size - taken))
    }
  }
  changed(house, listing, now)
}
