import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import type { Reply } from "../domain/Answer.ts"
import type { Conflict, DatabaseUnavailable } from "../domain/Failure.ts"
import type { ConditionId } from "../domain/Market.ts"
import type { OrderState } from "../domain/Order.ts"
import type { Memory } from "../layers/Venue.ts"

/** Orders and venue memory as they stand. */
export interface Standing {
  readonly states: ReadonlyMap<string, OrderState>
  readonly memory: Memory
}

/** Who keeps the answers. `append` writes all of a reply or, when what it was based on has moved on, nothing. */
export interface Keeper {
  readonly read: (
    orderIds: ReadonlyArray<string>,
    conditionIds: ReadonlyArray<ConditionId>
  ) => Effect.Effect<Standing, DatabaseUnavailable>
  readonly append: (
    reply: Reply,
    before: ReadonlyMap<string, OrderState>
  ) => Effect.Effect<ReadonlyMap<string, OrderState>, Conflict | DatabaseUnavailable>
  /** Reads ahead what an answer about orders will need: an `append` that takes less time. */
  readonly ahead: (orderIds: ReadonlyArray<string>) => Effect.Effect<Keeper["append"]>
}

/** A venue's answers, kept as they come. */
export interface Conversation {
  readonly about: <E, R>(
    orderIds: ReadonlyArray<string>,
    ask: (orders: ReadonlyArray<OrderState>, memory: Memory) => Effect.Effect<Reply, E, R>,
    /** The answer takes its time, and that is used. */
    slow?: boolean
  ) => Effect.Effect<ReadonlyArray<OrderState>, E | DatabaseUnavailable, R>
  /** Orders as they are known to stand, in the order asked for. */
  readonly current: (orderIds: ReadonlyArray<string>) => ReadonlyArray<OrderState>
}

/** Runs work to its end once begun: an interruption waits for the answer, while time limits inside still cut. */
const committed = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptible(Effect.flatMap(Effect.forkDaemon(Effect.interruptible(work)), Fiber.join))

/**
 * Asks a venue and has its answers kept, one commit per question. What is known is carried from question to question;
 * when another process moved first, it is read again and the question asked anew, so an answer is never kept twice.
 */
export const make = (keeper: Keeper, known: Standing): Conversation => {
  const states = new Map(known.states)
  const memory = new Map(known.memory)

  const refresh = (orderIds: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const conditionIds = new Set(orderIds.flatMap((id) => states.get(id)?.order.conditionId ?? []))
      const standing = yield* keeper.read(orderIds, [...conditionIds])
      for (const [id, state] of standing.states) states.set(id, state)
      for (const id of conditionIds) memory.delete(id)
      for (const [id, remembered] of standing.memory) memory.set(id, remembered)
    })

  const current: Conversation["current"] = (orderIds) => orderIds.flatMap((id) => states.get(id) ?? [])

  const about: Conversation["about"] = (orderIds, ask, slow = false) => {
    // The question must have left before anything else takes time.
    const ahead = slow ? Effect.delay(keeper.ahead(orderIds), 0) : Effect.succeed(keeper.append)
    const once = Effect.gen(function* () {
      const asked = Effect.suspend(() => ask(current(orderIds), memory))
      const [reply, append] = yield* Effect.all([asked, ahead], { concurrency: 2 })
      if (reply.answers.length > 0 || reply.memory.length > 0 || (reply.news ?? []).length > 0) {
        const written = yield* Effect.either(append(reply, states))
        if (Either.isLeft(written)) {
          if (written.left._tag !== "Conflict") return yield* Effect.fail(written.left)
          yield* refresh(orderIds)
          return false
        }
        for (const [id, state] of written.right) states.set(id, state)
        for (const kept of reply.memory) memory.set(kept.conditionId, { ...kept, version: kept.version + 1 })
      }
      return true
    })
    return committed(Effect.map(Effect.repeat(once, { until: (kept) => kept }), () => current(orderIds)))
  }

  return { about, current }
}
