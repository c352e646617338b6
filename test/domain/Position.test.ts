import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { cost, format, Price, proceeds, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import type { Side } from "../../src/domain/Order.ts"
import { averagePrice, empty, fill, type Position, payout, unrealized } from "../../src/domain/Position.ts"

const nothing = empty({ marketId: "sim-coin", conditionId: "sim-coin", outcomeIndex: 0, outcome: "Yes", mode: "paper" })

const trade = (position: Position, side: Side, count: bigint, price: bigint, fee = 0n): Position =>
  fill(position, side, {
    shares: Shares(count),
    notional: side === "BUY" ? cost(price, count) : proceeds(price, count),
    fee: Usd(fee)
  })

describe("a position", () => {
  it("of BUY 100 YES at 0.40 and BUY 50 YES at 0.50 is 150 YES at 0.4333 on average", () => {
    const held = trade(trade(nothing, "BUY", 100n * UNIT, 400_000n), "BUY", 50n * UNIT, 500_000n)
    assert.strictEqual(format(held.qty), "150")
    assert.strictEqual(format(held.costBasis), "65")
    assert.strictEqual(format(averagePrice(held)), "0.4333")
  })

  it("realizes the gain over average cost when part of it is sold", () => {
    const held = trade(trade(nothing, "BUY", 100n * UNIT, 400_000n), "SELL", 40n * UNIT, 550_000n, 10_000n)
    assert.strictEqual(format(held.realizedPnl), "6")
    assert.strictEqual(format(held.costBasis), "24")
    assert.strictEqual(format(held.fees), "0.01")
    assert.strictEqual(format(unrealized(held, Price(600_000n))), "12")
  })

  it("pays 1, 0 or a half per share when its market is resolved", () => {
    const held = trade(nothing, "BUY", 100n * UNIT, 400_000n)
    const [won, lost, void_] = [1_000_000n, 0n, 500_000n].map((perShare) => payout(held, Usd(perShare)))
    assert.deepStrictEqual(
      [won, lost, void_].map((after) => format(after?.realizedPnl ?? 1n)),
      ["60", "-40", "10"]
    )
    assert.strictEqual(won?.qty, 0n)
    assert.strictEqual(won?.costBasis, 0n)
  })

  it("balances to the micro-dollar: cash flow is realized P&L less what the shares still held cost", () => {
    const step = fc.record({ isBuy: fc.boolean(), count: fc.bigInt(1n, 10n ** 10n), price: fc.bigInt(1n, UNIT - 1n) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom(0n, 500_000n, UNIT), (steps, perShare) => {
        let held = nothing
        for (const { count, isBuy, price } of steps) {
          const most = isBuy ? count : count < held.qty ? count : held.qty
          if (most > 0n) held = trade(held, isBuy ? "BUY" : "SELL", most, price)
          assert.strictEqual(held.cashFlow, held.realizedPnl - held.costBasis)
          assert.isTrue(held.qty >= 0n && held.costBasis >= 0n)
        }
        const after = payout(held, Usd(perShare))
        assert.deepStrictEqual([after.qty, after.costBasis], [0n, 0n])
        assert.strictEqual(after.cashFlow, after.realizedPnl)
        assert.strictEqual(after.cashFlow - held.cashFlow, (held.qty * perShare) / UNIT)
      })
    )
  })
})
