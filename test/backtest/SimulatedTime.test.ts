import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as SimulatedTime from "../../src/replay/backtest/SimulatedTime.ts"

const START = 1_000

/** Forks a program into a time of its own. */
const inTime = <A, E>(program: (log: (what: string) => Effect.Effect<void>) => Effect.Effect<A, E>) =>
  Effect.map(Effect.runtime<never>(), (runtime) => {
    const time = SimulatedTime.make(START)
    const told: Array<string> = []
    const log = (what: string) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        told.push(`${now} ${what}`)
      })
    Runtime.runFork(runtime)(Effect.withClock(program(log), time.clock), { scheduler: time.scheduler })
    time.settle()
    return { time, told }
  })

describe("simulated time", () => {
  it.effect("wakes each sleeper at its own moment, however far time moves at once", () =>
    Effect.gen(function* () {
      const { time, told } = yield* inTime((log) =>
        Effect.all(
          [
            Effect.zipRight(Effect.sleep("30 seconds"), log("late")),
            Effect.zipRight(Effect.sleep("10 seconds"), log("early")),
            Effect.zipRight(Effect.sleep("10 seconds"), log("early, too"))
          ],
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(told, [])
      assert.strictEqual(time.nextWake(), 11_000)
      time.moveTo(60_000)
      assert.deepStrictEqual(told, ["11000 early", "11000 early, too", "31000 late"])
      assert.strictEqual(time.now(), 60_000)
    })
  )

  it.effect("lets a woken fiber sleep again within the same move", () =>
    Effect.gen(function* () {
      const { time, told } = yield* inTime((log) =>
        Effect.repeatN(Effect.zipRight(Effect.sleep("5 seconds"), log("tick")), 2)
      )
      time.moveTo(13_000)
      assert.deepStrictEqual(told, ["6000 tick", "11000 tick"])
      time.moveTo(16_000)
      assert.strictEqual(told.at(-1), "16000 tick")
      assert.strictEqual(time.nextWake(), Number.POSITIVE_INFINITY)
    })
  )

  it.effect("forgets a sleeper that is interrupted, and cuts what takes too long", () =>
    Effect.gen(function* () {
      const { time, told } = yield* inTime((log) =>
        Effect.never.pipe(
          Effect.timeoutTo({ duration: "2 seconds", onSuccess: () => "done", onTimeout: () => "cut" }),
          Effect.tap(log),
          Effect.zipRight(Effect.race(Effect.sleep("1 second"), Effect.sleep("1 hour"))),
          Effect.zipRight(log("raced"))
        )
      )
      time.moveTo(10_000)
      assert.deepStrictEqual(told, ["3000 cut", "4000 raced"])
      assert.strictEqual(time.nextWake(), Number.POSITIVE_INFINITY)
    })
  )
})
