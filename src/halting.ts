import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { VenueUnavailable } from "./domain/Failure.ts"
import type { Resting } from "./domain/Match.ts"
import { EXPOSED, isTerminal, type Mode, type OrderState } from "./domain/Order.ts"
import { mayBeThere } from "./execute/Announce.ts"
import { PATIENCE, type Patience, resolve } from "./execute/Resolve.ts"
import { takeBack } from "./execute/Sweep.ts"
import { Venue } from "./layers/Venue.ts"
import { Ledger, type OrderRecord } from "./persist/Ledger.ts"
import { sameWallet } from "./reconcile/Wallet.ts"
import { converse, SIMULATION } from "./reconcile.ts"

export interface Options {
  readonly reason: string | undefined
  /** Whether orders at the venue that are not ours are taken back, too. */
  readonly foreign: boolean
  readonly patience?: Patience
  /** How often all of it is tried, at most. */
  readonly tries?: number
}

/** What a halt of one mode came to. */
export interface Halted {
  readonly mode: Mode
  /** Orders that were never sent, and now never will be. */
  readonly voided: ReadonlyArray<OrderRecord>
  /** Orders that were there, as they are now. */
  readonly ended: ReadonlyArray<OrderState>
  /** Orders of others at the venue: left alone, unless they were to go as well. */
  readonly foreign: ReadonlyArray<Resting>
  /** How often in a row the venue showed that nothing of ours rests; 0 where there is no venue to ask. */
  readonly proofs: number
}

/** So often in a row must the venue show that nothing of ours rests. */
const PROOFS = 2
const BETWEEN_PROOFS = 1_000
const TRIES = 8

/** Cancels what is there, whatever it takes, until the venue has shown often enough that nothing is left. */
const clear = Effect.fn("Halting.clear")(function* (
  mode: Mode,
  { foreign, patience = PATIENCE, tries = TRIES }: Options
) {
  const ledger = yield* Ledger
  const venue = yield* Venue
  yield* sameWallet(mode)
  const exposed = (yield* ledger.orders({ mode, statuses: EXPOSED })).filter(mayBeThere)
  const session = yield* venue.open({
    mode,
    markets: [],
    simulation: SIMULATION,
    decidedOn: new Map(),
    stopAtRefusal: false
  })
  const conversation = yield* converse(mode, exposed)
  const ids = exposed.map(({ order }) => order.id)
  const alive = () => conversation.current(ids).filter(({ status }) => !isTerminal(status))
  if (!venue.isReal(mode)) {
    yield* takeBack(session, conversation, exposed, "cancelled", "trading was halted")
    return { ended: conversation.current(ids), foreign: [], proofs: 0 }
  }
  // Everything is asked for back at once, before anything is looked up: seconds count.
  const hashes = exposed.flatMap(({ order }) => order.sealed?.externalOrderId ?? [])
  yield* Effect.ignore(venue.sweep(mode, foreign ? "all" : hashes))
  let proofs = 0
  let left: ReadonlyArray<Resting> = []
  for (let attempt = 0; attempt < tries && proofs < PROOFS; attempt++) {
    if (attempt > 0) yield* Effect.sleep(BETWEEN_PROOFS)
    yield* Effect.ignore(takeBack(session, conversation, alive(), "cancelled", "trading was halted"))
    yield* resolve(session, conversation, ids, { ...patience, total: Math.min(patience.total, 5_000) })
    const swept = yield* Effect.either(venue.sweep(mode, []))
    if (Either.isLeft(swept) || swept.right === undefined) {
      proofs = 0
      continue
    }
    const known = yield* ledger.orders({ mode, externalIds: swept.right.resting.map((order) => order.externalOrderId) })
    const ours = new Set(known.map((order) => order.externalOrderId))
    left = swept.right.resting.filter((order) => foreign || ours.has(order.externalOrderId))
    proofs = left.length === 0 ? proofs + 1 : 0
    // A mass cancel may have had no effect: by their ids, then.
    if (left.length > 0)
      yield* Effect.ignore(
        venue.sweep(
          mode,
          left.map((order) => order.externalOrderId)
        )
      )
    if (proofs === PROOFS) {
      const others = swept.right.resting.filter((order) => !ours.has(order.externalOrderId))
      return { ended: conversation.current(ids), foreign: others, proofs }
    }
  }
  return yield* new VenueUnavailable({
    message:
      left.length > 0
        ? `the halt stands and nothing new leaves, but ${left.length} orders still rest at the venue: ${left
            .slice(0, 5)
            .map((order) => order.externalOrderId)
            .join(", ")}; run it again, or: betteroms halt --foreign`
        : "the halt stands and nothing new leaves, but the venue could not be asked what rests: run it again"
  })
})

/**
 * Halts a mode: first the gate closes and what was never sent is voided, in one commit; then what is there is taken back,
 * and the venue must show twice that nothing of ours rests. The halt stands whatever fails behind it.
 */
export const halt = Effect.fn("Halting.halt")(function* (mode: Mode, options: Options) {
  const ledger = yield* Ledger
  const voided = yield* ledger.halt(mode, options.reason, yield* Clock.currentTimeMillis)
  return { mode, voided, ...(yield* clear(mode, options)) } satisfies Halted
})

/** Closes the gate of a mode and voids what was never sent, without looking at any venue. */
export const close = Effect.fn("Halting.close")(function* (mode: Mode, reason: string | undefined) {
  const ledger = yield* Ledger
  return yield* ledger.halt(mode, reason, yield* Clock.currentTimeMillis)
})

const MODES: ReadonlyArray<Mode> = ["paper", "live"]

/** Opens the gates again; returns the modes that were halted. */
export const resume = Effect.gen(function* () {
  const ledger = yield* Ledger
  const resumed: Array<Mode> = []
  for (const mode of MODES) if (yield* ledger.resume(mode, yield* Clock.currentTimeMillis)) resumed.push(mode)
  return resumed
})
