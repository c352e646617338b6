import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"

/** A fiber that waits for a moment. */
interface Sleeper {
  readonly wakeMillis: number
  readonly wake: () => void
}

/**
 * Time that moves only when it is told to, and fibers that run only when they are told to. Between two moves everything
 * that can run runs to the end, so whatever happens at a moment depends on nothing but the moments before it: not on the
 * machine, its load or the order of its timers.
 */
export interface SimulatedTime {
  readonly clock: Clock.Clock
  /** Fibers that live in this time are forked with it. */
  readonly scheduler: Scheduler.Scheduler
  /** Epoch milliseconds. */
  readonly now: () => number
  /** When the next fiber wants to be woken; infinity when none does. */
  readonly nextWake: () => number
  /** Runs all fibers until every one of them sleeps or has ended. */
  readonly settle: () => void
  /**
   * Moves time forward (never back), wakes who waits for a moment up to it, earliest first, and settles after each moment.
   * Time does not jump over a sleeper: it stands at its moment while it runs.
   */
  readonly moveTo: (millis: number) => void
}

/** Time that stands at a moment. */
export const make = (startMillis: number): SimulatedTime => {
  let now = startMillis
  const sleepers: Array<Sleeper> = []
  const scheduler = new Scheduler.ControlledScheduler()

  // Few fibers sleep at once: a sorted list is the simplest queue that keeps turns.
  const add = (sleeper: Sleeper) => {
    let at = sleepers.length
    while (at > 0 && (sleepers[at - 1]?.wakeMillis ?? 0) > sleeper.wakeMillis) at--
    sleepers.splice(at, 0, sleeper)
  }

  const sleep = (duration: Duration.Duration): Effect.Effect<void> => {
    const millis = Duration.toMillis(duration)
    if (millis <= 0) return Effect.yieldNow()
    return Effect.async<void>((resume) => {
      const sleeper: Sleeper = {
        wakeMillis: now + millis,
        wake: () => resume(Effect.void)
      }
      add(sleeper)
      return Effect.sync(() => {
        const at = sleepers.indexOf(sleeper)
        if (at >= 0) sleepers.splice(at, 1)
      })
    })
  }

  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(Math.floor(now)) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(Math.floor(now)) * 1_000_000n),
    sleep
  }

  const settle = () => {
    while (scheduler.tasks.buckets.length > 0) scheduler.step()
  }
  const nextWake = () => sleepers[0]?.wakeMillis ?? Number.POSITIVE_INFINITY

  return {
    clock,
    scheduler,
    now: () => now,
    nextWake,
    settle,
    moveTo: (millis) => {
      while (nextWake() <= millis) {
        now = Math.max(now, nextWake())
        while (nextWake() <= now) sleepers.shift()?.wake()
        settle()
      }
      now = Math.max(now, millis)
    }
  }
}
