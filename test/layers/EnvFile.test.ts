import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { parse } from "dotenv"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { others, type Values, withValues, write } from "../../src/layers/EnvFile.ts"

const VALUES = { POLYMARKET_API_KEY: "new-key", POLYMARKET_API_SECRET: "bmV3+/_-==" }

describe("a file of settings", () => {
  for (const [what, before, after] of [
    ["that is empty gets the settings", "", "POLYMARKET_API_KEY=new-key\nPOLYMARKET_API_SECRET=bmV3+/_-==\n"],
    [
      "keeps every other line, comment and blank",
      "# mine\n\nLOG_LEVEL=info # loud\nPOLYMARKET_API_KEY=old\n# POLYMARKET_API_SECRET=\n",
      "# mine\n\nLOG_LEVEL=info # loud\nPOLYMARKET_API_KEY=new-key\n# POLYMARKET_API_SECRET=\nPOLYMARKET_API_SECRET=bmV3+/_-==\n"
    ],
    [
      "keeps a comment behind the value, an export, and how lines end",
      "export POLYMARKET_API_KEY= # from the site\r\nA=1",
      "export POLYMARKET_API_KEY=new-key # from the site\r\nA=1\r\nPOLYMARKET_API_SECRET=bmV3+/_-==\r\n"
    ],
    [
      "that says the same thing twice says the new one twice",
      "POLYMARKET_API_KEY=a\nPOLYMARKET_API_KEY='b'\nPOLYMARKET_API_SECRET=\"c\"\n",
      "POLYMARKET_API_KEY=new-key\nPOLYMARKET_API_KEY=new-key\nPOLYMARKET_API_SECRET=bmV3+/_-==\n"
    ]
  ] as const) {
    it(what, () => assert.deepStrictEqual(withValues(before, VALUES), Option.some(after)))
  }

  it("is not touched where a value over several lines would be", () => {
    assert.deepStrictEqual(withValues('NOTE="one\nPOLYMARKET_API_KEY=two\n"\n', VALUES), Option.none())
  })

  it("tells which settings have another value", () => {
    const text = "POLYMARKET_API_KEY=other\nPOLYMARKET_API_SECRET=bmV3+/_-==\n"
    assert.deepStrictEqual(others(text, VALUES), ["POLYMARKET_API_KEY"])
    assert.deepStrictEqual(others("POLYMARKET_API_KEY=\n", VALUES), [])
  })

  const value = FastCheck.stringMatching(/^[!-~]{1,40}$/)
  const lines = FastCheck.array(
    FastCheck.oneof(
      FastCheck.stringMatching(/^# [ -~]{0,20}$/),
      FastCheck.stringMatching(/^[A-Z_]{1,8}=[a-z0-9 #'"]{0,12}$/),
      FastCheck.constantFrom("", "POLYMARKET_API_KEY=old", "  POLYMARKET_API_KEY = 'old'", "junk")
    ),
    { maxLength: 8 }
  )

  it.prop("says what it is told and nothing else new, or is left alone", [lines, value], ([before, secret]) => {
    const values: Values = { POLYMARKET_API_KEY: secret }
    const text = before.join("\n")
    return Option.match(withValues(text, values), {
      onNone: () => true,
      onSome: (after) => {
        const [old, now] = [parse(text), parse(after)]
        const kept = Object.entries(old).every(([name, found]) => name in values || now[name] === found)
        return kept && now.POLYMARKET_API_KEY === secret
      }
    })
  })
})

const folder = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "betteroms-env-"))),
  (made) => Effect.sync(() => fs.rmSync(made, { recursive: true, force: true }))
)

describe("writing it", () => {
  it.scopedLive("makes a file that its owner alone can read, also of one that all could, and leaves no draft", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, ".env.local")
      yield* write(file, VALUES)
      assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
      fs.writeFileSync(file, "A=1\n")
      fs.chmodSync(file, 0o644)
      yield* write(file, VALUES)
      assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
      assert.deepStrictEqual(parse(fs.readFileSync(file)), { A: "1", ...VALUES })
      assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), [".env.local"])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("writes the file that a link leads to", () =>
    Effect.gen(function* () {
      const where = yield* folder
      const [real, link] = [path.join(where, "secrets"), path.join(where, ".env.local")]
      fs.writeFileSync(real, "A=1\n")
      fs.symlinkSync(real, link)
      yield* write(link, VALUES)
      assert.isTrue(fs.lstatSync(link).isSymbolicLink())
      assert.include(fs.readFileSync(real, "utf8"), "POLYMARKET_API_KEY=new-key")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("into a folder that is not there fails and shows no value", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(write(path.join(yield* folder, "no", ".env.local"), VALUES))
      assert.strictEqual(failure.code, "unwritable")
      for (const secret of Object.values(VALUES)) assert.notInclude(JSON.stringify(failure), secret)
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
