import { assert, describe, it } from "@effect/vitest"
import { DatabaseUnavailable, Halted, InvalidInput, PlanExists } from "../../src/domain/Failure.ts"
import { Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { mark } from "../../src/report/Marks.ts"
import { ordersJson } from "../../src/report/OrderRows.ts"
import { balancesJson, errorJson, fillsJson, positionsJson, runsJson } from "../../src/report/Rows.ts"
import { toJson } from "../../src/report/RunReport.ts"
import { fill } from "./fills.ts"
import { filled, held, position, run } from "./runs.ts"

describe("read-outs as JSON", () => {
  it("orders have the shape of a report's orders, and what tells plans apart", () => {
    const [row] = ordersJson([{ ...filled, externalOrderId: undefined, updatedMillis: 1_790_000_001_000 }]).orders
    assert.deepInclude(row, toJson(run()).orders[0])
    assert.deepInclude(row, {
      planId: "demo",
      mode: "paper",
      simulated: true,
      updatedAt: "2026-09-21T14:13:21.000Z",
      expiresAt: null
    })
  })

  it("positions have the shape of a report's positions", () => {
    assert.deepStrictEqual(positionsJson([held]).positions, toJson(run()).positions)
  })

  it("fills carry their order and their money", () => {
    assert.deepInclude(fillsJson([fill]).fills[0], {
      orderId: filled.order.id,
      qty: "200",
      price: "0.45",
      notional: "90",
      fee: "1.2",
      executedAt: "2026-09-21T14:13:21.000Z"
    })
  })

  it("an account's equity is its cash and what its positions would fetch", () => {
    const unpriced = mark(position({ qty: Shares(UNIT), costBasis: Usd(UNIT) }), undefined, undefined)
    const positions = [held, unpriced]
    const [row] = balancesJson([
      { mode: "paper", opening: 1000n * UNIT, cash: 908_800_000n, reserved: 50n * UNIT, positions }
    ]).balances
    assert.deepStrictEqual(row, {
      mode: "paper",
      opening: "1000",
      cash: "908.8",
      reserved: "50",
      available: "858.8",
      positionsValue: "96",
      simulatedValue: "96",
      unpricedPositions: 1,
      equity: "1004.8",
      totalPnl: "4.8"
    })
  })

  it("a run that has not ended has no end", () => {
    const record = {
      planId: "demo",
      mode: "paper",
      status: "running",
      startedMillis: 0,
      completedMillis: undefined,
      planFile: "plans/demo.json",
      error: undefined
    } as const
    assert.deepStrictEqual(runsJson([record]).runs, [
      {
        planId: "demo",
        mode: "paper",
        status: "running",
        startedAt: "1970-01-01T00:00:00.000Z",
        completedAt: null,
        planFile: "plans/demo.json",
        error: null
      }
    ])
  })

  it("nothing in them is a bigint", () => {
    const all = [ordersJson([filled]), positionsJson([held]), fillsJson([fill])]
    for (const each of all) assert.deepStrictEqual(JSON.parse(JSON.stringify(each)), each)
  })
})

describe("failures as JSON", () => {
  it("tell each thing wrong with an input and where it is", () => {
    const failure = new InvalidInput({
      code: "invalid_plan",
      message: "2 problems",
      issues: [
        { path: "tradeInstructions[0].marketId", line: 7, column: 5, message: "missing" },
        { path: "mode", message: "unknown" }
      ]
    })
    assert.deepStrictEqual(errorJson(failure), {
      error: {
        code: "invalid_plan",
        message: "2 problems",
        issues: [
          { path: "tradeInstructions[0].marketId", line: 7, column: 5, message: "missing" },
          { path: "mode", line: null, column: null, message: "unknown" }
        ]
      }
    })
  })

  it("have a code of their own each", () => {
    const failures = [
      new PlanExists({ planId: "demo", message: "planId already exists" }),
      new DatabaseUnavailable({ message: "down" }),
      new Halted({ message: "halted" })
    ]
    assert.deepStrictEqual(
      failures.map((each) => errorJson(each).error.code),
      ["plan_exists", "database_unavailable", "halted"]
    )
  })
})
