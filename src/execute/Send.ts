import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { DatabaseUnavailable, VenueUnavailable } from "../domain/Failure.ts"
import type { News } from "../domain/News.ts"
import { isTerminal, type OrderState } from "../domain/Order.ts"
import { isImmediate } from "../domain/Sizing.ts"
import type { Session } from "../layers/Venue.ts"
import type { Approved } from "../risk/Risk.ts"
import { announcement, hasShut, mayBeThere, reply, word } from "./Announce.ts"
import type { Conversation } from "./Conversation.ts"
import { type Patience, resolve } from "./Resolve.ts"

export interface Options {
  readonly onReject: "stop" | "skip"
  readonly progress: (done: number, of: number) => Effect.Effect<void>
  readonly patience?: Patience
}

const NO_MEMORY = new Map()

/** How a run of orders ended: at an order, at a venue that takes nothing, or at its end. */
export interface Sent {
  readonly stoppedBy: OrderState | undefined
  readonly failure: VenueUnavailable | undefined
}
const NOTHING_AMISS: Sent = { stoppedBy: undefined, failure: undefined }

/** What a post's own news says of going on: `wait` until more is known of this order. */
const verdict = (news: ReadonlyArray<News>, onReject: "stop" | "skip"): "go" | "wait" | "stop" => {
  const [first] = news
  if (first?.word === "silent" || first?.word === "blocked" || first?.word === "unsent") return "wait"
  return first?.word === "refused" && onReject === "stop" ? "stop" : "go"
}

const isOpenQuestion = ({ status }: OrderState): boolean => status === "unknown" || status === "pending"

/** Whether an order has not left this machine. */
const isHere = (state: OrderState): boolean => state.status === "pending" && !mayBeThere(state)

const stops = (state: OrderState, onReject: "stop" | "skip"): boolean =>
  isOpenQuestion(state) || state.status === "blocked" || (state.status === "rejected" && onReject === "stop")

/** Whether nothing more is due of what an order met at once. One that was delayed, or cannot rest, is waited for to its end. */
const isKnown = ({ fills, matched, word: said }: News, { order }: OrderState, delayed: boolean): boolean =>
  said !== "delayed" &&
  said !== "silent" &&
  (said !== "live" || !(delayed || isImmediate(order))) &&
  (matched === undefined || fills.reduce((sum, fill) => sum + fill.shares, 0n) >= matched)

/** Pauses before each look at what sent orders have met, in milliseconds. */
const LOOKS = [0, 100, 200, 400, 800, 1500, 3000]

/** Looks, for a while, at orders that met the book at once, until all that they met is known. */
const settle = Effect.fn("Execute.settle")(function* (
  session: Session,
  conversation: Conversation,
  met: ReadonlyMap<string, "matched" | "delayed">
) {
  const waiting = new Set(met.keys())
  for (const pause of LOOKS) {
    for (const { order, status } of conversation.current([...waiting])) {
      if (isTerminal(status)) waiting.delete(order.id)
    }
    if (waiting.size === 0) return
    yield* Effect.sleep(pause)
    // What cannot be learned now is learned by whoever reconciles next.
    yield* Effect.ignore(
      conversation.about([...waiting], (now) =>
        Effect.tap(session.refresh(now, NO_MEMORY), ({ news = [] }) =>
          Effect.sync(() => {
            const states = new Map(now.map((state) => [state.order.id, state]))
            for (const each of news) {
              const state = states.get(each.orderId)
              if (state !== undefined && isKnown(each, state, met.get(each.orderId) === "delayed"))
                waiting.delete(each.orderId)
            }
          })
        )
      )
    )
  }
})

/**
 * Sends orders that leave this machine, one after the other. Each is announced in a commit before it goes, and that commit
 * is the last gate: what the halt, a stop or a lost lease keeps back never leaves, nor does what has waited behind it. The
 * announcement of the next order shares a commit with the answer to the one before it. Nothing follows an order whose fate
 * stays unknown. An interruption waits for the answer to the order in flight, and takes an announcement back that nothing
 * followed.
 */
export const send = Effect.fn("Execute.send")(function* (
  session: Session,
  conversation: Conversation,
  orders: ReadonlyArray<Approved>,
  { onReject, patience, progress }: Options
) {
  let announced: { readonly id: string; readonly atMillis: number } | undefined
  const met = new Map<string, "matched" | "delayed">()
  const state = (id: string): OrderState | undefined => conversation.current([id])[0]
  /** Whether the announcement that stands is ours: another process may have sent the order before. */
  const isOurs = ({ order, sentMillis }: OrderState) => announced?.id === order.id && announced.atMillis === sentMillis

  const announce = (id: string) =>
    conversation.about([id], ([now]) =>
      Effect.gen(function* () {
        const atMillis = yield* Clock.currentTimeMillis
        announced = { id, atMillis }
        return reply(now === undefined ? [] : [announcement(now, atMillis)])
      })
    )

  /** Posts an order and, in the same commit as its answer, announces the one behind it. */
  const post = (order: Approved, following: Approved | undefined) => {
    let failure: VenueUnavailable | undefined
    let posted = false
    const ids = following === undefined ? [order.id] : [order.id, following.id]
    const ask = ([now, next]: ReadonlyArray<OrderState>) =>
      Effect.gen(function* () {
        // A commit that is tried again must not post again.
        if (posted || now === undefined) return reply([])
        posted = true
        const leaving = yield* Clock.currentTimeMillis
        const passed = announced
        announced = undefined
        if (passed === undefined || hasShut(passed.atMillis, leaving)) return reply([word(now, "unsent", leaving)])
        const answer = yield* Effect.either(session.place([order], NO_MEMORY))
        const atMillis = yield* Clock.currentTimeMillis
        if (answer._tag === "Left") {
          failure = answer.left
          return reply([word(now, "unsent", atMillis)])
        }
        const { news = [] } = answer.right
        for (const { orderId, word: said } of news) if (said === "matched" || said === "delayed") met.set(orderId, said)
        if (next === undefined || verdict(news, onReject) !== "go") return reply(news)
        announced = { id: next.order.id, atMillis }
        return reply([...news, announcement(next, atMillis)])
      })
    return Effect.map(conversation.about(ids, ask, true), () => failure)
  }

  /** Lets an order out through the gate. One that has not left after all passes it anew. Returns what keeps it here. */
  const letOut = Effect.fnUntraced(function* (order: Approved, following: Approved | undefined) {
    while (true) {
      const before = state(order.id)
      if (before !== undefined && isHere(before)) yield* announce(order.id)
      const now = state(order.id)
      if (now === undefined) return undefined
      if (isHere(now)) return { ...NOTHING_AMISS, stoppedBy: now }
      if (now.status !== "pending" || !isOurs(now)) return undefined
      const failure = yield* post(order, following)
      if (failure !== undefined) return { ...NOTHING_AMISS, failure }
      const after = state(order.id)
      if (after === undefined || !isHere(after)) return undefined
    }
  })

  const run: Effect.Effect<Sent, DatabaseUnavailable> = Effect.gen(function* () {
    for (const [index, order] of orders.entries()) {
      const kept = yield* letOut(order, orders[index + 1])
      if (kept !== undefined) return kept
      if (state(order.id) === undefined) continue
      const after = state(order.id)
      if (after !== undefined && isOpenQuestion(after)) {
        yield* resolve(session, conversation, [order.id], patience)
        const found = state(order.id)
        // It may have met the book, whichever of its copies arrived. What was not found has been looked for long enough.
        if (found !== undefined && !isOpenQuestion(found) && !met.has(order.id)) met.set(order.id, "matched")
      }
      const known = state(order.id)
      yield* progress(index + 1, orders.length)
      if (known !== undefined && stops(known, onReject)) return { ...NOTHING_AMISS, stoppedBy: known }
    }
    return NOTHING_AMISS
  })

  const takeBack = Effect.suspend(() => {
    if (announced === undefined) return Effect.void
    return Effect.ignore(
      conversation.about([announced.id], ([now]) =>
        Effect.map(Clock.currentTimeMillis, (atMillis) =>
          reply(now === undefined || !isOurs(now) ? [] : [word(now, "unsent", atMillis)])
        )
      )
    )
  })
  const sent = yield* Effect.onInterrupt(run, () => takeBack)
  yield* settle(session, conversation, met)
  return sent
})
