import type { Answer } from "../domain/Answer.ts"
import type { FeeSchedule } from "../domain/Market.ts"
import { Shares } from "../domain/Money.ts"
import type { OrderState } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"
import { sizeAt } from "./Book.ts"
import { type Band, lastSeen, watch } from "./Deficit.ts"
import type { Ground } from "./Pit.ts"
import { answerOf } from "./Taker.ts"
import { fillOf, type Terms, termsOf } from "./Terms.ts"
import * as Walk from "./Walk.ts"

/** The queue ahead of an order, as the optimistic band counts it: every share that left its level stood ahead of it. */
const queueOf = (state: OrderState, terms: Terms, { books: { shown }, deficits }: Ground) => {
  const now = sizeAt(shown, terms.own, terms.limit)
  const ahead = Number(state.bands.queueAhead)
  const dropped = Math.max((lastSeen(deficits, terms.own, terms.limit) ?? ahead) - now, ahead - now, 0)
  // No more can stand ahead than is displayed, whatever was missed in between.
  const left = Math.min(Math.max(ahead - dropped, 0), now)
  return { left, usedUp: dropped > 0 && left === 0 }
}

/** Shares by band, in micro-shares. */
export type Banded = Readonly<Record<Band, number>>

/**
 * What the other side gives to an order that rests and of which `rest` is left, in each band, and counts it as ours:
 * neutral what is offered within its limit less the deficits, pessimistic only what is at least one tick through it,
 * optimistic all of the rest as soon as anything is.
 */
export const offered = (ground: Ground, terms: Terms, simulation: Simulation, rest: Banded): Banded => {
  const through = terms.own === "bid" ? Math.min(terms.reach, terms.limit - 1) : Math.max(terms.reach, terms.limit + 1)
  const fillIn = (path: Walk.Path, wanted: number): number => {
    const walked = Walk.forShares(path, wanted)
    Walk.consume(path, walked)
    return walked.shares
  }
  const best = Walk.pathOf(ground, terms, simulation, "optimistic")
  const touched = Walk.meets(best)
  if (touched) fillIn(best, rest.optimistic)
  return {
    pessimistic: fillIn(Walk.pathOf(ground, terms, simulation, "pessimistic", through), rest.pessimistic),
    neutral: fillIn(Walk.pathOf(ground, terms, simulation, "neutral"), rest.neutral),
    optimistic: touched ? Math.max(rest.optimistic, 0) : 0
  }
}

/**
 * What a later book does to a resting order, or undefined where there is nothing new. It fills as maker at its own
 * limit, without a fee, up to what the other side offers within its limit, less the deficits. Neutral: crossed or
 * touched; pessimistic: only from levels at least one tick through the limit; optimistic: all of it, once crossed,
 * touched, or when the shares displayed ahead of it are used up by falls of its own level.
 */
export const revisit = (
  state: OrderState,
  ground: Ground,
  fees: FeeSchedule,
  simulation: Simulation,
  atMillis: number
): Answer | undefined => {
  const { bands, filled, order } = state
  if (order.quantity._tag !== "Shares") return undefined
  const { deficits } = ground
  const { shown } = ground.books
  const terms = termsOf(order, shown, simulation)
  const queue = queueOf(state, terms, ground)
  watch(deficits, shown, terms.own, terms.limit)
  if (queue.left === Number(bands.queueAhead) && !queue.usedUp && !Walk.reaches(shown, terms)) return undefined

  const ordered = Number(order.quantity.shares)
  const given = offered(ground, terms, simulation, {
    pessimistic: ordered - Number(bands.pessimistic),
    neutral: ordered - Number(filled),
    optimistic: ordered - Number(bands.optimistic)
  })
  const shares = given.neutral
  const least = Number(bands.pessimistic) + given.pessimistic
  const most = queue.usedUp || shares > 0 ? ordered : Number(bands.optimistic) + given.optimistic

  const done = Number(filled) + shares === ordered
  const after = {
    pessimistic: Shares(BigInt(least)),
    optimistic: Shares(BigInt(most)),
    queueAhead: Shares(BigInt(done ? 0 : queue.left))
  }
  const same =
    shares === 0 &&
    after.pessimistic === bands.pessimistic &&
    after.optimistic === bands.optimistic &&
    after.queueAhead === bands.queueAhead
  if (same) return undefined
  const fills = shares === 0 ? [] : [fillOf(order, shares, order.price, "maker", fees, atMillis)]
  return answerOf(order, done ? "filled" : "open", atMillis, undefined, fills, after)
}
