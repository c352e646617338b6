import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, resolve } from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Happening, plan, tape } from "./tapes.ts"

const MAIN = resolve(import.meta.dirname, "../../dist/main.js")

const happenings: ReadonlyArray<Happening> = [
  { at: 0, book: { bids: { 0.48: 100, 0.47: 50 }, asks: { 0.5: 100, 0.51: 50 } } },
  ...Array.from({ length: 400 }, (_, at): Happening => ({ at: at * 900 + 5_000, trade: [0.48, 1 + (at % 7)] })),
  { at: 400_000, bid: [0.47, 10] }
]

describe("betteroms backtest", () => {
  it.scoped.skipIf(!existsSync(MAIN))("says the same, byte for byte, with one worker and with three", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* tape(happenings)
      const folder = dirname(path)
      yield* files.writeFile(`${folder}/plan.json`, plan([{ price: 0.48, size: 200 }]))
      const asks = (...more: ReadonlyArray<string>) => {
        const grid = ["--grid", "price=0.44..0.52:0.02", "--grid", "latency=0,100:0.5"]
        const args = [MAIN, "backtest", "plan.json", "--tape", path, ...grid, ...more]
        return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", env: {} })
      }
      const one = asks("--json", "--workers", "1")
      const three = asks("--json", "--workers", "3")
      assert.strictEqual(one.status, 0, one.stderr)
      assert.strictEqual(three.stdout, one.stdout)
      assert.strictEqual(one.stdout.split('"planId"').length - 1, 10)
      const text = asks("--html", "report.html")
      assert.strictEqual(text.status, 0, text.stderr)
      const html = yield* files.readFileString(`${folder}/report.html`)
      // Nothing is loaded from anywhere; the one address in it is the name of the language of its drawings.
      assert.deepStrictEqual([...new Set(html.match(/(https?:)?\/\/[a-z][^\s"'<]*/g))], ["http://www.w3.org/2000/svg"])
      assert.notMatch(html, /<(link|img|iframe|script src)/)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped.skipIf(!existsSync(MAIN))("names what is wrong with what it was given", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* tape(happenings)
      const folder = dirname(path)
      yield* files.writeFile(`${folder}/other.json`, plan([{ price: 0.48, size: 200, marketId: "snow" }]))
      yield* files.writeFile(`${folder}/small.json`, plan([{ price: 0.48, size: 1 }]))
      const asks = (...args: ReadonlyArray<string>) =>
        spawnSync(process.execPath, [MAIN, "backtest", ...args, "--json"], { cwd: folder, encoding: "utf8", env: {} })
      const code = (answer: { readonly stdout: string; readonly status: number | null }) =>
        `${answer.status} ${/"code": "(\w+)"/.exec(answer.stdout)?.[1]}`
      assert.strictEqual(code(asks("other.json", "--tape", path)), "2 markets_not_on_tape")
      assert.strictEqual(code(asks("other.json", "--tape", "other.json")), "2 not_a_tape")
      assert.strictEqual(code(asks("small.json", "--tape", path, "--grid", "price=0..")), "2 usage")
      assert.strictEqual(asks("small.json", "--tape", path).status, 4)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
