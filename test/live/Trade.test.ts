import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { format } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { brief, cash, chain, instruction, plan, reckon, scenario, show, trade } from "./world.ts"

describe("a live plan", () => {
  scenario("is signed, sent, filled and booked to the micro-unit", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "15", "0.47": "500" })
      const { failure, report } = yield* trade(
        plan("p", [instruction({ price: 0.47, size: 20 }), instruction({ price: 0.4, size: 10 })])
      )
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.4625", "open 0"])
      const ledger = yield* Ledger
      const fills = yield* ledger.fills({ mode: "live" })
      assert.deepStrictEqual(
        fills.map(
          (fill) => `${format(fill.shares)} at ${format(fill.price)}, fee ${format(fill.fee)}, ${fill.liquidity}`
        ),
        ["15 at 0.46, fee 0.1863, taker", "5 at 0.47, fee 0.06227, taker"]
      )
      const found = yield* reckon()
      assert.deepStrictEqual(found.flows, [])
      assert.deepStrictEqual(found.stops, [])
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
      assert.isTrue((yield* ledger.fills({ mode: "live" })).every((fill) => fill.final))
    })
  )
})
