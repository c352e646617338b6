import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import { InvalidInput, MarketDataUnavailable } from "../../src/domain/Failure.ts"
import { Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { mark } from "../../src/report/Marks.ts"
import { codeOf, fromJson, refusedOf, toJson } from "../../src/report/RunReport.ts"
import { state } from "../domain/orders.ts"
import { held, position, run } from "./runs.ts"

describe("the report of a run", () => {
  it("100 USDC at a limit of 0.50, filled at 0.45: 200 shares, 90 spent, 10 not", () => {
    const [order] = toJson(run()).orders
    assert.deepStrictEqual(order, {
      id: "00000000-0000-8000-8000-000000000001",
      instruction: 0,
      marketId: "sim-coin",
      conditionId: "sim-coin",
      tokenId: "sim-coin-0",
      outcome: "Yes",
      side: "BUY",
      price: "0.5",
      size: "100",
      sizeUnit: "USDC",
      qty: "200",
      timeInForce: "GTC",
      status: "filled",
      filledQty: "200",
      avgFillPrice: "0.45",
      notional: "90",
      fees: "1.2",
      unspent: "10",
      bands: { pessimistic: "150", neutral: "200", optimistic: "200" },
      externalOrderId: null,
      reasons: []
    })
  })

  it("tells a refused instruction in the same shape: no id, rejected, every reason, its whole size unspent", () => {
    const [, order] = toJson(run()).orders
    assert.deepInclude(order, {
      id: null,
      instruction: 1,
      tokenId: null,
      status: "rejected",
      qty: null,
      filledQty: "0",
      avgFillPrice: null,
      unspent: "10",
      reasons: ["PRICE_OFF_TICK: 0.405 is not a multiple", "MAX_ORDERS: the plan allows 1 orders"]
    })
  })

  it("adds up: totals, positions and markets", () => {
    const report = toJson(run())
    assert.deepStrictEqual(report.totals, {
      ordersPlaced: 1,
      ordersFilled: 1,
      ordersOpen: 0,
      ordersRejected: 1,
      notional: "90",
      fees: "1.2",
      realizedPnl: "0",
      unrealizedPnl: "6",
      totalPnl: "4.8"
    })
    assert.deepStrictEqual(report.positions, [
      {
        marketId: "sim-coin",
        conditionId: "sim-coin",
        outcome: "Yes",
        mode: "paper",
        qty: "200",
        avgPrice: "0.45",
        costBasis: "90",
        markPrice: "0.48",
        realizedPnl: "0",
        unrealizedPnl: "6",
        fees: "1.2"
      }
    ])
    assert.deepStrictEqual(report.markets, [
      {
        marketId: "sim-coin",
        conditionId: "sim-coin",
        simulated: true,
        notional: "90",
        fees: "1.2",
        realizedPnl: "0",
        unrealizedPnl: "6",
        totalPnl: "4.8"
      }
    ])
  })

  it("keeps markets apart, in order of first mention, real ones from simulated ones", () => {
    const real = position({ marketId: "512", conditionId: "0xabc", realizedPnl: Usd(-UNIT) })
    const report = toJson(run({ positions: [held, mark(real, undefined, undefined)] }))
    assert.deepStrictEqual(
      report.markets.map((each) => [each.marketId, each.simulated, each.totalPnl]),
      [
        ["sim-coin", true, "4.8"],
        ["512", false, "-1"]
      ]
    )
    assert.strictEqual(report.totals.totalPnl, "3.8")
  })

  it("leaves a position without a price out of unrealized P&L and warns of it", () => {
    const unknown = mark(position({ qty: Shares(UNIT), costBasis: Usd(UNIT), outcome: "No" }), undefined, undefined)
    const report = toJson(run({ positions: [held, unknown], warnings: [] }))
    assert.deepInclude(report.positions[1], { markPrice: null, unrealizedPnl: null })
    assert.strictEqual(report.totals.unrealizedPnl, "6")
    assert.deepStrictEqual(report.warnings, ["no book, so no price, for No in sim-coin: left out of unrealized P&L"])
  })

  it("counts what may still fill as open, and what is only journalled as neither open nor filled", () => {
    const orders = (["pending", "open", "delayed", "unknown", "cancelling", "blocked", "cancelled"] as const).map(
      (status) => ({ placed: status !== "blocked", state: state({}, { status }), externalOrderId: undefined })
    )
    const { totals } = toJson(run({ orders, refused: [], positions: [] }))
    assert.deepInclude(totals, { ordersPlaced: 6, ordersFilled: 0, ordersOpen: 4, ordersRejected: 1 })
  })

  it("takes fees out of what is unspent where they come out of the size, and knows no unspent shares", () => {
    const of = (more: Parameters<typeof state>[0]) =>
      toJson(
        run({
          orders: [
            {
              placed: true,
              state: state(more, { notional: Usd(40n * UNIT), fees: Usd(UNIT) }),
              externalOrderId: undefined
            }
          ]
        })
      ).orders[0]?.unspent
    assert.strictEqual(of({ feesInclusive: true }), "9")
    assert.strictEqual(of({ feesInclusive: false }), "10")
    assert.strictEqual(of({ sizeUnit: "SHARES", side: "SELL" }), "0")
  })

  it("tells a budget in the shares it buys at the limit", () => {
    const budget = state({
      quantity: { _tag: "Budget", usd: Usd(100n * UNIT) },
      price: Price(560_000n),
      timeInForce: "FOK"
    })
    const report = toJson(run({ orders: [{ placed: true, state: budget, externalOrderId: "0x12" }] }))
    assert.deepInclude(report.orders[0], { qty: "178.5714", externalOrderId: "0x12" })
  })

  it("orders come in plan order, refused ones among them", () => {
    const later = state({ instruction: 2 })
    const orders = [...run().orders, { placed: true, state: later, externalOrderId: undefined }]
    assert.deepStrictEqual(
      toJson(run({ orders })).orders.map((order) => order.instruction),
      [0, 1, 2]
    )
  })

  it("has times in UTC, and an error only where there is one", () => {
    const report = toJson(run())
    assert.strictEqual(report.startedAt, "2026-09-21T14:13:20.000Z")
    assert.strictEqual(report.completedAt, "2026-09-21T14:13:21.500Z")
    assert.notProperty(report, "error")
    const error = { code: "venue_unavailable", message: "no answer" }
    assert.deepStrictEqual(toJson(run({ error })).error, error)
  })

  it("goes through JSON and comes back the same, without a bigint or a number in place of a decimal", () => {
    for (const each of [run(), run({ error: { code: "x", message: "y" }, dryRun: true })]) {
      const report = toJson(each)
      const back: unknown = JSON.parse(JSON.stringify(report))
      assert.deepStrictEqual(back, report)
      assert.deepStrictEqual(Option.getOrUndefined(fromJson(back)), report)
    }
  })

  it("that was kept tells which instructions risk refused; anything else tells none", () => {
    const kept: unknown = JSON.parse(JSON.stringify(toJson(run())))
    assert.deepStrictEqual(
      refusedOf(kept).map((row) => row.instruction),
      [1]
    )
    for (const other of [null, undefined, {}, { orders: [{ id: null, instruction: 0 }] }])
      assert.deepStrictEqual(refusedOf(other), [])
  })

  it("names a failure by its code", () => {
    assert.strictEqual(
      codeOf(new MarketDataUnavailable({ source: "gamma", message: "down" })),
      "market_data_unavailable"
    )
    assert.strictEqual(codeOf(new InvalidInput({ code: "invalid_plan", message: "bad", issues: [] })), "invalid_plan")
  })
})
