import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { instruction, plan, rowsOf } from "../pipeline/world.ts"
import { anOperator, at, book, type Operator, proven } from "./betteroms.ts"

const typed = <E>(name: string, story: (operator: Operator) => Effect.Effect<unknown, E, Scope.Scope>) =>
  it.scopedLive(name, () =>
    Effect.flatMap(anOperator, (operator) => Effect.zipRight(story(operator), proven(operator)))
  )

const FILE = ["--market-data", "file:book.json"]
const trades = Effect.fn("trades")(function* (operator: Operator, written: ReturnType<typeof plan>, code = 0) {
  yield* operator.writes(`${written.planId}.json`, written)
  return yield* operator.asks(["trade", `${written.planId}.json`, ...FILE], code)
})
const outcomes = (report: unknown) => [at(report, "orders.*.status"), at(report, "orders.*.filledQty")]

describe("on the command line", () => {
  typed("scenario 1: a BUY at 0.40 against a best ask of 0.50 stays open", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("book.json", book({ 0.39: 1000 }, { "0.50": 1000 }))
      const report = yield* trades(operator, plan("aggressive", [instruction({ price: 0.4 })]))
      assert.deepStrictEqual(outcomes(report), [["open"], ["0"]])
      assert.deepStrictEqual(at(yield* operator.asks(["fills"]), "fills"), [])
    })
  )

  typed("scenario 2: a BUY of 100 shares at 0.50 fills at 0.45, one of 100 USDC leaves 10 unspent", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("book.json", book({ 0.44: 1000 }, { 0.45: 1000 }))
      const shares = yield* trades(operator, plan("shares", [instruction()]))
      assert.deepStrictEqual(outcomes(shares), [["filled"], ["100"]])
      assert.strictEqual(at(shares, "orders.0.avgFillPrice"), "0.45")
      const dollars = yield* trades(operator, plan("dollars", [instruction({ size: 100, sizeUnit: "USDC" })]))
      assert.deepStrictEqual(outcomes(dollars), [["filled"], ["200"]])
      assert.deepStrictEqual(
        ["notional", "unspent"].map((name) => at(dollars, `orders.0.${name}`)),
        ["90", "10"]
      )
      const fills = yield* operator.asks(["fills", "--plan", "dollars"])
      assert.deepStrictEqual([at(fills, "fills.*.qty"), at(fills, "fills.*.price")], [["200"], ["0.45"]])
    })
  )

  typed("scenario 3: the same planId again ends with 3 and leaves every table as it was", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("book.json", book({}, { 0.45: 1000 }))
      const written = plan("test-001", [instruction()])
      yield* trades(operator, written)
      const before = yield* rowsOf(operator.sql)
      const refused = yield* trades(operator, written, 3)
      assert.strictEqual(at(refused, "error.code"), "plan_exists")
      assert.include(String(at(refused, "error.message")), "planId already exists")
      const inWords = yield* operator.types(["trade", "test-001.json", ...FILE])
      assert.deepStrictEqual([inWords.code, inWords.stdout], [3, ""])
      assert.include(inWords.stderr, "planId already exists")
      assert.deepStrictEqual(yield* rowsOf(operator.sql), before)
    })
  )

  typed("scenario 4: 100 YES at 0.40 and 50 YES at 0.50 are 150 at 0.4333, marked where one could sell", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("book.json", book({ 0.39: 1000 }, { "0.40": 100, "0.50": 50 }))
      yield* trades(operator, plan("first", [instruction({ price: 0.4 })]))
      yield* trades(operator, plan("second", [instruction({ size: 50 })]))
      const held = yield* operator.asks(["positions"])
      assert.deepStrictEqual(
        ["qty", "avgPrice", "costBasis", "markPrice", "unrealizedPnl"].map((name) => at(held, `positions.0.${name}`)),
        ["150", "0.4333", "65", "0.39", "-6.5"]
      )
      assert.deepStrictEqual(at(yield* operator.asks(["balances"]), "balances.0.cash"), "99935")
    })
  )

  typed("scenario 5: a plan without marketId ends with 2, names its line, and leaves no row", (operator) =>
    Effect.gen(function* () {
      const before = yield* rowsOf(operator.sql)
      const refused = yield* trades(operator, plan("test-005", [instruction({ marketId: undefined })]), 2)
      assert.deepStrictEqual(at(refused, "error.issues.*.path"), ["tradeInstructions[0].marketId"])
      assert.deepStrictEqual(at(refused, "error.issues.*.line"), [5])
      const inWords = yield* operator.types(["trade", "test-005.json", ...FILE])
      assert.deepStrictEqual([inWords.code, inWords.stdout], [2, ""])
      assert.include(inWords.stderr, "tradeInstructions[0].marketId")
      assert.include(inWords.stderr, "5:")
      assert.deepStrictEqual(yield* rowsOf(operator.sql), before)
    })
  )

  typed("US-5: the summary stands on stdout and in the run, and report shows it again", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("book.json", book({ 0.44: 1000 }, { 0.45: 1000 }))
      yield* operator.writes("told.json", plan("told", [instruction(), instruction({ price: 0.2 })]))
      const ended = yield* operator.types(["trade", "told.json", ...FILE])
      assert.strictEqual(ended.code, 0)
      assert.include(ended.stdout, "2 placed: 1 filled, 1 open")
      assert.include(ended.stdout, "total after fees -1.00")
      const [run] = yield* operator.sql<{ readonly summary: unknown }>`select summary_json as summary from runs`
      assert.deepStrictEqual(at(run?.summary, "totals.totalPnl"), "-1")
      for (const command of [
        ["report", "told"],
        ["runs", "show", "told"]
      ]) {
        assert.deepStrictEqual(yield* operator.asks(command), run?.summary)
      }
      assert.deepStrictEqual(at(yield* operator.asks(["runs"]), "runs.*.status"), ["completed"])
    })
  )

  typed("--dry-run writes nothing, and the plan may then be traded", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("book.json", book({}, { 0.45: 1000 }))
      yield* operator.writes("seen.json", plan("seen", [instruction()]))
      const before = yield* rowsOf(operator.sql)
      const seen = yield* operator.asks(["trade", "seen.json", "--dry-run", ...FILE])
      assert.deepStrictEqual([at(seen, "status"), at(seen, "dryRun")], ["previewed", true])
      assert.deepStrictEqual(outcomes(seen), [["filled"], ["100"]])
      assert.deepStrictEqual(yield* rowsOf(operator.sql), before)
      assert.deepStrictEqual(outcomes(yield* operator.asks(["trade", "seen.json", ...FILE])), outcomes(seen))
    })
  )

  typed("what rests is filled by a later book, expires, or is cancelled by id, plan, market and all", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("book.json", book({}, { 0.9: 1000 }))
      yield* trades(
        operator,
        plan("rests", [
          instruction({ price: 0.5 }),
          instruction({ price: 0.4 }),
          instruction({ price: 0.3, cancelAfterSec: 1 })
        ])
      )
      yield* trades(operator, plan("p", [instruction({ price: 0.1 })]))
      yield* operator.writes("book.json", book({}, { 0.48: 1000 }))
      yield* Effect.sleep("1 second")
      yield* operator.asks(["reconcile", ...FILE])
      const found = yield* operator.asks(["orders", "--plan", "rests"])
      assert.deepStrictEqual(outcomes(found), [
        ["filled", "open", "expired"],
        ["100", "0", "0"]
      ])
      assert.deepStrictEqual(at(yield* operator.asks(["fills"]), "fills.*.fee"), ["0"])

      const id = String(at(found, "orders.1.id"))
      assert.deepStrictEqual(at(yield* operator.asks(["cancel", id]), "orders.*.status"), ["cancelled"])
      assert.deepStrictEqual(at(yield* operator.asks(["cancel", "--plan", "p"]), "orders.*.planId"), ["p"])
      yield* trades(operator, plan("q", [instruction({ price: 0.1 })]))
      assert.deepStrictEqual(at(yield* operator.asks(["cancel", "--market", "m"]), "orders.*.planId"), ["q"])
      yield* trades(operator, plan("r", [instruction({ price: 0.1 })]))
      assert.deepStrictEqual(at(yield* operator.asks(["cancel", "--all"]), "orders.*.planId"), ["r"])
      assert.deepStrictEqual(at(yield* operator.asks(["orders", "--status", "open"]), "orders"), [])
    })
  )

  typed("a SELL sells what is held; --retry-refused and a corrected file use the planId again", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("book.json", book({ 0.44: 1000 }, { 0.45: 1000 }))
      const early = yield* trades(operator, plan("out", [instruction({ side: "SELL", price: 0.44, size: 40 })]), 4)
      assert.strictEqual(at(early, "status"), "rejected")
      assert.include(String(at(early, "orders.0.reasons")), "INSUFFICIENT_SHARES")
      yield* trades(operator, plan("in", [instruction()]))
      const sold = yield* trades(operator, plan("out", [instruction({ side: "SELL", price: 0.43, size: 40 })]))
      assert.deepStrictEqual(outcomes(sold), [["filled"], ["40"]])
      assert.strictEqual(at(sold, "positions.0.realizedPnl"), "-0.4")

      const skips = plan("skips", [instruction({ side: "SELL", size: 100 }), instruction({ price: 0.1, size: 70 })], {
        onReject: "skip"
      })
      assert.deepStrictEqual(at(yield* trades(operator, skips), "orders.*.status"), ["rejected", "open"])
      yield* trades(operator, plan("more", [instruction()]))
      const retried = yield* operator.asks(["trade", "skips.json", "--retry-refused", ...FILE])
      assert.deepStrictEqual(outcomes(retried), [
        ["open", "open"],
        ["0", "0"]
      ])
      assert.deepStrictEqual(
        at(yield* trades(operator, plan("skips", skips.tradeInstructions), 3), "error.code"),
        "plan_exists"
      )
    })
  )

  typed("a simulated market that resolves pays out, and says so", (operator) =>
    Effect.gen(function* () {
      yield* operator.writes("sim.json", plan("sim", [instruction({ marketId: "sim-moon-ask-0.45" })]))
      const sim = yield* operator.asks(["trade", "sim.json", "--market-data", "sim"])
      assert.deepStrictEqual(outcomes(sim), [["filled"], ["100"]])
      assert.include(String(at(sim, "warnings")), "simulated")
      yield* operator.writes("over.json", plan("over", [instruction({ marketId: "sim-moon-resolved-yes" })]))
      const over = yield* operator.asks(["trade", "over.json", "--market-data", "sim"], 4)
      assert.include(String(at(over, "orders.0.reasons")), "resolved")
    })
  )

  typed("a recorded market that resolves pays out what is held of it", (operator) =>
    Effect.gen(function* () {
      const shown = book({ 0.44: 1000 }, { 0.45: 1000 })
      yield* operator.writes("book.json", { books: [shown], markets: [] })
      yield* trades(operator, plan("held", [instruction()]))
      const token = shown.asset_id
      yield* operator.writes("book.json", [
        shown,
        {
          event_type: "market_resolved",
          market: shown.market,
          assets_ids: [token, "1"],
          winning_asset_id: token,
          timestamp: "1790000001000"
        }
      ])
      const told = yield* operator.asks(["reconcile", ...FILE])
      assert.deepStrictEqual(at(told, "settled"), [shown.market])
      const balance = yield* operator.asks(["balances"])
      assert.deepStrictEqual(
        ["cash", "equity", "totalPnl"].map((name) => at(balance, `balances.0.${name}`)),
        ["100055", "100055", "55"]
      )
      assert.strictEqual(at(yield* operator.asks(["verify"]), "ok"), true)
    })
  )
})
