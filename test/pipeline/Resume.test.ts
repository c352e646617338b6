import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { brief, failure, instruction, plan, rows, Stage, scenario, show, trade } from "./world.ts"

const book = { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } }
const statusOf = (planId: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ readonly status: string; readonly error: string | null }>`select status, error_message as error
        from runs where plan_id = ${planId}`,
      ([run]) => run
    )
  )
const positions = Effect.flatMap(Ledger, (ledger) => ledger.positions("paper"))

describe("a plan that risk refuses", () => {
  scenario("places nothing of it, tells every reason, and leaves a rejected run", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      const { report } = yield* trade(
        plan("faulty", [instruction(), instruction({ marketId: "unknown" }), instruction({ price: 0.455, size: 1 })])
      )
      assert.strictEqual(report.status, "rejected")
      const codes = report.orders.map((order) => order.reasons.map((reason) => reason.split(":")[0]))
      assert.deepStrictEqual(codes, [
        ["MARKET_NOT_FOUND"],
        ["PRICE_OFF_TICK", "SIZE_BELOW_MINIMUM", "NOTIONAL_BELOW_MINIMUM"]
      ])
      assert.deepInclude(yield* rows, { runs: 1, orders: 0, executions: 0, positions: 0 })
      assert.strictEqual((yield* statusOf("faulty"))?.status, "rejected")
    })
  )

  scenario("may come again corrected, under the same planId", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      yield* trade(plan("again", [instruction({ size: 1_000_000 })]))
      const { report } = yield* trade(plan("again", [instruction()]))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 100 at 0.45"])
      assert.strictEqual((yield* statusOf("again"))?.status, "completed")
    })
  )

  scenario("with onReject skip goes on without what was refused", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      const { report } = yield* trade(
        plan("skips", [instruction({ marketId: "unknown" }), instruction()], { onReject: "skip" })
      )
      assert.strictEqual(report.status, "completed")
      assert.deepStrictEqual(
        report.orders.map((order) => [order.instruction, order.status]),
        [
          [0, "rejected"],
          [1, "filled"]
        ]
      )
      assert.deepInclude(report.totals, { ordersPlaced: 1, ordersFilled: 1, ordersRejected: 1 })
    })
  )

  scenario("with --retry-refused tries again what was left out, and only that", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      const written = plan("retried", [instruction({ marketId: "late" }), instruction()], { onReject: "skip" })
      yield* trade(written)
      yield* show("late", book)
      assert.strictEqual((yield* failure(trade(written)))._tag, "PlanExists")
      const { report } = yield* trade(written, { retryRefused: true })
      assert.deepStrictEqual(report.orders.map(brief), ["filled 100 at 0.45", "filled 100 at 0.45"])
      assert.deepInclude(yield* rows, { orders: 2, executions: 2 })
    })
  )
})

describe("a planId that has placed orders", () => {
  scenario("is refused with other content", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      yield* trade(plan("taken", [instruction()]))
      const before = yield* rows
      const refused = yield* failure(trade(plan("taken", [instruction({ size: 50 })])))
      assert.strictEqual(refused._tag, "PlanExists")
      assert.include(refused.message, "planId already exists")
      assert.deepStrictEqual(yield* rows, before)
    })
  )

  scenario("is the same plan whatever its spacing, comments and $schema", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      yield* Effect.flatMap(Stage, (stage) => stage.breakAfter(1))
      const first = yield* trade(plan("same", [instruction()]))
      assert.strictEqual(first.report.status, "failed")
      yield* Effect.flatMap(Stage, (stage) => stage.breakAfter(100))
      const { report } = yield* trade(plan("same", [instruction()], { $schema: "elsewhere" }))
      assert.strictEqual(report.status, "completed")
    })
  )
})

describe("a source that goes down", () => {
  scenario("before anything is decided fails the run, which placed nothing and may come again with other content", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      yield* Effect.flatMap(Stage, (stage) => stage.breakAfter(0))
      const refused = yield* failure(trade(plan("early", [instruction()])))
      assert.strictEqual(refused._tag, "MarketDataUnavailable")
      assert.deepInclude(yield* rows, { runs: 1, orders: 0, executions: 0 })
      assert.deepInclude(yield* statusOf("early"), { status: "failed" })

      yield* Effect.flatMap(Stage, (stage) => stage.breakAfter(100))
      const { report } = yield* trade(plan("early", [instruction({ size: 20 })]))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.45"])
      assert.deepStrictEqual(yield* statusOf("early"), { status: "completed", error: null })
    })
  )

  scenario("after the journal fails the run with its report; the same file again places each order once", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      yield* Effect.flatMap(Stage, (stage) => stage.breakAfter(1))
      const written = plan("resumed", [instruction(), instruction({ size: 50 })])
      const first = yield* trade(written)
      assert.strictEqual(first.failure?._tag, "MarketDataUnavailable")
      assert.strictEqual(first.report.status, "failed")
      assert.strictEqual(first.report.error?.code, "market_data_unavailable")
      assert.deepStrictEqual(first.report.orders.map(brief), ["pending 0", "pending 0"])
      assert.deepInclude(yield* statusOf("resumed"), { status: "failed" })

      yield* Effect.flatMap(Stage, (stage) => stage.breakAfter(100))
      const second = yield* trade(written)
      assert.isUndefined(second.failure)
      assert.deepStrictEqual(second.report.orders.map(brief), ["filled 100 at 0.45", "filled 50 at 0.45"])
      assert.deepInclude(yield* rows, { runs: 1, orders: 2, executions: 2 })
      assert.deepStrictEqual(yield* statusOf("resumed"), { status: "completed", error: null })
    })
  )

  scenario("for longer than an order lives lets it expire unsent", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      yield* Effect.flatMap(Stage, (stage) => stage.breakAfter(1))
      const written = plan("late", [instruction({ cancelAfterSec: 60 }), instruction()])
      yield* trade(written)
      yield* Effect.flatMap(Stage, (stage) => stage.breakAfter(100))
      yield* TestClock.adjust("61 seconds")
      const { report } = yield* trade(written)
      assert.deepStrictEqual(report.orders.map(brief), ["expired 0", "filled 100 at 0.45"])
    })
  )
})

describe("an order that the venue refuses", () => {
  // Decided on a book that a post-only order does not cross, met by one that it does.
  const moving = show("m", { asks: { 0.6: 1000 } }, { asks: { 0.45: 1000 } })
  const written = (onReject: "stop" | "skip") =>
    plan("refused", [instruction({ size: 10 }), instruction({ postOnly: true }), instruction({ size: 20 })], {
      onReject
    })

  scenario("stops the run; the next run goes on behind it, and it stays refused", () =>
    Effect.gen(function* () {
      yield* moving
      const first = yield* trade(written("stop"))
      assert.strictEqual(first.failure?._tag, "VenueUnavailable")
      assert.include(first.report.error?.message, "instruction 2 ended rejected")
      assert.deepStrictEqual(first.report.orders.map(brief), ["filled 10 at 0.45", "rejected 0", "pending 0"])

      const second = yield* trade(written("stop"))
      assert.isUndefined(second.failure)
      assert.deepStrictEqual(second.report.orders.map(brief), ["filled 10 at 0.45", "rejected 0", "filled 20 at 0.45"])
      assert.strictEqual((yield* failure(trade(written("stop"))))._tag, "PlanExists")
    })
  )

  scenario("is left behind where refusals are skipped", () =>
    Effect.gen(function* () {
      yield* moving
      const { failure, report } = yield* trade(written("skip"))
      assert.isUndefined(failure)
      assert.strictEqual(report.status, "completed")
      assert.deepStrictEqual(report.orders.map(brief), ["filled 10 at 0.45", "rejected 0", "filled 20 at 0.45"])
      assert.deepInclude(report.totals, { ordersPlaced: 3, ordersFilled: 2, ordersRejected: 1 })
    })
  )

  scenario("gets a second attempt by --retry-refused", () =>
    Effect.gen(function* () {
      yield* moving
      yield* trade(written("skip"))
      yield* show("m", { asks: { 0.6: 1000 } })
      const { report } = yield* trade(written("skip"), { retryRefused: true })
      assert.deepStrictEqual(report.orders.map(brief), [
        "filled 10 at 0.45",
        "rejected 0",
        "open 0",
        "filled 20 at 0.45"
      ])
      assert.deepInclude(yield* rows, { runs: 1, orders: 4, executions: 2 })
    })
  )
})

describe("a plan that goes on", () => {
  // The first order rests, the second is refused, the third waits.
  const stopped = Effect.gen(function* () {
    yield* show("m", { asks: { 0.6: 1000 } }, { asks: { 0.5: 1000 } })
    const { report } = yield* trade(written)
    assert.deepStrictEqual(report.orders.map(brief), ["open 0", "rejected 0", "pending 0"])
  })
  const written = plan("on", [
    instruction({ price: 0.4, size: 10 }),
    instruction({ postOnly: true }),
    instruction({ size: 20 })
  ])

  scenario("tells its earlier orders as they are by now", () =>
    Effect.gen(function* () {
      yield* stopped
      yield* show("m", { asks: { 0.39: 1000 } })
      const { report } = yield* trade(written)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 10 at 0.4", "rejected 0", "filled 20 at 0.39"])
      assert.deepInclude(report.totals, { ordersPlaced: 3, ordersFilled: 2, notional: "11.8" })
    })
  )

  scenario("is previewed with what waits, and without what is over by then", () =>
    Effect.gen(function* () {
      yield* stopped
      const { report } = yield* trade(written, { dryRun: true })
      assert.deepStrictEqual(report.orders.map(brief), ["open 0", "rejected 0", "filled 20 at 0.5"])
      assert.deepInclude(yield* rows, { executions: 0 })
    })
  )

  scenario("keeps what it had placed in its report when a retry is refused by risk", () =>
    Effect.gen(function* () {
      yield* stopped
      yield* trade(written)
      yield* Effect.flatMap(Stage, (stage) => stage.change("m", { closedBecause: "not accepting orders" }))
      const { report } = yield* trade(written, { retryRefused: true })
      assert.strictEqual(report.status, "rejected")
      assert.deepStrictEqual(report.orders.map(brief), ["open 0", "rejected 0", "rejected 0", "filled 20 at 0.5"])
      const kept = yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select summary_json as summary from runs`)
      assert.deepStrictEqual(kept, [{ summary: JSON.parse(JSON.stringify(report)) }])
    })
  )
})

describe("--dry-run", () => {
  scenario("counts as free the cash of orders whose lifetime is over", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.9: 1000 } })
      const pocket = Usd(50n * UNIT)
      yield* trade(plan("short", [instruction({ cancelAfterSec: 60 })]), { paperBalance: pocket })
      const look = trade(plan("after", [instruction()]), { paperBalance: pocket, dryRun: true })
      assert.strictEqual((yield* look).report.status, "rejected")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* look).report.status, "previewed")
    })
  )

  scenario("tells what would happen and writes nothing", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      yield* trade(plan("before", [instruction({ price: 0.2 })]))
      yield* show("m", { asks: { 0.19: 50, 0.45: 1000 } })
      const before = yield* rows
      const { report } = yield* trade(plan("seen", [instruction(), instruction({ price: 0.1 })]), { dryRun: true })
      assert.deepInclude(report, { status: "previewed", dryRun: true })
      assert.deepStrictEqual(report.orders.map(brief), ["filled 100 at 0.32", "open 0"])
      assert.deepInclude(report.totals, { ordersPlaced: 0 })
      assert.deepStrictEqual(yield* rows, before)
      assert.deepStrictEqual(yield* positions, [])
    })
  )

  scenario("tells what risk would refuse, and leaves the planId free", () =>
    Effect.gen(function* () {
      yield* show("m", book)
      const { report } = yield* trade(plan("free", [instruction({ size: 1_000_000 })]), { dryRun: true })
      assert.strictEqual(report.status, "rejected")
      assert.deepInclude(yield* rows, { runs: 0, orders: 0 })
    })
  )
})
