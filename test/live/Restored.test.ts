import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Backup from "../../src/persist/Backup.ts"
import { agrees, instruction, plan, posts, reckon, scenario, show, standing, trade } from "./world.ts"

const rain = show("sandbox-rain", { "0.4": "500" }, { "0.46": "500" })
const one = (planId: string) => plan(planId, [instruction({ price: 0.45 })])
const folder = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "betteroms-restored-"))),
  (at) => Effect.sync(() => fs.rmSync(at, { recursive: true, force: true }))
)

describe("a database restored from a backup", () => {
  for (const [from, before] of [
    ["of a live account", [one("first")]],
    ["from before the account was first seen", []]
  ] as const) {
    scenario(`${from} places no plan a second time: nothing leaves until the operator has looked`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const file = path.join(yield* folder, "live.backup")
          yield* rain
          for (const each of before) yield* trade(each)
          yield* Effect.orDie(Backup.backup(file))
          yield* trade(one("forgotten"))
          const taken = yield* posts
          yield* Effect.orDie(Backup.restore(file, { replace: true }))
          const refused = yield* Effect.either(trade(one("forgotten")))
          const why = Either.match(refused, { onLeft: ({ message }) => message, onRight: () => "it ran" })
          assert.match(why, /restored from a backup/)
          assert.deepStrictEqual([yield* standing("forgotten"), yield* posts], [[], taken])
          assert.strictEqual((yield* reckon({ accept: true })).foreign.length, 1)
          assert.isUndefined((yield* trade(one("next"))).failure)
          yield* agrees
        })
      )
    )
  }
})
