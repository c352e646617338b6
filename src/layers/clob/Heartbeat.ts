import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import { Clob } from "../Clob.ts"

/** The venue wants a beat every 5 s and cancels everything after 10 s without one (venue: heartbeat). */
const EVERY = "5 seconds"

/**
 * Keeps the venue's dead-man switch armed for as long as it runs: once this process is gone, the venue cancels every open
 * order of the API key. One process only may beat, so whoever runs it holds the lease. A beat that fails is tried again
 * with the next; that the venue has cancelled meanwhile is found by the next reconciliation.
 */
export const beating = Effect.gen(function* () {
  const clob = yield* Clob
  const id = yield* Ref.make("")
  const beat = Effect.gen(function* () {
    const next = yield* clob.beat(yield* Ref.get(id))
    yield* Ref.set(id, next)
  }).pipe(Effect.catchAll(({ message }) => Effect.logWarning(message)))
  yield* Effect.repeat(beat, Schedule.fixed(EVERY))
  return yield* Effect.never
})
