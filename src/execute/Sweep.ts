import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ConditionId, Market } from "../domain/Market.ts"
import { isTerminal, type OrderState } from "../domain/Order.ts"
import type { Session } from "../layers/Venue.ts"
import { mayBeThere, reply, word } from "./Announce.ts"
import type { Conversation } from "./Conversation.ts"

const ids = (states: ReadonlyArray<OrderState>) => states.map((state) => state.order.id)
/** Orders that can still be taken back. */
export const unfinished = (states: ReadonlyArray<OrderState>) => states.filter((state) => !isTerminal(state.status))

/** Has it on record, before orders at a real venue are taken back, that this was begun: they stay exposed until it answers. */
const beginning = Effect.fn("Execute.beginning")(function* (
  session: Session,
  conversation: Conversation,
  states: ReadonlyArray<OrderState>
) {
  if (!session.announces) return
  yield* conversation.about(ids(states), (now) =>
    Effect.map(Clock.currentTimeMillis, (atMillis) =>
      reply(
        now
          .filter((state) => state.status === "open" || state.status === "delayed")
          .map((state) => word(state, "cancelling", atMillis))
      )
    )
  )
})

/** Takes orders back; what they came to is the venue's to say. */
export const takeBack = Effect.fn("Execute.takeBack")(function* (
  session: Session,
  conversation: Conversation,
  states: ReadonlyArray<OrderState>,
  as: "cancelled" | "expired",
  reason: string
) {
  const ask = (some: ReadonlyArray<OrderState>) =>
    Effect.zipRight(
      beginning(session, conversation, some),
      conversation.about(ids(some), (now) => session.cancel(unfinished(now), as, reason))
    )
  yield* ask(states)
  // What left in the meantime was not taken back by being struck off.
  const left = unfinished(conversation.current(ids(states.filter((state) => !mayBeThere(state))))).filter(mayBeThere)
  if (left.length > 0) yield* ask(left)
  return conversation.current(ids(states))
})

/** Ends the orders whose lifetime is over, also those that a dead run journalled and never sent. */
export const expire = Effect.fn("Execute.expire")(function* (
  session: Session,
  conversation: Conversation,
  due: ReadonlyArray<OrderState>
) {
  return yield* takeBack(session, conversation, due, "expired", "its lifetime ended")
})

/** What rests in a resolved market is cancelled; what else rests may have filled since it was last looked at. */
export const refresh = Effect.fn("Execute.refresh")(function* (
  session: Session,
  conversation: Conversation,
  resting: ReadonlyArray<OrderState>,
  markets: ReadonlyMap<ConditionId, Market>
) {
  const isOver = (state: OrderState) => markets.get(state.order.conditionId)?.payouts !== undefined
  const ended = yield* takeBack(session, conversation, resting.filter(isOver), "cancelled", "its market is resolved")
  const alive = resting.filter((state) => !isOver(state) && markets.has(state.order.conditionId))
  const refreshed = yield* conversation.about(ids(alive), (now, memory) => session.refresh(unfinished(now), memory))
  return [...ended, ...refreshed]
})
