import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { UNIT } from "../../src/domain/Money.ts"
import { instruction, plan, START, Stage, show, trade, world } from "./world.ts"

const day = Effect.gen(function* () {
  yield* TestClock.setTime(START)
  yield* Effect.flatMap(Stage, (stage) => stage.change("a", { fees: { rate: (7n * UNIT) / 100n, exponent: 1 } }))
  yield* show("a", { bids: { 0.44: 200, 0.43: 500 }, asks: { 0.45: 60, 0.46: 80, 0.48: 900 } })
  yield* show("b", { bids: { 0.7: 33 }, asks: { 0.72: 10_000 } })
  const first = yield* trade(
    plan(
      "first",
      [
        instruction({ marketId: "a", price: 0.47, size: 300 }),
        instruction({ marketId: "b", price: 0.74, size: 99.99, sizeUnit: "USDC", feesInclusive: true }),
        instruction({ marketId: "a", outcome: "NO", price: 0.5, size: 40, timeInForce: "FAK", sizeUnit: "USDC" }),
        instruction({ marketId: "nowhere" })
      ],
      { onReject: "skip", simulation: { slippageTicks: 1, liquidityFraction: 0.75 } }
    )
  )
  yield* TestClock.adjust("1 hour")
  yield* show("a", { bids: { 0.4: 10 }, asks: { 0.47: 120, 0.5: 900 } })
  const second = yield* trade(plan("second", [instruction({ marketId: "b", side: "SELL", price: 0.7, size: 50 })]))
  return [JSON.stringify(first.report), JSON.stringify(second.report)]
})

describe("the same plans, books and clock", () => {
  it.effect("give the same reports, byte for byte, ids and times included", () =>
    Effect.gen(function* () {
      const one = yield* Effect.provide(day, world)
      const other = yield* Effect.provide(day, world)
      assert.deepStrictEqual(one, other)
      assert.include(one[0], '"status":"completed"')
      assert.include(one[1], '"status":"completed"')
    })
  )
})
