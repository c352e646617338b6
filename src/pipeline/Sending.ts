import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BookSnapshot } from "../domain/Book.ts"
import { type Failure, Halted, VenueUnavailable } from "../domain/Failure.ts"
import type { ConditionId } from "../domain/Market.ts"
import type { OrderState } from "../domain/Order.ts"
import { answered, placed } from "../domain/OrderState.ts"
import type { Plan } from "../domain/Plan.ts"
import { reply, word } from "../execute/Announce.ts"
import type { Conversation } from "../execute/Conversation.ts"
import { place } from "../execute/Place.ts"
import type { Patience } from "../execute/Resolve.ts"
import { type Desk, type Session, Venue } from "../layers/Venue.ts"
import { Ledger, type Tenure } from "../persist/Ledger.ts"
import { converse } from "../reconcile.ts"
import type * as Risk from "../risk/Risk.ts"
import * as Trials from "../trials.ts"
import { type Scene, sound } from "./Scene.ts"

/** How a run's orders are sent. */
export interface Sending {
  readonly progress: (done: number, of: number) => Effect.Effect<void>
  /** The scheduler's lease that the run is part of, where it is. */
  readonly tenure?: Tenure | undefined
  /** How long the fate of an order is looked for before the run stops at it. */
  readonly patience?: Patience
}

const faultsOf = (session: Session) =>
  session.faults.map((fault) => `no fills in ${fault.conditionId}: ${fault.reason}`)

const deskOf = (plan: Plan, scene: Scene): Desk => ({
  mode: plan.mode,
  markets: [...scene.known.values()],
  simulation: plan.simulation,
  decidedOn: sound(scene.books),
  stopAtRefusal: plan.onReject === "stop"
})

/** Why a run ended at an order: it was refused, its fate is unknown, or the gate kept it back. */
const stoppedAt = Effect.fn("Pipeline.stoppedAt")(function* ({ order, reasons, sentMillis, status }: OrderState) {
  const ledger = yield* Ledger
  const why = reasons.at(-1) ?? "nobody could be asked what became of it"
  const message =
    status === "pending" && sentMillis === undefined
      ? `instruction ${order.instruction + 1} was not sent: another scheduler has taken over`
      : `instruction ${order.instruction + 1} ended ${status}: ${why}; nothing was sent after it`
  const barriers = status === "blocked" ? yield* Effect.option(ledger.barriers(order.mode)) : Option.none()
  const halted = Option.isSome(barriers) && (barriers.value.halt !== undefined || barriers.value.stops.length > 0)
  return halted ? new Halted({ message }) : new VenueUnavailable({ message })
})

/** Where a run's orders stand, and what they stood on. */
export interface Executed {
  readonly states: ReadonlyArray<OrderState>
  readonly books: ReadonlyMap<ConditionId, BookSnapshot>
  readonly warnings: ReadonlyArray<string>
  readonly failure: Failure | undefined
}

/** Orders through the venue with nothing written: what the plan would come to now. */
export const preview = Effect.fn("Pipeline.preview")(function* (
  plan: Plan,
  scene: Scene,
  orders: ReadonlyArray<Risk.Approved>
) {
  const ledger = yield* Ledger
  // A preview is paper, whatever the plan is: it shows what the displayed book would give.
  const session = yield* Effect.flatMap(Venue, (venue) => venue.open({ ...deskOf(plan, scene), mode: "paper" }))
  const reply = yield* session.place(orders, yield* ledger.memory([...scene.known.keys()]))
  const answers = new Map(reply.answers.map((answer) => [answer.orderId, answer]))
  const states = orders.map((order) => {
    const answer = answers.get(order.id)
    return answer === undefined ? placed(order) : answered(placed(order), answer)
  })
  return { states, books: session.books, warnings: faultsOf(session), failure: undefined } satisfies Executed
})

/** Orders that an earlier run journalled and risk would not let out any more: they were never sent, and never will be. */
const keepBack = (conversation: Conversation, faults: ReadonlyMap<string, string>) =>
  conversation.about([...faults.keys()], (now) =>
    Effect.map(Clock.currentTimeMillis, (atMillis) =>
      reply(now.map((state) => word(state, "blocked", atMillis, faults.get(state.order.id))))
    )
  )

/** Sends what is journalled and not yet sent. A failure is told beside what was placed until then. */
export const execute = Effect.fn("Pipeline.execute")(function* (
  plan: Plan,
  scene: Scene,
  orders: ReadonlyArray<Risk.Approved>,
  faults: ReadonlyMap<string, string>,
  { patience, progress, tenure }: Sending
) {
  const venue = yield* Venue
  const ids = orders.map((order) => order.id)
  const unsent = orders.map(placed)
  const nothing = { states: unsent, books: sound(scene.books), warnings: [] }
  const opened = yield* Effect.either(
    Effect.all([venue.open(deskOf(plan, scene)), converse(plan.mode, unsent, tenure)])
  )
  if (Either.isLeft(opened)) return { ...nothing, failure: opened.left } satisfies Executed
  const [session, conversation] = opened.right
  const leaving = orders.filter((order) => !faults.has(order.id))
  // What is simulated of them is for later: it keeps nothing from being sent, nor waits for it.
  const tried = venue.isReal(plan.mode)
    ? Effect.delay(Effect.ignore(Trials.begin(deskOf(plan, scene), session.books, leaving)), 0)
    : Effect.void
  const options = { onReject: plan.onReject, progress, ...(patience === undefined ? {} : { patience }) }
  const work = Effect.zipRight(keepBack(conversation, faults), place(session, conversation, leaving, options))
  const [stop] = yield* Effect.all([Effect.either(work), tried], { concurrency: 2 })
  const stoppedBy = Either.getOrUndefined(stop)
  return {
    states: conversation.current(ids),
    books: session.books,
    warnings: faultsOf(session),
    failure: Either.isLeft(stop) ? stop.left : stoppedBy === undefined ? undefined : yield* stoppedAt(stoppedBy)
  } satisfies Executed
})
