import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type { Answer, Reply } from "../../domain/Answer.ts"
import type { BookSnapshot, DataFault } from "../../domain/Book.ts"
import type { ConditionId } from "../../domain/Market.ts"
import { ZERO_SHARES } from "../../domain/Money.ts"
import type { Order, OrderState } from "../../domain/Order.ts"
import { type Desk, type Session, SIMULATED, Venue } from "../../layers/Venue.ts"
import { isFinal } from "./Mailbox.ts"
import * as Place from "./Place.ts"
import type { World } from "./World.ts"

const replyOf = (answers: ReadonlyArray<Answer>): Reply => ({ answers, memory: [] })

/** The answer to an order that no exchange has ever seen. */
const unseen = (
  order: Order,
  status: "rejected" | "cancelled" | "expired",
  reason: string,
  atMillis: number
): Answer => ({
  orderId: order.id,
  status,
  fills: [],
  bands: { pessimistic: ZERO_SHARES, optimistic: ZERO_SHARES, queueAhead: ZERO_SHARES },
  reason,
  atMillis,
  externalOrderId: undefined
})

/** All that has come back about an order as one answer; without the fills that make up the first `known` shares. */
const since = (answers: ReadonlyArray<Answer>, known: bigint): Answer | undefined => {
  const last = answers.at(-1)
  if (last === undefined) return undefined
  let shares = 0n
  const fills = answers
    .flatMap((answer) => answer.fills)
    .filter((fill) => {
      shares += fill.shares
      return shares > known
    })
  return { ...last, fills, reason: answers.findLast((answer) => answer.reason !== undefined)?.reason }
}

// While the venue delays a marketable order it has not answered yet.
const isAnswered = (answers: ReadonlyArray<Answer>): boolean => {
  const last = answers.at(-1)
  return last !== undefined && last.status !== "delayed"
}

/**
 * What is new about an order that rests: fills that have come back since, another status, or how far it has come in the
 * bands beside the neutral one.
 */
const newsOf = (world: World, state: OrderState): ReadonlyArray<Answer> => {
  const { order, status } = state
  const answer = since(world.mail.about(order.id) ?? [], state.filled)
  if (answer === undefined) return []
  if (answer.fills.length > 0 || answer.status !== status) return [answer]
  const bands = world.bandsOf(order)
  if (bands === undefined) return []
  const same = bands.pessimistic === state.bands.pessimistic && bands.optimistic === state.bands.optimistic
  return same ? [] : [{ ...answer, bands, reason: undefined, atMillis: world.nowMillis }]
}

/** One order to its exchange and back: the tape goes on meanwhile. */
const send = (world: World, order: Order): Effect.Effect<Answer> =>
  Effect.suspend(() => {
    if (!world.submit(order))
      return Effect.succeed(unseen(order, "rejected", `unknown market ${order.conditionId}`, world.nowMillis))
    return Effect.map(
      world.mail.wait(order.id, isAnswered),
      (answers) => since(answers, 0n) ?? unseen(order, "rejected", "the exchange did not answer", world.nowMillis)
    )
  })

const take = (world: World, { order, filled }: OrderState, as: "cancelled" | "expired", reason: string) =>
  Effect.suspend(() => {
    if (world.mail.about(order.id) === undefined) return Effect.succeed([unseen(order, as, reason, world.nowMillis)])
    world.cancel(order, as, reason)
    return Effect.map(world.mail.wait(order.id, isFinal), (answers) => {
      const answer = since(answers, filled)
      return answer === undefined ? [] : [answer]
    })
  })

const sessionOn = (world: World, desk: Desk): Session => {
  const books = new Map<ConditionId, BookSnapshot>()
  const faults: Array<DataFault> = []
  for (const { conditionId } of desk.markets) {
    const place = world.place(conditionId)
    const book =
      place === undefined
        ? Either.left({ conditionId, reason: "no tape of this run holds it" })
        : Place.snapshot(place, world.nowMillis)
    if (Either.isRight(book)) books.set(conditionId, book.right)
    else faults.push(book.left)
  }
  return {
    // One order to a question, as where money moves: each is sent when the one before it has been answered.
    batch: 1,
    // Nothing leaves this machine, so nothing need be announced.
    announces: false,
    again: () => Effect.succeed(replyOf([])),
    place: Effect.fnUntraced(function* (orders) {
      const answers: Array<Answer> = []
      for (const order of orders) {
        const answer = yield* send(world, order)
        answers.push(answer)
        if (answer.status === "rejected" && desk.stopAtRefusal) break
      }
      return replyOf(answers)
    }),
    refresh: (states) => Effect.sync(() => replyOf(states.flatMap((state) => newsOf(world, state)))),
    cancel: (states, as, reason) =>
      Effect.map(
        // All cancels leave at once, as one message.
        Effect.forEach(states, (state) => take(world, state, as, reason), { concurrency: "unbounded" }),
        (answers) => replyOf(answers.flat())
      ),
    faults,
    books
  }
}

/**
 * The venue of a backtest: orders leave at the simulated time, meet the replayed exchange one latency later, and what it
 * answers is known when it has come back. What happens to an order that rests is told once it is asked about.
 */
export const layer = (world: World): Layer.Layer<Venue> =>
  Layer.succeed(Venue, Venue.of({ open: (desk) => Effect.sync(() => sessionOn(world, desk)), ...SIMULATED }))
