import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Price, UNIT } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import * as ReadOuts from "../../src/readouts.ts"
import * as Rows from "../../src/report/Rows.ts"
import { brief, failure, instruction, plan, rows, Stage, scenario, show, trade } from "./world.ts"

const positions = Effect.map(ReadOuts.positions(Option.none()), (held) => Rows.positionsJson(held.positions).positions)
const fills = Effect.flatMap(Ledger, (ledger) => ledger.fills({}))

describe("the scenarios of the specification", () => {
  scenario("1: a BUY at 0.40 against a best ask of 0.50 stays open, with no execution", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.39: 1000 }, asks: { "0.50": 1000 } })
      const { report } = yield* trade(plan("aggressive", [instruction({ price: 0.4 })]))
      assert.strictEqual(report.status, "completed")
      assert.deepStrictEqual(report.orders.map(brief), ["open 0"])
      assert.deepStrictEqual(yield* fills, [])
    })
  )

  scenario("2: a BUY at 0.50 against a best ask of 0.45 fills whole at 0.45", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
      const { report } = yield* trade(plan("crossing", [instruction({ price: 0.5 })]))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 100 at 0.45"])
      const [fill, ...more] = Rows.fillsJson(yield* fills).fills
      assert.deepStrictEqual(more, [])
      assert.deepInclude(fill, { qty: "100", price: "0.45", notional: "45", fee: "0", liquidity: "taker", final: true })
    })
  )

  scenario("2: a BUY of 100 USDC is for 200 shares, and tells the 10 it did not spend", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
      const { report } = yield* trade(plan("dollars", [instruction({ price: 0.5, size: 100, sizeUnit: "USDC" })]))
      assert.deepInclude(report.orders[0], { status: "filled", qty: "200", filledQty: "200", notional: "90" })
      assert.strictEqual(report.orders[0]?.unspent, "10")
    })
  )

  scenario("3: the same planId again is refused, and no table gains a row", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.45: 1000 } })
      const written = plan("test-001", [instruction()])
      yield* trade(written)
      const before = yield* rows
      const refused = yield* failure(trade(written))
      assert.strictEqual(refused._tag, "PlanExists")
      assert.include(refused.message, "planId already exists")
      assert.deepStrictEqual(yield* rows, before)
    })
  )

  scenario("4: 100 YES at 0.40 and 50 YES at 0.50 are 150 YES at 0.4333", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { "0.40": 100, "0.50": 50 } })
      yield* trade(plan("first", [instruction({ price: 0.4 })]))
      yield* trade(plan("second", [instruction({ price: 0.5, size: 50 })]))
      const [held, ...more] = yield* positions
      assert.deepStrictEqual(more, [])
      assert.deepInclude(held, { marketId: "m", outcome: "Yes", qty: "150", avgPrice: "0.4333", costBasis: "65" })
    })
  )

  scenario("5: a plan without marketId is refused with its place, and leaves no row", () =>
    Effect.gen(function* () {
      const before = yield* rows
      const refused = yield* failure(trade(plan("test-005", [instruction({ marketId: undefined })])))
      assert.strictEqual(refused._tag, "InvalidInput")
      const issues = refused._tag === "InvalidInput" ? refused.issues : []
      assert.deepStrictEqual(
        issues.map((issue) => [issue.path, issue.line]),
        [["tradeInstructions[0].marketId", 1]]
      )
      assert.deepStrictEqual(yield* rows, before)
    })
  )
})

describe("the user stories", () => {
  scenario("US-1: a paper plan leaves a run, its plan and an audited order that began pending", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* show("m", { asks: { 0.6: 100 } })
      yield* trade(plan("submitted", [instruction()]))
      assert.deepInclude(yield* rows, { runs: 1, orders: 1, plans: 1, executions: 0 })
      const [run] = yield* sql`select plan_id, mode, status, error_message from runs`
      assert.deepStrictEqual(run, { plan_id: "submitted", mode: "paper", status: "completed", error_message: null })
      const told = yield* sql<{ readonly to: string }>`select event_data ->> 'to' as to from audit_logs
        where entity_type = 'order' order by seq`
      assert.deepStrictEqual(
        told.map((event) => event.to),
        ["pending", "open"]
      )
    })
  )

  scenario("US-2: an order fills when the market comes down to its limit", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.6: 100 } })
      yield* trade(plan("waiting", [instruction({ price: 0.5 })]))
      assert.deepStrictEqual(yield* fills, [])
      yield* show("m", { asks: { 0.48: 100 } })
      yield* trade(plan("later", [instruction({ price: 0.1, size: 10 })]))
      const [fill] = Rows.fillsJson(yield* fills).fills
      assert.deepInclude(fill, { planId: "waiting", qty: "100", price: "0.5", fee: "0", liquidity: "maker" })
    })
  )

  scenario("US-3: a position is marked to the price one could sell at", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
      yield* trade(plan("long", [instruction()]))
      yield* trade(plan("hedge", [instruction({ outcome: "NO", price: 0.6, size: 10 })]))
      yield* show("m", { bids: { "0.50": 1000 }, asks: { 0.53: 1000 } })
      const [yes, no] = yield* positions
      assert.deepInclude(yes, { outcome: "Yes", qty: "100", avgPrice: "0.45", markPrice: "0.5", unrealizedPnl: "5" })
      // Bought at 1 - 0.44, sold at 1 - 0.53.
      assert.deepInclude(no, { outcome: "No", qty: "10", avgPrice: "0.56", markPrice: "0.47", unrealizedPnl: "-0.9" })
    })
  )

  scenario("US-4: a plan of another id trades again", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.45: 1000 } })
      yield* trade(plan("one", [instruction()]))
      yield* trade(plan("two", [instruction()]))
      assert.deepInclude(yield* rows, { runs: 2, orders: 2, executions: 2 })
    })
  )

  scenario("US-5: what was placed, filled and earned is told, and kept with the run word for word", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* Effect.flatMap(Stage, (stage) => stage.change("a", { fees: { rate: UNIT / 20n, exponent: 1 } }))
      yield* show("a", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
      yield* show("b", { bids: { 0.3: 1000 }, asks: { 0.31: 1000 } })
      const { report } = yield* trade(
        plan("summed", [
          instruction({ marketId: "a" }),
          instruction({ marketId: "b" }),
          instruction({ marketId: "b", price: 0.2 })
        ])
      )
      // 100 x 0.05 x 0.45 x 0.55 of fees in market a.
      assert.deepStrictEqual(report.totals, {
        ordersPlaced: 3,
        ordersFilled: 2,
        ordersOpen: 1,
        ordersRejected: 0,
        notional: "76",
        fees: "1.2375",
        realizedPnl: "0",
        unrealizedPnl: "-2",
        totalPnl: "-3.2375"
      })
      assert.deepStrictEqual(
        report.markets.map((each) => [each.marketId, each.totalPnl]),
        [
          ["a", "-2.2375"],
          ["b", "-1"]
        ]
      )
      const [kept] = yield* sql<{ readonly summary: unknown }>`select summary_json as summary from runs`
      assert.deepStrictEqual(kept?.summary, JSON.parse(JSON.stringify(report)))
    })
  )

  scenario("US-5: a position in a market on a fine tick is marked on that tick", () =>
    Effect.gen(function* () {
      yield* Effect.flatMap(Stage, (stage) => stage.change("fine", { tick: Price(1000n) }))
      yield* show("fine", { bids: { 0.953: 1000 }, asks: { 0.954: 1000 } })
      const { report } = yield* trade(plan("fine", [instruction({ marketId: "fine", price: 0.955 })]))
      assert.deepInclude(report.positions[0], { avgPrice: "0.954", markPrice: "0.953", unrealizedPnl: "-0.1" })
    })
  )
})

describe("fields of later work", () => {
  const quotes = {
    marketId: "m",
    outcome: "YES",
    spreadBps: 400,
    tiltFactor: 0.6,
    maxInventory: 1000,
    quoteSize: 500
  }
  const later: ReadonlyArray<readonly [string, unknown]> = [
    ["tradeInstructions[0].stopLoss", plan("x", [instruction({ stopLoss: 0.3 })])],
    ["tradeInstructions[0].takeProfit", plan("x", [instruction({ takeProfit: 0.6 })])],
    ["tradeInstructions[0].priceCeil", plan("x", [instruction({ priceCeil: 0.45 })])],
    ["tradeInstructions[0].priceFloor", plan("x", [instruction({ priceFloor: 0.38 })])],
    ["repeat", plan("x", [instruction()], { repeat: { everyMinutes: 60 } })],
    ["strategy", { planId: "x", mode: "paper", strategy: "market-making-tilt", marketMakingConfig: quotes }]
  ]

  scenario("are each refused as not supported yet, and leave no row", () =>
    Effect.gen(function* () {
      const before = yield* rows
      for (const [path, written] of later) {
        const refused = yield* failure(trade(written))
        const [issue] = refused._tag === "InvalidInput" ? refused.issues : []
        assert.strictEqual(issue?.path, path)
        assert.include(issue?.message, "not supported yet", path)
      }
      assert.deepStrictEqual(yield* rows, before)
    })
  )
})
