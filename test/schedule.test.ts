import * as fs from "node:fs"
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as TestServices from "effect/TestServices"
import { uuidOf } from "../src/domain/Identity.ts"
import type { TickTold } from "../src/domain/Report.ts"
import * as Simulated from "../src/layers/marketdata/Simulated.ts"
import * as Paper from "../src/layers/venue/Paper.ts"
import { Lease } from "../src/persist/Lease.ts"
import { Ledger } from "../src/persist/Ledger.ts"
import * as Schedule from "../src/schedule.ts"
import * as Tick from "../src/tick.ts"
import { BALANCE, database, instruction, plan, proven, rows } from "./pipeline/world.ts"

const HOUR = 3_600_000
/** A full hour. */
const START = 1_790_002_800_000

const market = Paper.layer.pipe(Layer.provideMerge(Simulated.layer("week")))
const world = Layer.mergeAll(market, Ledger.layer, Lease.layer, NodeContext.layer).pipe(Layer.provideMerge(database))

/** Time in which the database answers: real time, while the test's clock stands still. */
const breath = TestServices.provideLive(Effect.sleep("3 millis"))
const until = (what: () => boolean) =>
  TestServices.provideLive(
    Effect.sleep("3 millis").pipe(
      Effect.repeat({ until: what }),
      Effect.timeoutOption("20 seconds"),
      Effect.map((ended) => assert.isTrue(Option.isSome(ended), "it did not come to pass"))
    )
  )
const settled = Effect.repeatN(breath, 10)

const at = (hours: number) => START + hours * HOUR
/** A scheduler of one hour's interval, as what it runs. */
const scheduler = <E, R>(
  tick: (slotMillis: number) => Effect.Effect<void, E, R>,
  parts: Partial<Schedule.Options<E, R>> = {}
) =>
  Schedule.run({
    intervalMinutes: 60,
    once: false,
    holder: uuidOf("holder", "first"),
    onWait: Effect.void,
    tick,
    ...parts
  })

/** A lease that is never lost and never renewed: each renewal would be a step of the test's clock, 30,000 in a week. */
const unhurried = Layer.effect(
  Lease,
  Effect.map(Lease, (lease) => Lease.of({ ...lease, renew: () => Effect.never }))
)

describe("a week of ticks", () => {
  it.scoped(
    "comes on every hour, runs each plan once in name order, lets no bad plan stop the others, and proves at the end",
    () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const folder = yield* files.makeTempDirectoryScoped()
        const write = (name: string, content: unknown) =>
          Effect.sync(() => fs.writeFileSync(path.join(folder, name), JSON.stringify(content)))
        yield* TestClock.setTime(START - 1000)
        yield* write(
          "b-rests.json",
          plan("rests", [
            instruction({ marketId: "sim-rain", price: 0.3, size: 40 }),
            instruction({ marketId: "sim-rain", outcome: "NO", price: 0.3, size: 40 })
          ])
        )
        yield* write("c-bad.json", { planId: "bad", mode: "paper" })
        yield* write("d-takes.json", plan("takes", [instruction({ marketId: "sim-sun-ask-0.45" })]))
        yield* write(
          "a-brief.json",
          plan("brief", [instruction({ marketId: "sim-snow", price: 0.02, cancelAfterSec: 7200 })])
        )
        yield* write("notes.txt", "no plan")

        const told: Array<TickTold> = []
        let [running, most] = [0, 0]
        const tick = (slotMillis: number) =>
          Effect.gen(function* () {
            most = Math.max(most, ++running)
            told.push(yield* Tick.tick(folder, slotMillis, { paperBalance: BALANCE, live: false }))
            running--
          })
        yield* Effect.forkScoped(Effect.provide(scheduler(tick), unhurried))
        yield* settled
        assert.lengthOf(told, 0)
        yield* TestClock.setTime(START)
        yield* until(() => told.length === 1)
        for (let hour = 1; hour < 168; hour++) {
          if (hour % 24 === 0) {
            const day = hour / 24
            yield* write(
              `e-day-${day}.json`,
              plan(`day-${day}`, [instruction({ marketId: `sim-day-${day}`, price: 0.9 })])
            )
          }
          yield* TestClock.setTime(at(hour))
          yield* until(() => told.length === hour + 1 && running === 0)
        }

        assert.deepStrictEqual(
          told.map((each) => each.slotMillis),
          Array.from({ length: 168 }, (_, hour) => at(hour))
        )
        assert.strictEqual(most, 1)
        const [first] = told
        assert.deepStrictEqual(
          first?.plans.map((each) => [path.basename(each.file), each.status]),
          [
            ["a-brief.json", "completed"],
            ["b-rests.json", "completed"],
            ["c-bad.json", "failed"],
            ["d-takes.json", "completed"]
          ]
        )
        const completed = told.flatMap((each) => each.plans.filter((one) => one.status === "completed"))
        assert.lengthOf(completed, 3 + 6)
        assert.strictEqual(new Set(completed.map((each) => each.planId)).size, completed.length)
        const expired = told.flatMap((each) => each.changed.filter((state) => state.status === "expired"))
        assert.deepStrictEqual(
          expired.map((state) => state.order.planId),
          ["brief"]
        )
        const filled = told.flatMap((each) => each.changed.filter((state) => state.status === "filled"))
        assert.isAbove(filled.length, 0, "nothing that rested was filled in a week")
        assert.deepInclude(yield* rows, { runs: 9, orders: 10 })
        yield* proven
      }).pipe(Effect.provide(world)),
    60_000
  )
})

describe("a scheduler", () => {
  it.scoped("runs ticks that were missed once, never two at a time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(at(0) + 1)
      const log: Array<string> = []
      const tick = (slotMillis: number) =>
        Effect.gen(function* () {
          const began = yield* Clock.currentTimeMillis
          yield* Effect.sleep("90 minutes")
          log.push(`${(slotMillis - START) / HOUR} from ${(began - START) / HOUR}`)
        })
      yield* Effect.forkScoped(Effect.provide(scheduler(tick), unhurried))
      yield* settled
      for (let half = 1; half <= 12; half++) {
        yield* TestClock.setTime(START + (half * HOUR) / 2)
        yield* settled
      }
      // 90 minutes from 1:00; that of 2:00 late at 2:30, until 4:00; that of 3:00 not at all.
      assert.deepStrictEqual(log, ["1 from 1", "2 from 2.5", "4 from 4"])
    }).pipe(Effect.provide(world))
  )

  it.scoped("that comes back after a day runs one tick for all that was missed", () =>
    Effect.gen(function* () {
      const log: Array<number> = []
      const tick = (slotMillis: number) => Effect.sync(() => void log.push((slotMillis - START) / HOUR))
      yield* TestClock.setTime(at(1))
      yield* scheduler(tick, { once: true })
      yield* TestClock.setTime(at(25) + 1000)
      yield* Effect.forkScoped(Effect.provide(scheduler(tick), unhurried))
      yield* until(() => log.length === 2)
      yield* TestClock.setTime(at(26))
      yield* until(() => log.length === 3)
      assert.deepStrictEqual(log, [1, 25, 26])
    }).pipe(Effect.provide(world))
  )

  it.scoped("told --once ticks now, gives its lease back and leaves", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(at(0) + 600_000)
      const log: Array<number> = []
      const tick = (slotMillis: number) => Effect.sync(() => void log.push(slotMillis))
      yield* scheduler(tick, { once: true })
      yield* scheduler(tick, { once: true, holder: uuidOf("holder", "second") })
      assert.deepStrictEqual(log, [at(0), at(0)])
    }).pipe(Effect.provide(world))
  )

  it.scoped("waits for the one that holds the lease, and takes over when that one ends", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(at(0) + 3_590_000)
      const log: Array<string> = []
      const ticking = (name: string) => (slotMillis: number) =>
        Effect.sync(() => void log.push(`${name} ${(slotMillis - START) / HOUR}`))
      const first = yield* Effect.forkScoped(scheduler(ticking("first")))
      yield* settled
      yield* Effect.forkScoped(
        scheduler(ticking("second"), {
          holder: uuidOf("holder", "second"),
          onWait: Effect.sync(() => void log.push("second waits"))
        })
      )
      yield* until(() => log.length === 1)
      yield* TestClock.setTime(at(1))
      yield* until(() => log.length === 2)
      yield* settled
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("5 seconds")
      yield* settled
      // Its hour has run to its end: the second one waits for the next.
      assert.deepStrictEqual(log, ["second waits", "first 1"])
      for (let step = 0; step < 80; step++) {
        yield* TestClock.adjust("45 seconds")
        yield* Effect.repeatN(breath, 2)
      }
      yield* until(() => log.length === 3)
      assert.deepStrictEqual(log, ["second waits", "first 1", "second 2"])
    }).pipe(Effect.provide(world))
  )

  it.scoped("takes over when the one that holds the lease no longer renews it", () =>
    Effect.gen(function* () {
      const lease = yield* Lease
      yield* TestClock.setTime(at(0) + 1000)
      yield* lease.acquire("schedule", uuidOf("holder", "dead"), 60_000, at(0) + 1000)
      const log: Array<number> = []
      const tick = () => Effect.map(Clock.currentTimeMillis, (now) => void log.push(now - at(0)))
      const running = yield* Effect.forkScoped(scheduler(tick, { once: true }))
      for (let step = 0; step < 12; step++) {
        yield* settled
        assert.lengthOf(log, 0, `after ${step * 5} seconds`)
        yield* TestClock.adjust("5 seconds")
      }
      yield* Fiber.join(running)
      assert.deepStrictEqual(log, [61_000])
    }).pipe(Effect.provide(world))
  )

  it.scoped("whose lease was taken from it leaves its tick, and queues up again", () =>
    Effect.gen(function* () {
      const lease = yield* Lease
      yield* TestClock.setTime(at(1) - 1000)
      const log: Array<string> = []
      const tick = () =>
        Effect.onInterrupt(
          Effect.zipRight(
            Effect.sync(() => log.push("begins")),
            Effect.sleep("30 minutes")
          ),
          () => Effect.sync(() => log.push("leaves"))
        )
      yield* Effect.forkScoped(scheduler(tick, { onWait: Effect.sync(() => void log.push("waits")) }))
      yield* settled
      yield* TestClock.adjust("1 second")
      yield* until(() => log.includes("begins"))
      // Another one's, at a time when it counts as expired.
      yield* lease.acquire("schedule", uuidOf("holder", "thief"), 600_000, at(2))
      yield* TestClock.adjust("20 seconds")
      yield* until(() => log.length === 3)
      assert.deepStrictEqual(log, ["begins", "leaves", "waits"])
    }).pipe(Effect.provide(world))
  )
})
