import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { UNIT, Usd } from "../../src/domain/Money.ts"
import { placed } from "../../src/domain/OrderState.ts"
import { reservedCash } from "../../src/domain/Reserve.ts"
import { type AccountFacts, Ledger } from "../../src/persist/Ledger.ts"
import { AT, answer, answered, history, journalled, ledger, OPENING, order, plan, request, rows } from "./scene.ts"

const free = (facts: AccountFacts) => facts.cash - facts.exposed.reduce((sum, state) => sum + reservedCash(state), 0n)

describe("journal", () => {
  it.effect("writes balance, run, plan, pending orders and audit in one commit, and gives back what was decided", () =>
    Effect.gen(function* () {
      const { journal, orders, run } = yield* Ledger
      const wanted = [
        order("demo", 0, { notes: 'says "hi" \\ {all}, 😀', cancelAfterMillis: AT + 60_000 }),
        order("demo", 1, {
          quantity: { _tag: "Budget", usd: Usd(45_000_000n) },
          timeInForce: "FOK",
          outcomeIndex: 1,
          outcome: "No",
          feesInclusive: true
        })
      ]
      const value = yield* journal(request("demo"), () => ({ orders: wanted, value: "decided" }))

      assert.strictEqual(value, "decided")
      const record = Option.getOrThrow(yield* run("demo"))
      assert.deepStrictEqual(record, {
        planId: "demo",
        mode: "paper",
        status: "running",
        planHash: "a".repeat(64),
        planFile: "plans/demo.json",
        startedMillis: AT,
        completedMillis: undefined,
        error: undefined,
        summary: undefined
      })
      const written = yield* orders({ planId: "demo" })
      assert.deepStrictEqual(
        written,
        wanted.map((each) => ({
          ...placed(each),
          externalOrderId: undefined,
          sentMillis: undefined,
          updatedMillis: AT
        }))
      )
      assert.deepStrictEqual(yield* history, ["balance_opened", "run_started", "order_placed", "order_placed"])
    }).pipe(Effect.provide(ledger))
  )

  it.effect("decides on the configured balance, opening it once and adjusting it when it is changed", () =>
    Effect.gen(function* () {
      const { cash, facts, flows, journal } = yield* Ledger
      const seen: Array<bigint> = []
      const decide = (facts: AccountFacts) => {
        seen.push(facts.cash)
        return { orders: [], value: undefined }
      }
      assert.strictEqual((yield* facts("paper", [], OPENING)).cash, OPENING)
      assert.strictEqual((yield* cash("paper")).cash, 0n)
      yield* journal(request("a"), decide)
      yield* journal(request("b"), decide)
      yield* journal(request("c", { paperBalance: Usd(250n * UNIT) }), decide)
      yield* journal(request("d", { paperBalance: OPENING }), decide)

      assert.deepStrictEqual(seen, [OPENING, OPENING, 250n * UNIT, OPENING])
      const kept = yield* flows("paper")
      assert.deepStrictEqual(
        kept.map((flow) => [flow.kind, flow.amount]),
        [
          ["opening", OPENING],
          ["adjustment", -99_750n * UNIT],
          ["adjustment", 99_750n * UNIT]
        ]
      )
      assert.strictEqual((yield* cash("paper")).cash, OPENING)
      assert.strictEqual((yield* cash("live")).cash, 0n)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("keeps a rejected run with its reasons, and lets the corrected plan use its id", () =>
    Effect.gen(function* () {
      const { journal, run } = yield* Ledger
      const rejected = { summary: { refused: ["0.45"] }, error: "not enough cash" }
      yield* journal(request("demo"), () => ({ orders: [], rejected, value: undefined }))
      const first = Option.getOrThrow(yield* run("demo"))
      assert.deepInclude(first, { status: "rejected", completedMillis: AT, ...rejected })

      yield* journalled("demo", [order("demo", 0)], { planHash: "b".repeat(64), atMillis: AT + 5 })
      const second = Option.getOrThrow(yield* run("demo"))
      assert.deepInclude(second, {
        status: "running",
        planHash: "b".repeat(64),
        startedMillis: AT + 5,
        completedMillis: undefined,
        error: undefined,
        summary: undefined
      })
      assert.deepStrictEqual(yield* history, ["balance_opened", "run_rejected", "run_started", "order_placed"])
    }).pipe(Effect.provide(ledger))
  )

  it.effect("goes on with a run that stopped, with a second attempt beside the first", () =>
    Effect.gen(function* () {
      const { finish, journal, orders, run } = yield* Ledger
      const states = yield* journalled("demo", [order("demo", 0)])
      yield* answered(states, [answer(order("demo", 0), "rejected", { reason: "tick size" })])
      yield* finish("demo", { status: "failed", summary: { kept: true }, error: "refused", atMillis: AT + 2 })
      const again = order("demo", 0, { attempt: 2, placedMillis: AT + 3 })
      yield* journal(request("demo", { earlier: 1, atMillis: AT + 3 }), () => ({ orders: [again], value: undefined }))

      const found = yield* orders({ planId: "demo" })
      assert.deepStrictEqual(
        found.map((state) => [state.order.attempt, state.status, state.reasons]),
        [
          [1, "rejected", ["tick size"]],
          [2, "pending", []]
        ]
      )
      const record = Option.getOrThrow(yield* run("demo"))
      assert.deepInclude(record, { status: "running", startedMillis: AT, summary: { kept: true }, error: undefined })
      assert.deepStrictEqual((yield* history).slice(-2), ["run_resumed", "order_placed"])
    }).pipe(Effect.provide(ledger))
  )

  it.effect("refuses a plan that another process has taken up since the caller looked", () =>
    Effect.gen(function* () {
      const { journal } = yield* Ledger
      yield* journalled("demo", [order("demo", 0)])
      const before = yield* rows
      const attempts = [
        request("demo"),
        request("demo", { earlier: 1, planHash: "b".repeat(64) }),
        request("demo", { earlier: 1 })
      ]
      for (const each of attempts) {
        const refused = yield* Effect.flip(journal(each, () => ({ orders: [order("demo", 0)], value: undefined })))
        assert.strictEqual(refused._tag, "PlanExists")
        assert.include(refused.message, "planId already exists")
      }
      assert.deepStrictEqual(yield* rows, before)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("lets one of two processes that start the same plan run it, in the same mode or in two", () =>
    Effect.gen(function* () {
      const { journal, orders } = yield* Ledger
      for (const modes of [["paper", "paper"] as const, ["paper", "live"] as const]) {
        const planId = `plan ${modes[1]}`
        const outcomes = yield* Effect.forEach(
          modes,
          (mode) =>
            Effect.either(
              journal(request(planId, { mode, paperBalance: undefined }), () => ({
                orders: [order(planId, 0, { mode })],
                value: mode
              }))
            ),
          { concurrency: 2 }
        )
        assert.strictEqual(outcomes.filter(Either.isRight).length, 1)
        assert.strictEqual((yield* orders({ planId })).length, 1)
      }
    }).pipe(Effect.provide(ledger))
  )

  it.effect("never lets two plans spend the same cash", () =>
    Effect.gen(function* () {
      const { facts, journal, orders } = yield* Ledger
      // Each plan wants 45.70 of an account of 100: two of them fit, however many ask at once.
      const ask = (planId: string) =>
        journal(request(planId, { paperBalance: Usd(100n * UNIT) }), (account) => {
          const wanted = order(planId, 0)
          const fits = reservedCash(placed(wanted)) <= free(account)
          return fits
            ? { orders: [wanted], value: true }
            : { orders: [], rejected: { summary: null, error: "not enough cash" }, value: false }
        })
      const fitted = yield* Effect.forEach(["a", "b", "c", "d", "e"], ask, { concurrency: "unbounded" })
      assert.strictEqual(fitted.filter((fits) => fits).length, 2)
      assert.strictEqual((yield* orders({})).length, 2)
      assert.isAtLeast(Number(free(yield* facts("paper", [], Usd(100n * UNIT)))), 0)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("writes nothing when its decision dies", () =>
    Effect.gen(function* () {
      const { journal } = yield* Ledger
      const before = yield* rows
      const exit = yield* Effect.exit(
        journal(request("demo"), () => ({
          get orders() {
            return JSON.parse("not a decision")
          },
          value: undefined
        }))
      )
      assert.strictEqual(exit._tag, "Failure")
      assert.deepStrictEqual(yield* rows, before)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("keeps the simulation settings of a plan for as long as its orders rest", () =>
    Effect.gen(function* () {
      const { simulations } = yield* Ledger
      yield* journalled("demo", [])
      assert.deepStrictEqual([...(yield* simulations(["demo", "other"]))], [["demo", plan("demo").simulation]])
    }).pipe(Effect.provide(ledger))
  )

  it.effect("does not put a plan that came by hand on the schedule", () =>
    Effect.gen(function* () {
      yield* journalled("demo", [])
      const sql = yield* SqlClient.SqlClient
      assert.deepStrictEqual(yield* sql`select plan_id, active from plans`, [{ plan_id: "demo", active: false }])
    }).pipe(Effect.provide(ledger))
  )
})

describe("finish", () => {
  it.effect("ends a run with its report, once", () =>
    Effect.gen(function* () {
      const { finish, run, runs } = yield* Ledger
      yield* journalled("demo", [])
      yield* finish("demo", { status: "completed", summary: { fees: Usd(500_000n) }, atMillis: AT + 9 })
      yield* finish("demo", { status: "failed", summary: null, error: "too late", atMillis: AT + 10 })
      const record = Option.getOrThrow(yield* run("demo"))
      assert.deepInclude(record, { status: "completed", completedMillis: AT + 9, summary: { fees: "0.5" } })
      assert.isTrue(Option.isNone(yield* run("other")))
      assert.deepStrictEqual((yield* history).slice(-1), ["run_completed"])

      yield* journalled("later", [], { atMillis: AT + 20 })
      assert.deepStrictEqual(
        (yield* runs()).map((each) => each.planId),
        ["later", "demo"]
      )
      assert.deepStrictEqual(
        (yield* runs({ statuses: ["completed"], mode: "paper" })).map((each) => each.planId),
        ["demo"]
      )
      assert.deepStrictEqual(yield* runs({ mode: "live" }), [])
    }).pipe(Effect.provide(ledger))
  )
})
