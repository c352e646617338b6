import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Sandbox from "../src/sandbox/Sandbox.ts"
import { anOperator, at, proven } from "./cli/betteroms.ts"

const folder = path.resolve(import.meta.dirname, "../plans")
// In name order, but for the one that sells what another one bought.
const names = fs.readdirSync(folder).filter((name) => /\.jsonc?$/.test(name))
const inOrder = [...names.filter((name) => name !== "sell.json"), ...names.filter((name) => name === "sell.json")]

describe("the paper plans that come with the program", () => {
  it.scopedLive(`all run on the simulated market: ${inOrder.join(", ")}`, () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      for (const name of inOrder) {
        const report = yield* operator.asks(["trade", path.join(folder, name), "--market-data", "sim"])
        assert.strictEqual(at(report, "status"), "completed", name)
        assert.notInclude([at(report, "orders.*.status")].flat(), "rejected", name)
      }
      assert.isAtLeast(inOrder.length, 4)
      yield* proven(operator)
    })
  )
})

describe("the live plan that comes with the program", () => {
  it.scopedLive("trades on the sandbox, once it is confirmed", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      const { env } = yield* Sandbox.make()
      const plan = path.join(folder, "sandbox", "live-demo.json")
      const asked = yield* operator.asks(["trade", plan], 2, env)
      assert.strictEqual(at(asked, "error.code"), "not_confirmed")
      const report = yield* operator.asks(["trade", plan, "--yes"], 0, env)
      assert.deepStrictEqual(at(report, "orders.*.status"), ["filled", "open", "filled", "filled"])
      yield* proven(operator)
    })
  )
})
