import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { agrees, askew, brief, halt, instruction, plan, scenario, show, standing, trade } from "./world.ts"

const MINUTES = 600_000
const rain = show("sandbox-rain", { "0.4": "500" }, { "0.46": "500" })
const one = (planId: string, price: number) => plan(planId, [instruction({ price })])

describe("a machine whose clock is minutes ahead of the venue's", () => {
  scenario("is told of it, trades by the venue's time, and books trades from before its own", () =>
    Effect.gen(function* () {
      yield* rain
      const { failure, report } = yield* askew(MINUTES)(trade(one("ahead", 0.46)))
      assert.isUndefined(failure)
      assert.include(report.warnings.join(), "this machine's clock is 600 s ahead of the venue's")
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
      yield* askew(MINUTES)(agrees)
    })
  )

  scenario("finds what its orders came to once the clock is set back", () =>
    Effect.gen(function* () {
      yield* rain
      yield* askew(MINUTES)(trade(one("was-ahead", 0.45)))
      yield* show("sandbox-rain", { "0.4": "500" }, { "0.44": "500" })
      yield* agrees
      assert.deepStrictEqual(yield* standing("was-ahead"), ["filled 20"])
    })
  )

  scenario("can be halted", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("rests", 0.45))
      const halted = yield* askew(MINUTES)(halt())
      assert.deepStrictEqual([halted.proofs, yield* standing("rests")], [2, ["cancelled 0"]])
    })
  )
})
