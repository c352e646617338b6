import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { format, UNIT, Usd } from "../../src/domain/Money.ts"
import { totalOf } from "../../src/pipeline/Decision.ts"
import { answered, Exchange, instruction, plan, posts, scenario, show, standing, trade } from "./world.ts"

const dollars = (cents: number) => Usd((BigInt(cents) * UNIT) / 100n)

describe("the total that an operator agrees to", () => {
  scenario("is a ceiling: a plan that comes to more by then sends nothing, and asks anew", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.4": "500" }, { "0.46": "500" })
      // There is cash for the first alone; the second is left out.
      const two = plan(
        "two",
        [20_000, 20_000].map((size) => instruction({ price: 0.45, size })),
        { onReject: "skip" }
      )
      const { leaving = [] } = yield* trade(two, { dryRun: true })
      assert.strictEqual(format(totalOf(leaving)), "9000")
      yield* exchange.credit(10_000n * UNIT)
      const refused = yield* Effect.flip(trade(two, { confirmed: totalOf(leaving) }))
      assert.propertyVal(refused, "code", "not_confirmed")
      assert.match(refused.message, /comes to 18000 by now, and 9000 was agreed to/)
      assert.deepStrictEqual([yield* posts, yield* standing("two")], [[], []])
      assert.isUndefined((yield* trade(two, { confirmed: dollars(1_800_000) })).failure)
      assert.deepStrictEqual(yield* posts, ["accepted", "accepted"])
    })
  )

  scenario("of a plan that goes on is that of what is still to be sent", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.4": "500" }, { "0.46": "500" })
      const three = plan(
        "three",
        [0.45, 0.44, 0.43].map((price) => instruction({ price }))
      )
      yield* answered(400, "invalid expiration", { nth: 2 })
      yield* trade(three)
      assert.deepStrictEqual(yield* standing("three"), ["open 0", "rejected 0", "pending 0"])
      const { leaving = [] } = yield* trade(three, { dryRun: true })
      assert.strictEqual(format(totalOf(leaving)), "8.6")
      assert.propertyVal(yield* Effect.flip(trade(three, { confirmed: dollars(859) })), "code", "not_confirmed")
      assert.isUndefined((yield* trade(three, { confirmed: dollars(860) })).failure)
      assert.deepStrictEqual(yield* standing("three"), ["open 0", "rejected 0", "open 0"])
    })
  )
})
