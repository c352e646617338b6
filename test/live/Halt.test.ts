import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Price, UNIT } from "../../src/domain/Money.ts"
import * as Halting from "../../src/halting.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import {
  agrees,
  answered,
  brief,
  cancel,
  Exchange,
  fault,
  halt,
  instruction,
  ordersOf,
  PATIENCE,
  plan,
  posts,
  reckon,
  scenario,
  show,
  standing,
  trade
} from "./world.ts"

const rain = show("sandbox-rain", { "0.4": "500" }, { "0.46": "500" })
const one = (planId: string, parts: Readonly<Record<string, unknown>> = {}) =>
  plan(planId, [instruction({ price: 0.45, ...parts })])
/** So many orders that rest, side by side. */
const many = (planId: string, count: number) =>
  plan(
    planId,
    Array.from({ length: count }, (_, index) => instruction({ price: (45 - index) / 100, size: 5 }))
  )

/** Orders that rest at the exchange, whoever placed them. */
const resting = Effect.map(Exchange, (exchange) =>
  exchange.state().orders.flatMap(({ id, status }) => (status === "LIVE" ? [id] : []))
)

/** Waits until so many orders of a plan are open. */
const open = (planId: string, count: number) =>
  Effect.zipRight(Effect.sleep("5 millis"), standing(planId)).pipe(
    Effect.repeat({ until: (orders) => orders.filter((each) => each === "open 0").length >= count }),
    Effect.timeout("20 seconds")
  )
/** Waits until the exchange has an order. */
const arrived = Effect.zipRight(Effect.sleep("5 millis"), posts).pipe(
  Effect.repeat({ until: (all) => all.length >= 1 }),
  Effect.timeout("20 seconds")
)

describe("a halt", () => {
  scenario("takes back what rests, voids what was never sent, proves it twice, and lasts until resume", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("rests"))
      yield* answered(400, "invalid expiration")
      yield* trade(many("stopped", 2))
      assert.deepStrictEqual(yield* standing("stopped"), ["rejected 0", "pending 0"])
      const halted = yield* halt({ reason: "prices look wrong" })
      assert.deepStrictEqual(
        [halted.voided, halted.ended].map((orders) => orders.map(({ order, status }) => [order.planId, status])),
        [[["stopped", "blocked"]], [["rests", "cancelled"]]]
      )
      assert.strictEqual(halted.proofs, 2)
      assert.deepStrictEqual(yield* resting, [])
      const refused = yield* Effect.flip(trade(one("next")))
      assert.strictEqual(refused._tag, "Halted")
      assert.include(refused.message, "prices look wrong")
      assert.deepStrictEqual(yield* standing("next"), [])

      assert.deepStrictEqual(yield* Halting.resume, ["live"])
      assert.deepStrictEqual(yield* Halting.resume, [])
      assert.isUndefined((yield* trade(one("next"))).failure)
      // What was voided stays so: only the operator's word makes a new attempt.
      const again = yield* trade(many("stopped", 2))
      assert.deepStrictEqual(again.report.orders.map(brief), ["rejected 0", "blocked 0"])
      assert.include(again.report.warnings.join(), "instruction 2 was never sent")
      yield* trade(many("stopped", 2), { retryRefused: true })
      assert.deepStrictEqual(yield* standing("stopped"), ["rejected 0", "blocked 0", "open 0", "open 0"])
    })
  )

  scenario("works in the middle of another run: what is on its way is taken back, and nothing follows it", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "delayRequest", ms: 150 })
      const run = yield* Effect.fork(trade(many("running", 8)))
      yield* open("running", 2)
      const halted = yield* halt()
      const { failure } = yield* run
      assert.strictEqual(failure?._tag, "Halted")
      assert.strictEqual(halted.proofs, 2)
      assert.deepStrictEqual(yield* resting, [])
      yield* reckon()
      const orders = yield* standing("running")
      assert.sameMembers([...new Set(orders)], ["cancelled 0", "blocked 0"])
      const taken = yield* posts
      assert.isTrue(taken.length === 2 || taken.length === 3, taken.join())
      assert.strictEqual(orders.filter((each) => each === "cancelled 0").length, taken.length)
      assert.deepStrictEqual(yield* resting, [])
    })
  )

  scenario("finds an order whose answer is lost, and takes it back", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "hang", count: 1 })
      const run = yield* Effect.fork(trade(one("hangs")))
      yield* arrived
      const halted = yield* halt()
      yield* Fiber.join(run)
      assert.strictEqual(halted.proofs, 2)
      assert.deepStrictEqual(yield* resting, [])
      assert.deepStrictEqual(yield* standing("hangs"), ["cancelled 0"])
      assert.deepStrictEqual(yield* posts, ["accepted"])
    })
  )

  scenario("never takes an order for unsent that has left, though nobody can be asked about it", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* fault({ op: "POST /order", kind: "hang", count: 1 })
      const run = yield* Effect.fork(trade(one("left", { price: 0.46 })))
      yield* arrived
      for (const op of ["GET /data/order", "GET /data/trades"]) {
        yield* fault({ op, kind: "answer", status: 400, body: { error: "not today" } })
      }
      const halting = yield* Effect.fork(halt({ patience: { ...PATIENCE, total: 600 }, tries: 3 }))
      yield* Effect.ignore(Fiber.join(run))
      yield* Effect.ignore(Fiber.join(halting))
      assert.notInclude(yield* standing("left"), "blocked 0")
      yield* exchange.clearFaults
      yield* agrees
      assert.deepStrictEqual(yield* standing("left"), ["filled 20"])
    })
  )

  scenario("P-55: does not believe a mass cancel: it looks, and cancels by id until nothing is left", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(many("three", 3))
      yield* fault({ op: "DELETE /orders", kind: "cancelNoEffect", count: 2 })
      const halted = yield* halt()
      assert.strictEqual(halted.proofs, 2)
      assert.deepStrictEqual(yield* resting, [])
      assert.deepStrictEqual(yield* standing("three"), ["cancelled 0", "cancelled 0", "cancelled 0"])
      assert.deepStrictEqual(
        exchange.house.faults.map(({ fired }) => fired),
        [2]
      )
    })
  )

  scenario("takes an answer without a list for no proof that nothing rests", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("rests"))
      yield* fault({ op: "DELETE *", kind: "cancelNoEffect" })
      yield* fault({ op: "GET /data/orders", kind: "answer", status: 200, body: { error: "busy" } })
      const failed = yield* Effect.flip(halt({ patience: { ...PATIENCE, total: 200 }, tries: 3 }))
      assert.match(failed.message, /the halt stands and nothing new leaves, but the venue could not be asked/)
    })
  )

  scenario("leaves orders alone that are not ours, unless they are to go, too", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(one("ours"))
      const order = { outcome: 0, side: "BUY", price: Price(410_000n), amount: 7n * UNIT, type: "GTC" } as const
      yield* Effect.orDie(exchange.place(exchange.operator, "sandbox-rain", order))
      const left = yield* halt()
      assert.deepStrictEqual(
        left.foreign.map(({ externalOrderId, size }) => [externalOrderId, size]),
        [[(yield* resting)[0] ?? "", 7n * UNIT]]
      )
      const gone = yield* halt({ foreign: true })
      assert.deepStrictEqual([gone.foreign, yield* resting], [[], []])
    })
  )

  scenario("stands though the venue cannot be reached, says so, and is proven once it can", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(one("rests"))
      yield* fault({ op: "DELETE *", kind: "answer", status: 503, body: { error: "trading is disabled" } })
      const failed = yield* Effect.flip(halt({ patience: { ...PATIENCE, total: 200 }, tries: 2 }))
      assert.match(failed.message, /the halt stands and nothing new leaves, but 1 orders still rest/)
      assert.strictEqual((yield* Effect.flip(trade(one("next"))))._tag, "Halted")
      yield* exchange.clearFaults
      assert.strictEqual((yield* halt()).proofs, 2)
      assert.deepStrictEqual(yield* standing("rests"), ["cancelled 0"])
    })
  )

  scenario("of paper takes back what rests there, and refuses paper plans alone", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* rain
      const paper = (planId: string) => ({ ...one(planId), mode: "paper" })
      yield* trade(paper("paper"))
      const halted = yield* Halting.halt("paper", { reason: undefined, foreign: false })
      assert.deepStrictEqual(
        halted.ended.map(({ reasons, status }) => [status, reasons.at(-1)]),
        [["cancelled", "trading was halted"]]
      )
      assert.strictEqual((yield* Effect.flip(trade(paper("next"))))._tag, "Halted")
      assert.isUndefined((yield* trade(one("live"))).failure)
      assert.isUndefined((yield* ledger.barriers("live")).halt)
      assert.deepStrictEqual(yield* Halting.resume, ["paper"])
      assert.isUndefined((yield* trade(paper("next"))).failure)
    })
  )
})

describe("a cancel in the middle of a run", () => {
  scenario("takes back what was sent, strikes off what was not, and never mixes the two up", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "delayRequest", ms: 100 })
      const run = yield* Effect.fork(trade(many("running", 6)))
      yield* open("running", 2)
      const cancelled = yield* cancel("running")
      assert.deepStrictEqual([...new Set(cancelled.map(({ status }) => status))], ["cancelled"])
      assert.isUndefined((yield* Fiber.join(run)).failure)
      assert.deepStrictEqual([...new Set(yield* standing("running"))], ["cancelled 0"])
      assert.deepStrictEqual(yield* resting, [])
      const taken = yield* posts
      assert.isTrue(taken.length >= 2 && taken.length <= 4, taken.join())
    })
  )

  scenario("asks again for an order that arrived behind its cancel and was seen to rest", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "delayRequest", ms: 200 })
      yield* fault({ op: "GET /data/order", kind: "delayRequest", ms: 350, count: 1 })
      const run = yield* Effect.fork(trade(one("passing")))
      yield* Effect.zipRight(Effect.sleep("5 millis"), ordersOf("passing")).pipe(
        Effect.repeat({ until: ([order]) => order?.sentMillis !== undefined }),
        Effect.timeout("20 seconds")
      )
      const cancelled = yield* cancel("passing")
      yield* Fiber.join(run)
      assert.deepStrictEqual(
        [cancelled.map(({ status }) => status), yield* standing("passing"), yield* resting],
        [["cancelled"], ["cancelled 0"], []]
      )
    })
  )
})
