import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Answer, Reply } from "../domain/Answer.ts"
import { isDue, type OrderState } from "../domain/Order.ts"
import type { Session } from "../layers/Venue.ts"
import type { Approved } from "../risk/Risk.ts"
import type { Conversation } from "./Conversation.ts"
import type { Patience } from "./Resolve.ts"
import { send } from "./Send.ts"

/** The answer to an order whose lifetime ended before it was ever sent. */
const neverSent = (state: OrderState, atMillis: number): Answer => ({
  orderId: state.order.id,
  status: "expired",
  fills: [],
  bands: state.bands,
  reason: "its lifetime ended before it was sent",
  atMillis,
  externalOrderId: undefined
})

/**
 * Sends orders in plan order, `session.batch` to a commit, or as `Send` tells where they leave this machine. Nothing is sent after an order whose fate is unknown, nor,
 * unless refusals are to be skipped, after a refusal: the orders behind it stay `pending` for the next run of the plan.
 * Returns the order that ended it so, if one did.
 */
export const place = Effect.fn("Execute.place")(function* (
  session: Session,
  conversation: Conversation,
  orders: ReadonlyArray<Approved>,
  options: {
    readonly onReject: "stop" | "skip"
    readonly progress: (done: number, of: number) => Effect.Effect<void>
    readonly patience?: Patience
  }
) {
  if (session.announces) {
    const { failure, stoppedBy } = yield* send(session, conversation, orders, options)
    return failure === undefined ? stoppedBy : yield* failure
  }
  let done = 0
  for (const batch of Arr.chunksOf(orders, session.batch)) {
    const after = yield* conversation.about(
      batch.map((order) => order.id),
      (now, memory) =>
        Effect.gen(function* () {
          const atMillis = yield* Clock.currentTimeMillis
          const [alive, due] = Arr.partition(
            now.filter((state) => state.status === "pending"),
            (state) => isDue(state, atMillis)
          )
          const reply: Reply =
            alive.length === 0
              ? { answers: [], memory: [] }
              : yield* session.place(
                  alive.map((state) => state.order),
                  memory
                )
          return { ...reply, answers: [...due.map((state) => neverSent(state, atMillis)), ...reply.answers] }
        })
    )
    done += batch.length
    yield* options.progress(done, orders.length)
    const stoppedBy = after.find(
      (state) => state.status === "unknown" || (state.status === "rejected" && options.onReject === "stop")
    )
    if (stoppedBy !== undefined) return stoppedBy
  }
  return undefined
})
