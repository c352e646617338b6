import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { anOperator, at, proven } from "./cli/betteroms.ts"

const folder = path.resolve(import.meta.dirname, "../plans")
// In name order, but for the one that sells what another one bought.
const names = fs
  .readdirSync(folder)
  .filter((name) => /\.jsonc?$/.test(name))
  .filter((name) => !fs.readFileSync(path.join(folder, name), "utf8").includes('"mode": "live"'))
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
