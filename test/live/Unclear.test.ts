import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Ledger } from "../../src/persist/Ledger.ts"
import type { FaultSpec } from "../../src/sandbox/Faults.ts"
import {
  agrees,
  answered,
  brief,
  Exchange,
  fault,
  instruction,
  ordersOf,
  placedAt,
  plan,
  posts,
  scenario,
  show,
  standing,
  struck,
  trade
} from "./world.ts"

const rain = show("sandbox-rain", { "0.44": "500" }, { "0.46": "50000" })
const one = (planId: string, parts: Readonly<Record<string, unknown>> = {}) =>
  plan(planId, [instruction({ price: 0.46, ...parts })])

/** Nobody finds the order for so many looks. */
const unseen = (looks: number) =>
  fault({ op: "GET /data/order", kind: "answer", status: 404, body: { error: "not found" }, count: looks })

/** The order in a posted body, which is what was signed. */
const signedIn = (body: string): unknown => {
  const posted: unknown = JSON.parse(body)
  return typeof posted === "object" && posted !== null ? Reflect.get(posted, "order") : undefined
}

describe("an order whose answer is lost", () => {
  scenario("P-01: is found by the id it was given before it left, and sent once", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "dropAfter", count: 1 })
      const { failure, report } = yield* trade(one("lost"))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
      assert.deepStrictEqual(yield* posts, ["accepted"])
      yield* agrees
    })
  )

  scenario("P-01: is unknown until its id is found, and one order at the venue all the while", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "dropAfter", count: 1 })
      yield* unseen(2)
      const run = yield* Effect.fork(
        trade(plan("unclear", [instruction({ price: 0.45 }), instruction({ price: 0.44 })]))
      )
      const seen: Array<string> = []
      yield* Effect.repeat(
        Effect.zipRight(
          Effect.sleep("10 millis"),
          Effect.tap(standing("unclear"), (now) => Effect.sync(() => seen.push(now.join(", "))))
        ),
        { until: (orders) => orders[1] === "open 0" }
      )
      const { failure } = yield* run
      assert.isUndefined(failure)
      // Nothing follows an order of which nobody knows what became.
      assert.include(seen, "unknown 0, pending 0")
      assert.notInclude(seen, "unknown 0, open 0")
      assert.deepStrictEqual(yield* standing("unclear"), ["open 0", "open 0"])
      assert.strictEqual(yield* placedAt, 2)
      yield* agrees
    })
  )

  scenario("P-01: and that nobody finds at first is sent again as the same bytes, which the venue takes once", () =>
    Effect.gen(function* () {
      yield* rain
      const exchange = yield* Exchange
      yield* fault({ op: "POST /order", kind: "dropAfter", count: 1 })
      yield* unseen(3)
      const { failure, report } = yield* trade(one("again", { price: 0.45 }))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["open 0"])
      const [first, ...copies] = yield* posts
      assert.deepStrictEqual([first, ...new Set(copies)], ["accepted", "duplicate"])
      const [order] = yield* ordersOf("again")
      const signed: unknown = JSON.parse(order?.order.sealed?.signed ?? "")
      for (const each of exchange.journal()) if ("body" in each) assert.deepStrictEqual(signedIn(each.body), signed)
      yield* agrees
    })
  )

  scenario("P-01: is not refused by what the venue says of its copy: the first one took the funds", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "dropAfter", count: 1 })
      yield* answered(400, "not enough balance / allowance: the balance is not enough", { nth: 2 })
      yield* unseen(3)
      const { failure, report } = yield* trade(one("copy", { price: 0.45 }))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["open 0"])
      assert.deepStrictEqual(yield* struck, [1, 1, 3])
      yield* agrees
    })
  )

  scenario("P-01: and that never answers is given up after its deadline, and then looked for", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "hang", count: 1 })
      const { report } = yield* trade(one("hangs"))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
      assert.deepStrictEqual(yield* posts, ["accepted"])
    })
  )

  scenario("P-01: stays unknown while nobody finds it: nothing is signed anew, and its funds stay reserved", () =>
    Effect.gen(function* () {
      yield* rain
      const exchange = yield* Exchange
      yield* fault({ op: "POST /order", kind: "dropBefore" })
      const stopped = yield* trade(one("gone", { size: 18_000, price: 0.45 }))
      assert.strictEqual(stopped.failure?._tag, "VenueUnavailable")
      assert.deepStrictEqual(yield* standing("gone"), ["unknown 0"])
      yield* exchange.clearFaults
      const other = yield* trade(one("other", { size: 18_000, price: 0.45 }), { dryRun: true })
      assert.match(other.report.orders[0]?.reasons.join() ?? "", /[1-9][0-9.]* reserved/)
      const again = yield* trade(one("gone", { size: 18_000, price: 0.45 }))
      assert.isUndefined(again.failure)
      const [first] = yield* ordersOf("gone")
      assert.deepStrictEqual(
        exchange.state().orders.map(({ id }) => id),
        [first?.order.sealed?.externalOrderId]
      )
    })
  )
})

describe("an answer to a post that settles nothing", () => {
  const kinds: ReadonlyArray<readonly [string, FaultSpec]> = [
    ["P-03: of a canceled context, sent as 400", { op: "POST /order", kind: "contextCanceled" }],
    ["P-05: 500, order timed out", { op: "POST /order", kind: "timeout" }],
    ["P-05: 500, could not insert order", { op: "POST /order", kind: "couldNotInsert" }],
    ["P-05: the page of a gateway", { op: "POST /order", kind: "badGateway" }],
    ["P-05: 503 without words of the venue", { op: "POST /order", kind: "unavailable" }],
    ["P-05: 429", { op: "POST /order", kind: "rateLimit" }],
    ["P-05: 404", { op: "POST /order", kind: "answer", status: 404, body: { error: "not found" } }],
    ["P-03: in words nobody knows", { op: "POST /order", kind: "answer", status: 400, body: { error: "hm" } }],
    ["P-05: 200 that says neither yes nor no", { op: "POST /order", kind: "answer", status: 200, body: {} }]
  ]
  for (const [name, spec] of kinds) {
    scenario(`${name}, is looked into: one order, whether it had been carried out or not`, () =>
      Effect.gen(function* () {
        yield* rain
        const exchange = yield* Exchange
        for (const booked of [true, false]) {
          yield* exchange.clearFaults
          yield* fault({ ...spec, booked, count: 1 })
          const { failure, report } = yield* trade(one(`booked-${booked}`))
          assert.isUndefined(failure, failure?.message)
          assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
        }
        assert.deepStrictEqual(yield* posts, ["accepted", "accepted"])
        yield* agrees
      })
    )
  }
})

describe("a delayed order", () => {
  scenario(
    "P-02: is pending with all of its funds reserved, is not sent again, and fills when its delay is over",
    () =>
      Effect.gen(function* () {
        const ledger = yield* Ledger
        yield* show("sandbox-match", { "0.44": "500" }, { "0.46": "50000" })
        const buy = (planId: string, size: number) => one(planId, { marketId: "sandbox-match", size })
        const first = yield* Effect.fork(trade(buy("delayed", 20_000)))
        yield* Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), ledger.orders({ planId: "delayed" })), {
          until: ([order]) => order !== undefined && order.status !== "pending"
        })
        assert.match((yield* standing("delayed")).join(), /^(delayed|open) 0$/)
        const other = yield* trade(buy("other", 2_000), { dryRun: true })
        assert.match(other.report.orders[0]?.reasons.join() ?? "", /reserved/)
        const { report } = yield* first
        assert.deepStrictEqual(report.orders.map(brief), ["filled 20000 at 0.46"])
        assert.deepStrictEqual(yield* posts, ["accepted"])
        yield* agrees
      }),
    { delayFactor: 2 }
  )

  scenario(
    "P-02: that must fill at once is waited for to its end",
    () =>
      Effect.gen(function* () {
        yield* show("sandbox-match", { "0.44": "500" }, { "0.46": "10" })
        const budget = { marketId: "sandbox-match", timeInForce: "FAK", size: 9.2 }
        const { report } = yield* trade(plan("fak", [instruction({ price: 0.46, ...budget })]))
        assert.deepStrictEqual(report.orders.map(brief), ["cancelled 10 at 0.46"])
      }),
    { delayFactor: 0.4 }
  )

  scenario("P-02: is one also where the delay comes as an error", () =>
    Effect.gen(function* () {
      yield* rain
      yield* answered(400, "order match delayed due to market conditions", { booked: true })
      const { report } = yield* trade(one("words"))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
      assert.strictEqual(yield* placedAt, 1)
    })
  )
})
