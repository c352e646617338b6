import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Ledger } from "../../src/persist/Ledger.ts"
import {
  brief,
  cash,
  chain,
  Exchange,
  fault,
  instruction,
  placedAt,
  plan,
  reckon,
  scenario,
  show,
  trade
} from "./world.ts"

const BIDS = { "0.44": "500" }
const ASKS = { "0.46": "500" }
const second = instruction({ price: 0.41, size: 10 })
const statuses = (report: { readonly orders: ReadonlyArray<{ readonly status: string }> }) =>
  report.orders.map((order) => order.status)

/** A plan of two, the first of which comes to something. */
const two = (first: Readonly<Record<string, unknown>>, parts: Readonly<Record<string, unknown>> = {}) =>
  plan("two", [instruction(first), second], parts)

describe("a plan of two, whose first order", () => {
  scenario("is filled, goes on to the second", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", BIDS, ASKS)
      const { failure, report } = yield* trade(two({ price: 0.46 }))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46", "open 0"])
    })
  )

  scenario("rests, goes on to the second", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", BIDS, ASKS)
      const { report } = yield* trade(two({ price: 0.45 }))
      assert.deepStrictEqual(report.orders.map(brief), ["open 0", "open 0"])
    })
  )

  scenario("is refused by the venue, stops there with code 5, and goes on when told to skip", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", BIDS, ASKS)
      yield* fault({
        op: "POST /order",
        kind: "answer",
        status: 400,
        body: { error: "invalid post-only order: order crosses book" },
        count: 1
      })
      const stopped = yield* trade(two({ price: 0.45 }))
      assert.strictEqual(stopped.failure?._tag, "VenueUnavailable")
      assert.deepStrictEqual(statuses(stopped.report), ["rejected", "pending"])
      assert.match(stopped.report.orders[0]?.reasons.join() ?? "", /order crosses book/)

      yield* fault({
        op: "POST /order",
        kind: "answer",
        status: 400,
        body: { error: "invalid post-only order: order crosses book" },
        count: 1
      })
      const skipped = yield* trade({ ...two({ price: 0.45 }, { onReject: "skip" }), planId: "skips" })
      assert.isUndefined(skipped.failure)
      assert.deepStrictEqual(statuses(skipped.report), ["rejected", "open"])
    })
  )

  scenario("is killed, completes: a kill is no failure", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", BIDS, { "0.46": "10" })
      const { failure, report } = yield* trade(two({ price: 0.46, size: 100, timeInForce: "FOK" }))
      assert.isUndefined(failure)
      assert.deepStrictEqual(statuses(report), ["cancelled", "open"])
      assert.strictEqual(report.status, "completed")
    })
  )

  scenario("was booked though its answer was lost, is found by its id and not sent again", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", BIDS, ASKS)
      yield* fault({ op: "POST /order", kind: "dropAfter", count: 1 })
      const { failure, report } = yield* trade(two({ price: 0.46 }))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46", "open 0"])
      assert.strictEqual(yield* placedAt, 2)
    })
  )

  scenario("never arrived, is sent once more with the same bytes", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", BIDS, ASKS)
      yield* fault({ op: "POST /order", kind: "dropBefore", count: 1 })
      const { failure, report } = yield* trade(two({ price: 0.46 }))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46", "open 0"])
      assert.strictEqual(yield* placedAt, 2)
    })
  )

  scenario("stays unknown, stops the run; the same file goes on once it can be known", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", BIDS, ASKS)
      const exchange = yield* Exchange
      yield* fault({ op: "POST /order", kind: "dropAfter", count: 1 })
      yield* fault({ op: "GET *", kind: "badGateway" })
      yield* Effect.zipRight(Effect.sleep("10 millis"), Effect.void)
      const stopped = yield* Effect.either(trade(two({ price: 0.46 })))
      // Nothing can be asked at all: not even the account can be looked at, so nothing was placed.
      assert.strictEqual(stopped._tag, "Left")
      yield* exchange.clearFaults
      yield* fault({ op: "POST /order", kind: "dropAfter", count: 1 })
      yield* fault({ op: "GET /data/order", kind: "badGateway" })
      const unknown = yield* trade(two({ price: 0.46 }))
      assert.strictEqual(unknown.failure?._tag, "VenueUnavailable")
      assert.deepStrictEqual(statuses(unknown.report), ["unknown", "pending"])
      assert.strictEqual(yield* placedAt, 1)
      yield* exchange.clearFaults
      const again = yield* trade(two({ price: 0.46 }))
      assert.isUndefined(again.failure)
      assert.deepStrictEqual(again.report.orders.map(brief), ["filled 20 at 0.46", "open 0"])
      assert.strictEqual(yield* placedAt, 2)
      yield* reckon()
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
    })
  )

  scenario("was on its way when the process died, is looked up before anything is sent", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", BIDS, ASKS)
      yield* fault({ op: "POST /order", kind: "delayAnswer", ms: 400, count: 1 })
      const fiber = yield* Effect.fork(trade(two({ price: 0.46 })))
      yield* Effect.sleep("1 millis")
      const ledger = yield* Ledger
      // As soon as it is announced: the process is gone in the middle of the post.
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("5 millis"), ledger.orders({ mode: "live" })), {
        until: (orders) => orders.some((order) => order.sentMillis !== undefined)
      })
      yield* Effect.fork(Effect.sleep("1 millis"))
      const { report, failure } = yield* trade(two({ price: 0.46 })).pipe(
        Effect.zipLeft(Effect.fork(Effect.ignore(fiber.interruptAsFork(fiber.id()))))
      )
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46", "open 0"])
      assert.strictEqual(yield* placedAt, 2)
    })
  )
})
