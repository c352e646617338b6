import * as Either from "effect/Either"
import type { Answer, Fill } from "../domain/Answer.ts"
import type { FeeSchedule } from "../domain/Market.ts"
import { format, Shares, ZERO_SHARES } from "../domain/Money.ts"
import type { Bands, Order, OrderStatus } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"
import * as Book from "./Book.ts"
import { type Band, watch } from "./Deficit.ts"
import type { Ground } from "./Pit.ts"
import { fillOf, priceAt, type Terms, termsOf } from "./Terms.ts"
import * as Walk from "./Walk.ts"

const NO_BANDS: Bands = { pessimistic: ZERO_SHARES, optimistic: ZERO_SHARES, queueAhead: ZERO_SHARES }

export const answerOf = (
  order: Order,
  status: OrderStatus,
  atMillis: number,
  reason: string | undefined,
  fills: ReadonlyArray<Fill> = [],
  bands: Bands = NO_BANDS
): Answer => ({ orderId: order.id, status, fills, bands, reason, atMillis, externalOrderId: undefined })

const NOTHING: Walk.Walked = { takes: [], shares: 0, whole: false }
const NO_WALKS: Walks = { pessimistic: NOTHING, neutral: NOTHING, optimistic: NOTHING }

/** What an order took of each level, in each band. */
export type Walks = Readonly<Record<Band, Walk.Walked>>

/** What became of a new order, and how it came about. */
export interface Met {
  readonly answer: Answer
  readonly walks: Walks
}

const untouched = (answer: Answer): Met => ({ answer, walks: NO_WALKS })

const rests = (order: Order): boolean => order.timeInForce === "GTC" || order.timeInForce === "GTD"

const walk = (path: Walk.Path, terms: Terms): Walk.Walked => {
  const { quantity, timeInForce } = terms.order
  const walked =
    quantity._tag === "Shares"
      ? Walk.forShares(path, Number(quantity.shares))
      : Walk.forBudget(path, quantity.usd, (index) => priceAt(terms, index))
  return timeInForce === "FOK" && !walked.whole ? NOTHING : walked
}

/** Walks and consumes in one band: the neutral and the pessimistic one meet the present book. */
const fillIn = (path: Walk.Path, terms: Terms): Walk.Walked => {
  const walked = walk(path, terms)
  Walk.consume(path, walked)
  return walked
}

/** The better of the present book and the one that was decided on, for the optimistic band. */
const fillInBetter = (path: Walk.Path, decided: Book.Book, terms: Terms): Walk.Walked => {
  if (decided === path.book) return fillIn(path, terms)
  const [now, then] = [walk(path, terms), walk({ ...path, book: decided }, terms)]
  const better = then.shares > now.shares ? then : now
  Walk.consume(path, better)
  return better
}

/** How an order ends, or comes to rest, after it has taken what it could. */
const standing = (order: Order, walked: Walk.Walked): { status: OrderStatus; reason: string | undefined } => {
  if (walked.whole) return { status: "filled", reason: undefined }
  if (rests(order) && order.quantity._tag === "Shares") return { status: "open", reason: undefined }
  const wanted =
    order.quantity._tag === "Shares" ? `${format(order.quantity.shares)} shares` : `$${format(order.quantity.usd)}`
  if (order.timeInForce === "FOK") {
    return { status: "cancelled", reason: `killed: the book does not offer ${wanted} within the limit` }
  }
  const bought = `${format(BigInt(walked.shares))} shares`
  return walked.shares === 0
    ? { status: "cancelled", reason: "killed: the book offers nothing within the limit" }
    : { status: "cancelled", reason: `killed: the rest of ${wanted} after ${bought} found nothing within the limit` }
}

/** An order that meets no book: it rests, or is killed. */
const unfilled = (order: Order, why: string, atMillis: number, bands: Bands = NO_BANDS): Answer =>
  rests(order)
    ? answerOf(order, "open", atMillis, `nothing fills: ${why}`, [], bands)
    : answerOf(order, "cancelled", atMillis, `killed: ${why}`)

const matched = (
  order: Order,
  ground: Ground,
  fees: FeeSchedule | undefined,
  simulation: Simulation,
  atMillis: number
): Met => {
  const { decided, shown } = ground.books
  const terms = termsOf(order, shown, simulation)
  const neutral = Walk.pathOf(ground, terms, simulation, "neutral")
  const rested = (): Shares => {
    watch(ground.deficits, shown, terms.own, terms.limit)
    return Shares(BigInt(Book.sizeAt(shown, terms.own, terms.limit)))
  }
  if (order.postOnly && Walk.meets({ ...neutral, reach: terms.limit })) {
    return untouched(answerOf(order, "rejected", atMillis, "post-only order crosses the book"))
  }
  if (fees === undefined) {
    const bands = rests(order) ? { ...NO_BANDS, queueAhead: rested() } : NO_BANDS
    return untouched(unfilled(order, "the fee of the market is unknown", atMillis, bands))
  }
  const cap = decided === shown ? undefined : decided
  const walked = fillIn(neutral, terms)
  const least = fillIn(Walk.pathOf(ground, terms, simulation, "pessimistic", terms.reach, cap), terms)
  const most = fillInBetter(Walk.pathOf(ground, terms, simulation, "optimistic"), decided, terms)
  const { reason, status } = standing(order, walked)
  const fills = walked.takes.map((taken) =>
    fillOf(order, taken.shares, priceAt(terms, taken.index), "taker", fees, atMillis)
  )
  // Flooring the last level of a budget can leave the pessimistic walk 0.0001 share ahead: it is no more than neutral.
  const pessimistic = order.quantity._tag === "Budget" ? Math.min(least.shares, walked.shares) : least.shares
  const answer = answerOf(order, status, atMillis, reason, fills, {
    pessimistic: Shares(BigInt(pessimistic)),
    optimistic: Shares(BigInt(most.shares)),
    queueAhead: status === "open" ? rested() : ZERO_SHARES
  })
  return { answer, walks: { pessimistic: least, neutral: walked, optimistic: most } }
}

const refusal = (order: Order): string | undefined => {
  if (order.quantity._tag === "Budget") {
    return order.side === "SELL" ? "a SELL is sized in shares" : undefined
  }
  return order.quantity.shares > BigInt(Book.LARGEST) ? "more shares than any book can hold" : undefined
}

/**
 * What becomes of a new order on the present book: it takes what its limit, the displayed size, the deficits and the
 * simulation's settings allow, at the prices of the levels it meets, one fill a level; then FOK and FAK end, GTC and GTD
 * rest. What it takes is added to the deficits, in each band what that band took: neutral walks the present book,
 * pessimistic the smaller of it and the one decided on at every price, optimistic the one of the two that gives more.
 */
export const meet = (
  order: Order,
  ground: Either.Either<Ground, string>,
  fees: FeeSchedule | undefined,
  simulation: Simulation,
  atMillis: number
): Met => {
  const refused = refusal(order)
  if (refused !== undefined) return untouched(answerOf(order, "rejected", atMillis, refused))
  return Either.match(ground, {
    onLeft: (fault) => untouched(unfilled(order, `its book cannot be used (${fault})`, atMillis)),
    onRight: (found) => matched(order, found, fees, simulation, atMillis)
  })
}

/** The answer of `meet` alone. */
export const arrive = (...met: Parameters<typeof meet>): Answer => meet(...met).answer
