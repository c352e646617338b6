import * as Effect from "effect/Effect"
import type { ConditionId, Market } from "../domain/Market.ts"
import type { OrderState } from "../domain/Order.ts"
import type { Session } from "../layers/Venue.ts"
import type { Conversation } from "./Conversation.ts"

const ids = (states: ReadonlyArray<OrderState>) => states.map((state) => state.order.id)
/** Orders that can still be taken back. */
export const unfinished = (states: ReadonlyArray<OrderState>) =>
  states.filter((state) => state.status === "pending" || state.status === "open")

/** Whether an order's lifetime has ended. */
export const isDue = (state: OrderState, nowMillis: number): boolean =>
  state.order.cancelAfterMillis !== undefined && state.order.cancelAfterMillis <= nowMillis

/** Ends the orders whose lifetime is over, also those that a dead run journalled and never sent. */
export const expire = Effect.fn("Execute.expire")(function* (
  session: Session,
  conversation: Conversation,
  due: ReadonlyArray<OrderState>
) {
  return yield* conversation.about(ids(due), (now) => session.cancel(unfinished(now), "expired", "its lifetime ended"))
})

/** What rests in a resolved market is cancelled; what else rests may have filled since it was last looked at. */
export const refresh = Effect.fn("Execute.refresh")(function* (
  session: Session,
  conversation: Conversation,
  resting: ReadonlyArray<OrderState>,
  markets: ReadonlyMap<ConditionId, Market>
) {
  const isOver = (state: OrderState) => markets.get(state.order.conditionId)?.payouts !== undefined
  const ended = yield* conversation.about(ids(resting.filter(isOver)), (now) =>
    session.cancel(unfinished(now), "cancelled", "its market is resolved")
  )
  const alive = resting.filter((state) => !isOver(state) && markets.has(state.order.conditionId))
  const refreshed = yield* conversation.about(ids(alive), (now, memory) => session.refresh(unfinished(now), memory))
  return [...ended, ...refreshed]
})
