import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Payouts } from "../../src/domain/Market.ts"
import { UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import * as ReadOuts from "../../src/readouts.ts"
import * as OrderRows from "../../src/report/OrderRows.ts"
import * as Rows from "../../src/report/Rows.ts"
import { upkeep } from "../../src/upkeep.ts"
import { brief, instruction, plan, Stage, scenario, show, trade } from "./world.ts"

const ways: ReadonlyArray<readonly [string, Payouts, string, string]> = [
  ["YES", [Usd(UNIT), Usd(0n)], "100055", "55"],
  ["NO", [Usd(0n), Usd(UNIT)], "99955", "-45"],
  ["void", [Usd(UNIT / 2n), Usd(UNIT / 2n)], "100005", "5"]
]

const balance = Effect.map(ReadOuts.balances(Option.none()), ({ balances }) => Rows.balancesJson(balances).balances[0])
const resolve = (payouts: Payouts) => Effect.flatMap(Stage, (stage) => stage.resolve("m", payouts))
const reconcile = upkeep("paper", { held: true })

describe("a market that is resolved", () => {
  for (const [name, payouts, cash, earned] of ways) {
    scenario(`as ${name} pays what is held of it, once`, () =>
      Effect.gen(function* () {
        yield* show("m", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
        yield* trade(plan("holds", [instruction()]))
        yield* resolve(payouts)
        assert.deepStrictEqual((yield* reconcile).settled, ["0xm"])
        assert.deepStrictEqual((yield* reconcile).settled, [])
        assert.deepInclude(yield* balance, { cash, positionsValue: "0", equity: cash, totalPnl: earned })
        const [held] = yield* Effect.flatMap(Ledger, (ledger) => ledger.positions("paper"))
        assert.deepStrictEqual(
          [held?.qty, held?.costBasis, held?.realizedPnl],
          [0n, 0n, payouts[0] * 100n - 45n * UNIT]
        )
      })
    )
  }

  scenario("shows the same equity before it has paid and after", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
      yield* trade(plan("holds", [instruction()]))
      yield* resolve([Usd(UNIT), Usd(0n)])
      // A run that meets the market learns that it is resolved; only upkeep of what is held books its payout.
      yield* show("n", { asks: { 0.9: 1000 } })
      yield* trade(plan("looks", [instruction(), instruction({ marketId: "n" })], { onReject: "skip" }))
      const before = yield* balance
      assert.deepInclude(before, { cash: "99955", positionsValue: "100", equity: "100055" })
      yield* reconcile
      assert.deepInclude(yield* balance, { cash: "100055", positionsValue: "0", equity: "100055" })
    })
  )

  scenario("cancels what rests in it, and takes no more orders", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.6: 1000 } })
      yield* trade(plan("rests", [instruction()]))
      yield* resolve([Usd(0n), Usd(UNIT)])
      yield* reconcile
      const found = yield* Effect.flatMap(Ledger, (ledger) => ledger.orders({}))
      assert.deepStrictEqual(OrderRows.ordersJson(found).orders.map(brief), ["cancelled 0"])
      const { report } = yield* trade(plan("late", [instruction()]))
      assert.strictEqual(report.status, "rejected")
      assert.include(report.orders[0]?.reasons[0], "MARKET_NOT_TRADEABLE")
    })
  )
})
