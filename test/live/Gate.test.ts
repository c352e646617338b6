import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Halting from "../../src/halting.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import {
  agrees,
  answered,
  brief,
  Exchange,
  fault,
  instruction,
  ordersOf,
  plan,
  posts,
  scenario,
  shifted,
  show,
  standing,
  struck,
  trade
} from "./world.ts"

const rain = show("sandbox-rain", { "0.4": "500" }, { "0.46": "50000" })
const one = (planId: string) => plan(planId, [instruction({ price: 0.45 })])
const close = Halting.close("live", "prices look wrong")

/**
 * Has this process stopped for so long as soon as its first order has passed the gate, and something done meanwhile; then it
 * goes on.
 */
const stoppedBehindTheGate =
  <B>(millis: number, meanwhile: Effect.Effect<B, never, Ledger>) =>
  <A, E, R>(work: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      const ledger = yield* Ledger
      const clock = yield* Effect.clock
      let ahead = 0
      const sleep = Effect.gen(function* () {
        ahead = millis
        exchange.house.clockSkew += millis
        yield* meanwhile
      }).pipe(Effect.provideService(Ledger, ledger))
      const stopping = Ledger.of({
        ...ledger,
        append: (reply, before, mode, tenure) =>
          Effect.tap(ledger.append(reply, before, mode, tenure), () =>
            ahead === 0 && (reply.news ?? []).some(({ word }) => word === "sent") ? sleep : Effect.void
          )
      })
      return yield* work.pipe(Effect.provideService(Ledger, stopping), Effect.withClock(shifted(clock, () => ahead)))
    })

describe("a process that is stopped behind the gate and woken later", () => {
  scenario("sends nothing that was decided so long ago", () =>
    Effect.gen(function* () {
      yield* rain
      const { failure, report } = yield* stoppedBehindTheGate(120_000, Effect.void)(trade(one("slept")))
      assert.strictEqual(failure?._tag, "VenueUnavailable")
      assert.match(report.orders[0]?.reasons.join() ?? "", /signature is older than 60 s/)
      assert.deepStrictEqual([yield* standing("slept"), yield* posts], [["blocked 0"], []])
    })
  )

  scenario("sends nothing where trading was halted in the meantime", () =>
    Effect.gen(function* () {
      yield* rain
      const { failure } = yield* stoppedBehindTheGate(10_000, Effect.orDie(close))(trade(one("halted")))
      assert.strictEqual(failure?._tag, "Halted")
      assert.deepStrictEqual([yield* standing("halted"), yield* posts], [["blocked 0"], []])
    })
  )

  scenario("passes it anew where nothing is in the way, and sends its order once", () =>
    Effect.gen(function* () {
      yield* rain
      const { failure } = yield* stoppedBehindTheGate(10_000, Effect.void)(trade(one("late")))
      assert.isUndefined(failure)
      assert.deepStrictEqual([yield* standing("late"), yield* posts], [["open 0"], ["accepted"]])
      yield* agrees
    })
  )
})

describe("an order whose funds are looked for again", () => {
  scenario("passes the gate anew before it is posted a second time: a halt meanwhile keeps it back", () =>
    Effect.gen(function* () {
      yield* rain
      yield* answered(400, "not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 9")
      yield* fault({ op: "GET /balance-allowance/update", kind: "delayAnswer", ms: 300 })
      const run = yield* Effect.fork(trade(one("lacking")))
      yield* Effect.zipRight(Effect.sleep("5 millis"), struck).pipe(
        Effect.repeat({ until: ([first]) => first === 1 }),
        Effect.timeout("20 seconds")
      )
      yield* close
      const { failure, report } = yield* Fiber.join(run)
      assert.strictEqual(failure?._tag, "Halted")
      assert.deepStrictEqual(report.orders.map(brief), ["blocked 0"])
      assert.deepStrictEqual(
        (yield* ordersOf("lacking")).map(({ sentMillis }) => sentMillis),
        [undefined]
      )
      assert.deepStrictEqual(yield* posts, [])
    })
  )
})
