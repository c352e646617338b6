import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { beating } from "../../src/layers/clob/Heartbeat.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import {
  agrees,
  answered,
  brief,
  cancel,
  Exchange,
  fault,
  instruction,
  placedAt,
  plan,
  posts,
  reckon,
  scenario,
  show,
  standing,
  struck,
  trade
} from "./world.ts"

const rain = show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
const one = (planId: string, parts: Readonly<Record<string, unknown>> = {}) =>
  plan(planId, [instruction({ price: 0.46, ...parts })])
const journalled = Effect.flatMap(Ledger, (ledger) => ledger.orders({ mode: "live" }))

describe("a matching engine", () => {
  scenario(
    "P-50: that restarts is waited for, and its post-only time, too: the order arrives once",
    () =>
      Effect.gen(function* () {
        yield* rain
        yield* fault({ op: "POST /order", kind: "restart", ms: 800, count: 1 })
        const { failure, report } = yield* trade(one("restart"))
        assert.isUndefined(failure)
        assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
        assert.deepStrictEqual(yield* posts, ["accepted"])
        yield* agrees
      }),
    { postOnlyMillis: 300 }
  )

  scenario("P-50: that takes post-only orders alone is sent nothing else, for as long as it says", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* exchange.setMode("postOnly", 60_000)
      yield* fault({ op: "POST /order", kind: "delayRequest", ms: 0 })
      const parts = [{}, {}, { price: 0.45, postOnly: true }]
      const three = plan(
        "three",
        parts.map((each) => instruction({ price: 0.46, ...each })),
        { onReject: "skip" }
      )
      const stopped = yield* trade(three)
      assert.match(stopped.failure?.message ?? "", /takes only post-only orders, for about (59|60) s; nothing was sent/)
      assert.deepStrictEqual(stopped.report.orders.map(brief), ["rejected 0", "pending 0", "pending 0"])
      assert.deepStrictEqual(yield* struck, [1])
      assert.isUndefined((yield* trade(one("quote", { price: 0.45, postOnly: true }))).failure)
      assert.deepStrictEqual(yield* posts, ["accepted"])
    })
  )

  scenario("P-50: that takes cancels alone gets those, and is sent no order", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(one("rests", { price: 0.45 }))
      yield* exchange.setMode("cancelOnly")
      const refused = yield* trade(one("new"))
      assert.match(refused.failure?.message ?? "", /cancel-only/)
      const next = yield* Effect.flip(trade(one("next")))
      assert.match(next.message, /takes only cancels/)
      yield* cancel("rests")
      assert.deepStrictEqual(yield* standing("rests"), ["cancelled 0"])
    })
  )

  scenario("P-50: that is disabled leaves a cancel begun; it is asked for again once the engine is back", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(one("rests", { price: 0.45 }))
      yield* exchange.setMode("disabled")
      assert.match((yield* Effect.flip(cancel("rests"))).message, /disabled/)
      assert.deepStrictEqual(yield* standing("rests"), ["cancelling 0"])
      yield* exchange.setMode("normal")
      yield* reckon()
      assert.deepStrictEqual(yield* standing("rests"), ["cancelled 0"])
    })
  )
})

describe("a place that the venue does not serve", () => {
  scenario("P-52: is found out before anything is journalled; so is one of which nobody can tell", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* Effect.orDie(exchange.act({ do: "geoblock", blocked: true }))
      assert.match((yield* Effect.flip(trade(one("blocked")))).message, /not taken from here \(US\)/)
      yield* Effect.orDie(exchange.act({ do: "geoblock", blocked: false }))
      yield* fault({ op: "GET /api/geoblock", kind: "answer", status: 403, body: "<html></html>" })
      assert.match((yield* Effect.flip(trade(one("untold")))).message, /geoblock/)
      assert.deepStrictEqual(yield* journalled, [])
    })
  )

  scenario("P-52: whose gate answers signed questions with a page is no matter of credentials", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "GET /auth/api-keys", kind: "forbidden" })
      yield* fault({ op: "GET /balance-allowance", kind: "forbidden" })
      const refused = yield* Effect.flip(trade(one("gate")))
      assert.strictEqual(refused._tag, "VenueUnavailable")
      assert.match(refused.message, /403/)
      assert.deepStrictEqual(yield* posts, [])
    })
  )

  scenario("P-52: and is refused by the gate itself, is asked once and never again", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "POST /order", kind: "forbidden" })
      const three = [0.46, 0.45, 0.44].map((price) => instruction({ price }))
      const { failure, report } = yield* trade(plan("gate", three, { onReject: "skip" }))
      assert.match(failure?.message ?? "", /refuses this machine's address/)
      assert.deepStrictEqual(report.orders.map(brief), ["rejected 0", "pending 0", "pending 0"])
      assert.deepStrictEqual(yield* struck, [1])
    })
  )
})

describe("an order of another version than the venue takes", () => {
  scenario("P-54: closes its market for the run, and no other: it is no refusal to try again", () =>
    Effect.gen(function* () {
      yield* rain
      yield* show("sandbox-peace", { "0.44": "500" }, { "0.46": "500" })
      yield* answered(400, "order_version_mismatch")
      const three = [{}, {}, { marketId: "sandbox-peace" }].map((each) => instruction({ price: 0.45, ...each }))
      const { failure, report } = yield* trade(plan("version", three, { onReject: "skip" }))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["rejected 0", "rejected 0", "open 0"])
      assert.match(report.orders[1]?.reasons.join() ?? "", /order_version_mismatch in this market; it was not sent/)
      assert.deepStrictEqual([yield* struck, yield* posts], [[1], ["accepted"]])
    })
  )

  scenario("P-66: is found out before anything is journalled, each time anew", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(one("before"))
      yield* fault({ op: "GET /version", kind: "answer", status: 200, body: { version: 3 } })
      assert.match(
        (yield* Effect.flip(trade(one("after")))).message,
        /orders of version 3, this program signs version 2/
      )
      yield* exchange.clearFaults
      assert.strictEqual((yield* journalled).length, 1)
    })
  )
})

describe("an order that the venue names otherwise than it was signed", () => {
  scenario("stops everything: it is not sent again, and nothing follows it", () =>
    Effect.gen(function* () {
      const other = `0x${"de".repeat(32)}`
      yield* rain
      const body = { success: true, errorMsg: "", orderID: other, status: "live", makingAmount: "", takingAmount: "" }
      yield* fault({ op: "POST /order", kind: "answer", status: 200, body })
      const two = [0.45, 0.44].map((price) => instruction({ price }))
      const { failure, report } = yield* trade(plan("named", two, { onReject: "skip" }))
      assert.match(failure?.message ?? "", new RegExp(`knows instruction 1 as ${other}|does not know it`))
      assert.deepStrictEqual(report.orders.map(brief), ["unknown 0", "pending 0"])
      assert.include(report.orders[0]?.reasons.join() ?? "", other)
      assert.deepStrictEqual(yield* struck, [1])
    })
  )
})

describe("the dead-man switch", () => {
  scenario(
    "P-51: takes every order back once its beats are late, which the next look finds",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        yield* rain
        yield* trade(one("quote", { price: 0.45 }))
        const fiber = yield* Effect.fork(beating)
        yield* Effect.repeat(Effect.sleep("20 millis"), {
          until: () => exchange.journal().some((each) => each.kind === "cancelled" && each.why === "heartbeat")
        })
        yield* fiber.interruptAsFork(fiber.id())
        assert.deepStrictEqual(yield* standing("quote"), ["open 0"])
        yield* reckon()
        assert.deepStrictEqual(yield* standing("quote"), ["cancelled 0"])
      }),
    { heartbeatMillis: 400 }
  )

  scenario(
    "P-51: is not armed by a plan: its orders rest when the process is gone",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        yield* rain
        yield* trade(one("rests", { price: 0.45 }))
        yield* exchange.advance(60_000)
        yield* reckon()
        assert.deepStrictEqual(yield* standing("rests"), ["open 0"])
        assert.strictEqual(yield* placedAt, 1)
      }),
    { heartbeatMillis: 400 }
  )
})
