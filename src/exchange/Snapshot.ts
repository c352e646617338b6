import * as Either from "effect/Either"
import type { Answer, MarketMemory, Reply } from "../domain/Answer.ts"
import type { BookSnapshot, DataFault } from "../domain/Book.ts"
import type { ConditionId, Market } from "../domain/Market.ts"
import { UNIT } from "../domain/Money.ts"
import { isTerminal, type Order, type OrderState } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"
import * as Deficit from "./Deficit.ts"
import * as Integrity from "./Integrity.ts"
import { type Ground, type Pit, make as pitOf } from "./Pit.ts"
import { revisit } from "./Resting.ts"
import { answerOf, arrive } from "./Taker.ts"

/** All the markets of one conversation and how they are simulated. Nothing in it changes. */
export interface Floor {
  readonly pits: ReadonlyMap<ConditionId, Pit>
  readonly simulation: Simulation
  readonly stopAtRefusal: boolean
}

/** What a conversation is held about, and the books that were found for it. */
export interface Found extends Omit<Floor, "pits"> {
  readonly markets: ReadonlyArray<Market>
  readonly books: ReadonlyMap<ConditionId, Either.Either<BookSnapshot, DataFault>>
  readonly decidedOn: ReadonlyMap<ConditionId, BookSnapshot>
}

/** The floor on the books that were found, those that could be used, and what is wrong with the others. */
export const floorOn = ({ books: found, decidedOn, markets, simulation, stopAtRefusal }: Found) => {
  const pits = new Map<ConditionId, Pit>()
  const books = new Map<ConditionId, BookSnapshot>()
  const faults: Array<DataFault> = []
  for (const market of new Map(markets.map((each) => [each.conditionId, each])).values()) {
    const { conditionId } = market
    const none = Either.left({ conditionId, reason: "no book was found" })
    const book = Either.flatMap(found.get(conditionId) ?? none, Integrity.check)
    if (Either.isRight(book)) books.set(conditionId, book.right)
    else faults.push(book.left)
    const usable = Either.mapLeft(book, (fault) => fault.reason)
    pits.set(conditionId, pitOf(market, usable, decidedOn.get(conditionId)))
  }
  const floor: Floor = { pits, simulation, stopAtRefusal }
  return { floor, books, faults }
}

type Memory = ReadonlyMap<ConditionId, MarketMemory>
type Grounds = Map<ConditionId, Either.Either<Ground, string>>

const groundOf = (grounds: Grounds, pit: Pit, memory: Memory): Either.Either<Ground, string> => {
  const { conditionId } = pit.market
  const known = grounds.get(conditionId)
  if (known !== undefined) return known
  const ground = Either.map(pit.books, (books) => ({
    books,
    deficits: Deficit.recall(conditionId, memory.get(conditionId), books.shown, books.fetchedMillis)
  }))
  grounds.set(conditionId, ground)
  return ground
}

const replyOf = (
  answers: ReadonlyArray<Answer>,
  grounds: Grounds,
  keep: (conditionId: ConditionId, ground: Ground) => boolean
): Reply => ({
  answers,
  memory: [...grounds].flatMap(([conditionId, ground]) =>
    Either.isRight(ground) && keep(conditionId, ground.right)
      ? [Deficit.remember(ground.right.deficits, ground.right.books.shown)]
      : []
  )
})

/**
 * Places orders one after the other, each on what the ones before it left. Where the floor stops at refusals, the orders
 * behind a refused one have no answer. What is remembered of a market decides what is left of its book, so calls with
 * the memory of the call before give the same answers as one call.
 */
export const place = (floor: Floor, orders: ReadonlyArray<Order>, memory: Memory, atMillis: number): Reply => {
  const grounds: Grounds = new Map()
  const answers: Array<Answer> = []
  const answer = (order: Order): Answer => {
    const pit = floor.pits.get(order.conditionId)
    if (pit === undefined) return answerOf(order, "rejected", atMillis, `unknown market ${order.conditionId}`)
    const { closedBecause, fees } = pit.market
    if (closedBecause !== undefined) return answerOf(order, "rejected", atMillis, closedBecause)
    return arrive(order, groundOf(grounds, pit, memory), fees, floor.simulation, atMillis)
  }
  for (const order of orders) {
    const next = answer(order)
    answers.push(next)
    if (next.status === "rejected" && floor.stopAtRefusal) break
  }
  return replyOf(answers, grounds, () => true)
}

/** How far an order reaches into the other side: whoever bids more, or asks less, is filled first. */
const eagerness = ({ price, side }: Order): bigint => (side === "BUY" ? price : UNIT - price)

const mayFill = (state: OrderState, pit: Pit | undefined, memory: Memory): pit is Pit => {
  if (pit === undefined || state.status !== "open" || pit.market.closedBecause !== undefined) return false
  if (Either.isLeft(pit.books)) return false
  const { fetchedMillis } = pit.books.right
  const due = state.order.cancelAfterMillis
  if (due !== undefined && due <= fetchedMillis) return false
  // A resting order meets later books only; this one is from before it came to rest.
  return !Deficit.isStale(memory.get(state.order.conditionId), fetchedMillis)
}

/**
 * Shows resting orders the present books, best prices first. Orders with nothing new have no answer, and markets of which
 * nothing has changed no memory. Closed markets, markets without a usable book or a known fee, and orders whose lifetime
 * ended before the book was fetched do not fill.
 */
export const refresh = (floor: Floor, states: ReadonlyArray<OrderState>, memory: Memory, atMillis: number): Reply => {
  const grounds: Grounds = new Map()
  const answered = new Set<ConditionId>()
  const answers = states
    .toSorted((a, b) => Number(eagerness(b.order) - eagerness(a.order)))
    .flatMap((state) => {
      const pit = floor.pits.get(state.order.conditionId)
      if (!mayFill(state, pit, memory) || pit.market.fees === undefined) return []
      const ground = groundOf(grounds, pit, memory)
      if (Either.isLeft(ground)) return []
      const answer = revisit(state, ground.right, pit.market.fees, floor.simulation, atMillis)
      if (answer === undefined) return []
      answered.add(state.order.conditionId)
      return [answer]
    })
  return replyOf(answers, grounds, (conditionId, { deficits }) => deficits.changed || answered.has(conditionId))
}

/** Takes orders back; between two snapshots nothing can have filled. Orders that have ended already have no answer. */
export const cancel = (
  states: ReadonlyArray<OrderState>,
  as: "cancelled" | "expired",
  reason: string,
  atMillis: number
): Reply => ({
  answers: states
    .filter((state) => !isTerminal(state.status))
    .map(({ bands, order }) => answerOf(order, as, atMillis, reason, [], bands)),
  memory: []
})
