import type { Reply } from "../domain/Answer.ts"
import type { News, Word } from "../domain/News.ts"
import { isDue, type OrderState, SIGNATURE_LIFE_MILLIS } from "../domain/Order.ts"

export const reply = (news: ReadonlyArray<News>): Reply => ({ answers: [], memory: [], news })

export const word = (state: OrderState, said: Word, atMillis: number, reason?: string): News => ({
  orderId: state.order.id,
  word: said,
  matched: undefined,
  fills: [],
  reason,
  atMillis
})

/** Whether the signature of an order is too old for it to leave. */
export const isStale = ({ order }: OrderState, nowMillis: number): boolean =>
  nowMillis > (order.sealed?.signedMillis ?? order.placedMillis) + SIGNATURE_LIFE_MILLIS

/** Whether an order may be at the venue already. */
export const mayBeThere = (state: OrderState): boolean => state.status !== "pending" || state.sentMillis !== undefined

/** How long an order that has passed the gate may still leave: a process can be stopped behind it, and be woken hours later. */
const GATE_MILLIS = 2_000

/** Whether the gate that was passed at a time has shut behind it: a clock that was set, either way, shuts it too. */
export const hasShut = (passedMillis: number, nowMillis: number): boolean =>
  Math.abs(nowMillis - passedMillis) > GATE_MILLIS

export const STALE =
  "it waited too long to be sent: its signature is older than 60 s; for a new attempt: betteroms trade --retry-refused"

/** What is put on record before an order leaves: that it does, or why it never will. */
export const announcement = (state: OrderState, nowMillis: number): News =>
  isDue(state, nowMillis)
    ? word(state, "lapsed", nowMillis, "its lifetime ended before it was sent")
    : isStale(state, nowMillis)
      ? word(state, "blocked", nowMillis, STALE)
      : word(state, "sent", nowMillis)
