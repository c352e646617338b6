import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ConditionId, Market } from "../domain/Market.ts"
import type { Match } from "../domain/Match.ts"
import type { News } from "../domain/News.ts"
import { isDue, isTerminal, type OrderState } from "../domain/Order.ts"
import { fillsOf } from "../exchange/Attribution.ts"
import { isStale, mayBeThere, reply, STALE, word } from "../execute/Announce.ts"
import type * as Conversation from "../execute/Conversation.ts"
import { type Patience, resolve } from "../execute/Resolve.ts"
import { expire, takeBack } from "../execute/Sweep.ts"
import type { Session } from "../layers/Venue.ts"
import type { OrderRecord } from "../persist/Ledger.ts"

/** What of the exposed orders is looked after: never sent ones that have waited too long never leave. */
export const lookAfter = Effect.fn("Reconcile.lookAfter")(function* (
  session: Session,
  conversation: Conversation.Conversation,
  exposed: ReadonlyArray<OrderState>,
  records: ReadonlyMap<ConditionId, Market>,
  patience: Patience
) {
  const now = yield* Clock.currentTimeMillis
  const waiting = exposed.filter((state) => !mayBeThere(state) && (isStale(state, now) || isDue(state, now)))
  yield* conversation.about(
    waiting.map(({ order }) => order.id),
    (states) =>
      Effect.succeed(
        reply(
          states.map((state) =>
            isDue(state, now)
              ? word(state, "lapsed", now, "its lifetime ended before it was sent")
              : word(state, "blocked", now, STALE)
          )
        )
      )
  )
  const there = exposed.filter(mayBeThere)
  const ids = there.map(({ order }) => order.id)
  yield* resolve(
    session,
    conversation,
    there.filter(({ status }) => status === "pending" || status === "unknown").map(({ order }) => order.id),
    patience
  )
  const alive = () => conversation.current(ids).filter(({ status }) => !isTerminal(status))
  yield* conversation.about(
    alive().map(({ order }) => order.id),
    (states) => session.refresh(states, new Map())
  )
  yield* expire(
    session,
    conversation,
    alive().filter((state) => isDue(state, now))
  )
  const over = alive().filter(({ order }) => records.get(order.conditionId)?.payouts !== undefined)
  yield* takeBack(session, conversation, over, "cancelled", "its market is resolved")
  const again = alive().filter(({ status }) => status === "cancelling")
  yield* takeBack(session, conversation, again, "cancelled", "its cancel had been begun")
})

/** What the venue's trades mean to our orders, finished ones too. */
export const newsOf = (matches: ReadonlyArray<Match>, ours: ReadonlyMap<string, OrderRecord>, atMillis: number) => {
  const fills = new Map<string, { readonly order: OrderRecord; readonly told: Array<News["fills"][number]> }>()
  let foreign = 0
  for (const match of matches) {
    const parties = [match.takerOrderId, ...match.makers.map((maker) => maker.externalOrderId)]
    const known = [...new Set(parties)].flatMap((id) => ours.get(id) ?? [])
    if (known.length === 0) foreign += 1
    for (const order of known) {
      const { side, tokenId } = order.order
      const party = { side, tokenId, externalOrderId: order.externalOrderId ?? "" }
      const entry = fills.get(order.order.id) ?? { order, told: [] }
      entry.told.push(...fillsOf(match, party, order.order.sealed?.fees))
      fills.set(order.order.id, entry)
    }
  }
  const news = [...fills.values()].map(
    ({ order, told }): News => ({ ...word(order, "matched", atMillis), word: undefined, fills: told })
  )
  return { news, foreign }
}
