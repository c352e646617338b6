import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { isDue, type OrderState } from "../domain/Order.ts"
import type { Session } from "../layers/Venue.ts"
import { hasShut, isStale, mayBeThere, reply, word } from "./Announce.ts"
import type { Conversation } from "./Conversation.ts"

/** How long the fate of an order is looked for, in milliseconds. */
export interface Patience {
  /** All in all, before it is left unknown for whoever looks next. */
  readonly total: number
  /** Between an order's leaving and the first time its bytes are sent once more. */
  readonly beforeAgain: number
  /** The longest pause between two looks. */
  readonly pause: number
}

export const PATIENCE: Patience = { total: 20_000, beforeAgain: 2_000, pause: 2_000 }
const FIRST_PAUSE = 100

const NO_MEMORY = new Map()

const isOpenQuestion = (state: OrderState): boolean =>
  state.status === "unknown" || (state.status === "pending" && mayBeThere(state))

/**
 * Looks for the fate of orders that may be at the venue though nobody has said so: by their id, and by trades. One that is
 * nowhere may have its same bytes sent once more, as long as they are young, its lifetime goes on, and the gate is open;
 * otherwise it is cancelled by its id, and watched. What stays absent stays unknown.
 */
export const resolve = Effect.fn("Execute.resolve")(function* (
  session: Session,
  conversation: Conversation,
  orderIds: ReadonlyArray<string>,
  patience: Patience = PATIENCE
) {
  const started = yield* Clock.currentTimeMillis
  const cancelled = new Set<string>()
  let pause = FIRST_PAUSE

  const look = (ids: ReadonlyArray<string>) =>
    Effect.ignore(conversation.about(ids, (now) => session.refresh(now.filter(isOpenQuestion), NO_MEMORY)))

  /** Sends the same bytes again, if the gate lets them out. */
  const again = (id: string) =>
    Effect.gen(function* () {
      const atMillis = yield* Clock.currentTimeMillis
      const [before] = yield* conversation.about([id], ([now]) =>
        Effect.succeed(reply(now === undefined ? [] : [word(now, "sent", atMillis)]))
      )
      if (before?.sentMillis !== atMillis || !isOpenQuestion(before)) return
      let posted = false
      yield* conversation.about([id], ([now]) => {
        if (posted || now === undefined) return Effect.succeed(reply([]))
        posted = true
        return Effect.flatMap(Clock.currentTimeMillis, (leaving) =>
          hasShut(atMillis, leaving) ? Effect.succeed(reply([])) : session.again(now.order)
        )
      })
    }).pipe(Effect.catchTag("VenueUnavailable", () => Effect.void))

  const takeBack = (id: string) =>
    Effect.ignore(
      conversation.about([id], (now) =>
        session.cancel(
          now.filter(isOpenQuestion),
          "cancelled",
          "nobody knew whether it had arrived, and it was too old to send again"
        )
      )
    )

  while (true) {
    yield* look(
      conversation
        .current(orderIds)
        .filter(isOpenQuestion)
        .map(({ order }) => order.id)
    )
    const open = conversation.current(orderIds).filter(isOpenQuestion)
    const now = yield* Clock.currentTimeMillis
    if (open.length === 0 || now - started >= patience.total) return conversation.current(orderIds)
    for (const state of open) {
      const { id } = state.order
      // Each look at one takes its time, and may take it from the next.
      const atMillis = yield* Clock.currentTimeMillis
      if (isStale(state, atMillis) || isDue(state, atMillis)) {
        if (!cancelled.has(id)) yield* takeBack(id)
        cancelled.add(id)
      } else if (atMillis - (state.sentMillis ?? atMillis) >= patience.beforeAgain) yield* again(id)
    }
    // Once all that can be done is done, there is nothing to hurry for.
    if (open.every(({ order }) => cancelled.has(order.id))) {
      yield* look(open.map(({ order }) => order.id))
      return conversation.current(orderIds)
    }
    yield* Effect.sleep(pause)
    pause = Math.min(pause * 2, patience.pause)
  }
})
