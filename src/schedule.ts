import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { Lease } from "./persist/Lease.ts"
import type { Tenure } from "./persist/Ledger.ts"

/** One scheduler at a time, whichever machine or process it runs in. */
const NAME = "schedule"
/** How long a scheduler that stopped answering keeps others waiting. */
const TTL = Duration.seconds(60)
const RENEWAL = Duration.seconds(20)
const PATIENCE = Duration.seconds(5)

/** The tick that a moment belongs to: ticks lie on multiples of the interval since the epoch, so 60 means on the hour. */
export const slotOf = (atMillis: number, intervalMinutes: number): number => {
  const interval = intervalMinutes * 60_000
  return Math.floor(atMillis / interval) * interval
}

export interface Options<E, R> {
  readonly intervalMinutes: number
  /** One tick now, then leave. */
  readonly once: boolean
  /** Tells this scheduler from others. */
  readonly holder: string
  /** Does the work of a slot, under the lease of that fence. */
  readonly tick: (slotMillis: number, tenure: Tenure) => Effect.Effect<void, E, R>
  /** Goes on beside the ticks for as long as the lease is held. */
  readonly beside?: Effect.Effect<never, E, R>
  /** Called once when another scheduler holds the lease and this one has to wait. */
  readonly onWait: Effect.Effect<void>
}

/** Waits for the lease, however long another scheduler keeps it. */
const acquire = Effect.fn("Schedule.acquire")(function* (holder: string, onWait: Effect.Effect<void>) {
  const lease = yield* Lease
  let waited = false
  while (true) {
    const now = yield* Clock.currentTimeMillis
    const tenure = yield* lease.acquire(NAME, holder, Duration.toMillis(TTL), now)
    if (Option.isSome(tenure)) return tenure.value
    if (!waited) yield* onWait
    waited = true
    yield* Effect.sleep(PATIENCE)
  }
})

/** Keeps the lease while work goes on; when it is lost, the work is interrupted: another scheduler has taken over. */
const whileHeld = <A, E, R>(holder: string, fence: bigint, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const lease = yield* Lease
    const lost = yield* Deferred.make<void>()
    const renewal = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      if (!(yield* lease.renew(NAME, holder, fence, Duration.toMillis(TTL), now)))
        yield* Deferred.succeed(lost, undefined)
    })
    return yield* Effect.raceFirst(
      Effect.map(work, Option.some),
      Effect.zipRight(
        Effect.raceFirst(Deferred.await(lost), Effect.repeat(renewal, Schedule.spaced(RENEWAL))),
        Effect.succeed(Option.none<A>())
      )
    )
  })

/**
 * Ticks at every multiple of the interval. A tick never overlaps the one before; ticks missed meanwhile, or while no
 * scheduler ran, run once; a tick that has run to its end is not run again by another scheduler.
 */
export const run = Effect.fn("Schedule.run")(function* <E, R>(options: Options<E, R>) {
  const lease = yield* Lease
  const interval = options.intervalMinutes * 60_000
  const tick = (fence: bigint, slotMillis: number) =>
    Effect.zipRight(
      options.tick(slotMillis, { name: NAME, holder: options.holder, fence }),
      lease.slotDone(NAME, options.holder, fence, slotMillis)
    )

  const reign = Effect.gen(function* () {
    const { fence, lastSlotMillis } = yield* acquire(options.holder, options.onWait)
    const start = yield* Clock.currentTimeMillis
    const ticks = Effect.gen(function* () {
      if (options.once) return yield* tick(fence, slotOf(start, options.intervalMinutes))
      let done = lastSlotMillis ?? slotOf(start, options.intervalMinutes)
      while (true) {
        const now = yield* Clock.currentTimeMillis
        const due = slotOf(now, options.intervalMinutes)
        if (due > done) {
          yield* tick(fence, due)
          done = due
        } else {
          yield* Effect.sleep(due + interval - now)
        }
      }
    })
    return yield* Effect.ensuring(
      whileHeld(options.holder, fence, options.beside === undefined ? ticks : Effect.raceFirst(ticks, options.beside)),
      Effect.ignore(lease.release(NAME, options.holder, fence))
    )
  })
  // A scheduler that lost its lease queues up for it again.
  yield* Effect.repeat(reign, { while: () => !options.once })
})
