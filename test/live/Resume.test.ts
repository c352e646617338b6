import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
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
  later,
  ordersOf,
  placedAt,
  plan,
  posts,
  reckon,
  scenario,
  show,
  standing,
  trade
} from "./world.ts"

const rain = show("sandbox-rain", { "0.4": "500" }, { "0.46": "500" })
const two = plan("two", [instruction({ price: 0.45 }), instruction({ price: 0.44 })])
const six = plan(
  "six",
  Array.from({ length: 6 }, (_, index) => instruction({ price: (45 - index) / 100, size: 5 }))
)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A plan of two that stopped at its first order: the second was never sent. */
const stopped = Effect.gen(function* () {
  yield* rain
  yield* answered(400, "invalid expiration")
  yield* trade(two)
  assert.deepStrictEqual(yield* standing("two"), ["rejected 0", "pending 0"])
})

describe("a plan that goes on", () => {
  scenario("within the minute sends what it had signed, and what was refused stays so", () =>
    Effect.gen(function* () {
      yield* stopped
      const [, before] = yield* ordersOf("two")
      assert.isUndefined((yield* trade(two)).failure)
      assert.deepStrictEqual(yield* standing("two"), ["rejected 0", "open 0"])
      const exchange = yield* Exchange
      assert.deepStrictEqual(
        exchange.state().orders.map(({ id }) => id),
        [before?.order.sealed?.externalOrderId]
      )
    })
  )

  for (const [name, millis] of [
    ["two minutes", 2 * MINUTE],
    ["a day", DAY]
  ] as const) {
    scenario(`${name} later posts nothing that was signed then: it takes the operator's word for a new attempt`, () =>
      Effect.gen(function* () {
        yield* stopped
        yield* later(millis)(
          Effect.gen(function* () {
            const { report } = yield* trade(two)
            assert.deepStrictEqual(report.orders.map(brief), ["rejected 0", "blocked 0"])
            assert.match(report.orders[1]?.reasons.join() ?? "", /signature is older than 60 s/)
            assert.strictEqual(yield* placedAt, 0)
            assert.isUndefined((yield* trade(two, { retryRefused: true })).failure)
          })
        )
        assert.deepStrictEqual(yield* standing("two"), ["rejected 0", "blocked 0", "open 0", "open 0"])
        const hashes = (yield* ordersOf("two")).map(({ order }) => order.sealed?.externalOrderId)
        assert.strictEqual(new Set(hashes).size, 4)
        assert.deepStrictEqual(yield* posts, ["accepted", "accepted"])
      })
    )
  }

  scenario(
    "a day later does not post again what may have arrived: it is asked for back, and told when nobody knows it",
    () =>
      Effect.gen(function* () {
        yield* rain
        const exchange = yield* Exchange
        yield* fault({ op: "POST /order", kind: "dropBefore" })
        yield* trade(two)
        assert.deepStrictEqual(yield* standing("two"), ["unknown 0", "pending 0"])
        yield* exchange.clearFaults
        yield* later(DAY)(
          Effect.gen(function* () {
            const { report } = yield* trade(two)
            assert.deepStrictEqual(report.orders.map(brief), ["unknown 0", "blocked 0"])
            assert.strictEqual(yield* placedAt, 0)
            // The operator has looked, and it never was there.
            yield* reckon({ accept: true })
            assert.deepStrictEqual(yield* standing("two"), ["cancelled 0", "blocked 0"])
          })
        )
        assert.deepStrictEqual(yield* posts, [])
      })
  )

  scenario("finds what rested through the night filled, and expired what had a lifetime", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(plan("night", [instruction({ price: 0.45 }), instruction({ price: 0.43, cancelAfterSec: 3_600 })]))
      yield* show("sandbox-rain", { "0.4": "500" }, { "0.44": "500" })
      yield* later(DAY)(
        Effect.gen(function* () {
          yield* reckon()
          assert.deepStrictEqual(yield* standing("night"), ["filled 20", "expired 0"])
        })
      )
      assert.isTrue(exchange.state().orders.every(({ status }) => status !== "LIVE"))
    })
  )
})

describe("an order that was refused, and was there all the same", () => {
  scenario("is what the venue says of it: what is refused is tried again, and it is not", () =>
    Effect.gen(function* () {
      yield* rain
      yield* answered(400, "invalid expiration", { booked: true })
      const one = plan("there", [instruction({ price: 0.45 })])
      yield* trade(one)
      assert.deepStrictEqual(yield* standing("there"), ["rejected 0"])
      yield* show("sandbox-rain", { "0.4": "500" }, { "0.44": "500" })
      yield* Effect.either(trade(one, { retryRefused: true }))
      assert.deepStrictEqual([yield* standing("there"), yield* placedAt], [["filled 20"], 1])
      yield* agrees
    })
  )
})

describe("two processes with the same plan at the same time", () => {
  scenario("make one order of each instruction, and both end well", () =>
    Effect.gen(function* () {
      yield* rain
      const ended = yield* Effect.all(
        [trade(six), trade(six)].map((run) => Effect.either(run)),
        { concurrency: 2 }
      )
      assert.isTrue(ended.some(({ _tag }) => _tag === "Right"))
      for (const each of ended) if (each._tag === "Left") assert.strictEqual(each.left._tag, "PlanExists")
      assert.deepStrictEqual([...new Set(yield* standing("six"))], ["open 0"])
      assert.strictEqual(yield* placedAt, 6)
      yield* agrees
    })
  )

  scenario(
    "of which one comes when the other is half way go on together, and none of them refuses the other's orders",
    () =>
      Effect.gen(function* () {
        yield* rain
        yield* fault({ op: "POST /order", kind: "delayRequest", ms: 120 })
        const first = yield* Effect.fork(trade(six))
        yield* Effect.zipRight(Effect.sleep("5 millis"), placedAt).pipe(
          Effect.repeat({ until: (placed) => placed >= 2 }),
          Effect.timeout("20 seconds")
        )
        const second = yield* trade(six)
        const { failure } = yield* first
        assert.deepStrictEqual([failure, second.failure], [undefined, undefined])
        assert.deepStrictEqual([...new Set(yield* standing("six"))], ["open 0"])
        assert.strictEqual(yield* placedAt, 6)
        const taken = yield* posts
        assert.strictEqual(taken.filter((kind) => kind === "accepted").length, 6)
        assert.notInclude(taken, "refused")
        yield* agrees
      })
  )

  scenario("never take the other's order for refused by what is said of a copy", () =>
    Effect.gen(function* () {
      yield* rain
      // The one post is on its way for long; whatever else is posted meanwhile would be refused.
      yield* fault({ op: "POST /order", kind: "delayAnswer", ms: 400, count: 1 })
      yield* answered(400, "not enough balance / allowance: the balance is not enough", { nth: 2, count: 9 })
      const one = plan("one", [instruction({ price: 0.45 })])
      const first = yield* Effect.fork(trade(one))
      yield* Effect.zipRight(Effect.sleep("5 millis"), placedAt).pipe(
        Effect.repeat({ until: (placed) => placed >= 1 }),
        Effect.timeout("20 seconds")
      )
      const second = yield* trade(one)
      const { failure } = yield* first
      assert.deepStrictEqual([failure, second.failure], [undefined, undefined])
      assert.deepStrictEqual(yield* standing("one"), ["open 0"])
      assert.deepStrictEqual(yield* posts, ["accepted"])
    })
  )
})

describe("a database that tells of another wallet", () => {
  const another = Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update live_account set wallet = ${`0x${"99".repeat(20)}`}`
  )

  scenario("is refused before anything is sent or booked", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(plan("before", [instruction({ price: 0.45 })]))
      yield* another
      for (const refused of [yield* Effect.flip(trade(two)), yield* Effect.flip(reckon({ accept: true }))]) {
        assert.propertyVal(refused, "code", "another_wallet")
      }
      assert.deepStrictEqual(yield* posts, ["accepted"])
    })
  )

  scenario("is refused before its orders are looked for, sent again, or taken back", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(plan("rests", [instruction({ price: 0.44 })]))
      yield* fault({ op: "POST /order", kind: "dropBefore" })
      yield* trade(plan("gone", [instruction({ price: 0.45 })]))
      yield* (yield* Exchange).clearFaults
      yield* another
      for (const refused of [yield* Effect.flip(reckon()), yield* Effect.flip(halt()), yield* Effect.flip(cancel())]) {
        assert.propertyVal(refused, "code", "another_wallet")
      }
      assert.deepStrictEqual(yield* posts, ["accepted"])
      assert.deepStrictEqual([yield* standing("rests"), yield* standing("gone")], [["open 0"], ["unknown 0"]])
      // The halt stands all the same.
      assert.isDefined((yield* (yield* Ledger).barriers("live")).halt)
    })
  )
})
