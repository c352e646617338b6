import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { instruction, plan } from "../pipeline/world.ts"
import { anOperator, book } from "./betteroms.ts"
import { filesIn, lookout } from "./secrets.ts"

const KEY = "C0FFEE0123456789abcdefFACADE0123456789abcdefDECADE0123456789ab5EED"
const SECRETS = {
  POLYMARKET_PRIVATE_KEY: KEY.slice(0, 64),
  POLYMARKET_API_KEY: "deadbeef-cafe-4bad-8bad-facefeedf00d",
  POLYMARKET_API_SECRET: "Q2FuYXJ5U2VjcmV0VGhhdE5vYm9keU1heVNlZQ==",
  POLYMARKET_API_PASSPHRASE: "canaryPassphraseThatNobodyMaySee",
  POLYMARKET_RELAYER_API_KEY: "canaryRelayerKeyThatNobodyMaySee"
}
/** In the address of a node. */
const RPC_KEY = "canaryNodeKeyThatNobodyMaySee"
const PASSWORD = "canaryPasswordOfTheDatabase"

const { canaries, leakingFiles, leakingRows, leaks, shownIn } = lookout([...Object.values(SECRETS), RPC_KEY, PASSWORD])

const GOOD: ReadonlyArray<ReadonlyArray<string>> = [
  ["--version"],
  ["--help"],
  ["trade", "--help"],
  ["trade", "plan.json", "--dry-run", "--market-data", "file:book.json"],
  ["trade", "plan.json", "--market-data", "file:book.json"],
  ["schedule", "--once", "--plans", "plans", "--market-data", "sim"],
  ["positions"],
  ["orders"],
  ["fills"],
  ["balances"],
  ["runs"],
  ["report", "plan"],
  ["export", "orders", "--out", "orders.csv"],
  ["export", "fills", "--format", "json", "--out", "fills.json"],
  ["reconcile"],
  ["cancel", "--all"],
  ["verify"],
  ["db", "migrate"],
  ["db", "status"],
  ["db", "backup", "backup.jsonl.gz"],
  ["credentials", "check"],
  ["doctor"],
  ["schema"]
]
const BAD: ReadonlyArray<ReadonlyArray<string>> = [
  ["trade", "plan.json"],
  ["trade", "bad.json"],
  ["trade", "nowhere.json"],
  ["trade", "unknown.json"],
  ["credentials", "create"],
  ["allowances", "check"],
  ["allowances", "set", "--yes"],
  ["wrap", "1", "--yes"],
  ["db", "restore", "backup.jsonl.gz"],
  ["db", "stop"],
  ["report", "nothing"],
  ["ordres"],
  ["schedule", "--plans", "nowhere"]
]

const prepared = Effect.gen(function* () {
  const operator = yield* anOperator
  yield* operator.writes("book.json", book({ 0.44: 1000 }, { 0.45: 1000 }))
  yield* operator.writes("plan.json", plan("plan", [instruction(), instruction({ price: 0.2 })]))
  yield* operator.writes("bad.json", { planId: "bad" })
  yield* operator.writes("unknown.json", plan("unknown", [instruction({ marketId: "sim-x-resolved-no" })]))
  yield* operator.writes("plans/sim.json", plan("sim", [instruction({ marketId: "sim-moon" })]))
  const address = new URL(operator.url)
  address.password = PASSWORD
  return { operator, url: address.toString() }
})

// No test reaches the venue.
const AWAY = {
  POLYMARKET_GAMMA_URL: "http://127.0.0.1:1",
  POLYMARKET_CLOB_URL: "http://127.0.0.1:1",
  POLYGON_RPC_URL: `http://127.0.0.1:1/v2/${RPC_KEY}?apikey=${RPC_KEY}`
}

const dotenv = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n")

describe("a secret", () => {
  it("is found in every dress", () => {
    for (const canary of canaries) assert.isNotEmpty(shownIn(`before ${canary} behind`))
    const key = Buffer.from(SECRETS.POLYMARKET_PRIVATE_KEY, "hex")
    assert.isNotEmpty(shownIn(JSON.stringify({ key: key.toString("base64") })))
    assert.isEmpty(shownIn("POLYMARKET_PRIVATE_KEY is set and well-formed"))
  })

  for (const [place, inFile, logs] of [
    ["the environment", false, { LOG_LEVEL: "trace", LOG_FORMAT: "json" }],
    [".env.local", true, { LOG_LEVEL: "trace", LOG_FORMAT: "pretty" }]
  ] as const) {
    it.scopedLive(
      `in ${place} is never in what commands say, in their files, or in the database`,
      () =>
        Effect.gen(function* () {
          const { operator, url } = yield* prepared
          const key = inFile ? `0x${SECRETS.POLYMARKET_PRIVATE_KEY}` : SECRETS.POLYMARKET_PRIVATE_KEY
          const secrets = { ...SECRETS, POLYMARKET_PRIVATE_KEY: key, DATABASE_URL: url }
          if (inFile) yield* operator.writes(".env.local", dotenv(secrets))
          const env = { ...AWAY, ...logs, ...(inFile ? { DATABASE_URL: undefined } : secrets) }
          const json = inFile ? [] : ["--json"]
          for (const words of GOOD) {
            const typed = words.some((word) => word.startsWith("--h") || word.startsWith("--v"))
              ? words
              : [...words, ...json]
            const ended = yield* operator.types(typed, env)
            assert.strictEqual(ended.code, 0, `${typed.join(" ")}\n${ended.stdout}\n${ended.stderr}`)
            assert.deepStrictEqual(leaks(typed, ended), [])
          }
          for (const words of BAD) {
            const ended = yield* operator.types([...words, ...json], env)
            assert.notStrictEqual(ended.code, 0, words.join(" "))
            assert.deepStrictEqual(leaks(words, ended), [])
          }
          assert.deepStrictEqual(leakingFiles(operator.folder), [])
          assert.deepStrictEqual(yield* leakingRows(operator), [])
        }),
      120_000
    )
  }

  it.scopedLive("is not in what the embedded database keeps and logs", () =>
    Effect.gen(function* () {
      const { operator } = yield* prepared
      const env = { ...AWAY, ...SECRETS, LOG_LEVEL: "trace", DATABASE_URL: undefined, BETTEROMS_HOME: "home" }
      for (const words of [
        ["trade", "plan.json", "--market-data", "file:book.json"],
        ["verify"],
        ["demo"],
        ["db", "stop"]
      ]) {
        const ended = yield* operator.types(words, env)
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.deepStrictEqual(leaks(words, ended), [])
      }
      assert.isAbove(filesIn(path.join(operator.folder, "home")).length, 100)
      assert.deepStrictEqual(leakingFiles(operator.folder), [])
    })
  )

  it.scopedLive("is not in what a crash says", () =>
    Effect.gen(function* () {
      const { operator, url } = yield* prepared
      const env = { ...AWAY, ...SECRETS, LOG_LEVEL: "trace", DATABASE_URL: url }
      const words = ["trade", "plan.json", "--market-data", "file:book.json"]
      yield* operator.types(words, env)
      yield* operator.sql`update market_snapshots set memory = '{"levels": 1}'`
      yield* operator.writes("next.json", plan("next", [instruction()]))
      const later = (script: string) => ({
        NODE_OPTIONS: `--import data:text/javascript;base64,${Buffer.from(`setTimeout(() => { ${script} }, 300)`).toString("base64")}`
      })
      const scheduler = ["schedule", "--plans", "plans", "--market-data", "sim"]
      for (const [typed, more, said] of [
        [["trade", "next.json", ...words.slice(2)], {}, "defect"],
        [scheduler, later('throw new Error("thrown")'), "thrown"],
        [scheduler, later('Promise.reject(new Error("rejected"))'), "rejected"]
      ] as const) {
        const ended = yield* operator.types(typed, { ...env, ...more })
        assert.strictEqual(ended.code, 1, ended.stderr)
        assert.include(ended.stderr, said)
        assert.deepStrictEqual(leaks(typed, ended), [])
      }
    })
  )

  it.scopedLive("in a database address that leads nowhere, or is none, is not in what is said of it", () =>
    Effect.gen(function* () {
      const { operator } = yield* prepared
      for (const url of [
        `postgres://me:${PASSWORD}@127.0.0.1:1/none`,
        `postgres://me:${PASSWORD}@nowhere.invalid/none`,
        `postgres://me@127.0.0.1:1/none?password=${PASSWORD}`,
        `postgres://${PASSWORD}@127.0.0.1:1/none`,
        `postgres://me:${PASSWORD}@127.0.0.1:port/none`,
        `postgres://me:${PASSWORD}`,
        `postgres://me:${PASSWORD}/with/slashes@127.0.0.1:1/none`,
        `mysql://me:${PASSWORD}@127.0.0.1/none`,
        PASSWORD
      ]) {
        const words = url.length % 2 === 0 ? ["db", "status"] : ["trade", "plan.json", "--market-data", "sim", "--json"]
        const ended = yield* operator.types(words, { ...AWAY, DATABASE_URL: url, LOG_LEVEL: "trace" })
        assert.include([2, 6], ended.code, `${url} ${words.join(" ")}: ${ended.stdout}${ended.stderr}`)
        assert.deepStrictEqual(leaks([url, ...words], ended), [])
      }
    })
  )

  it.scopedLive("that is malformed, or stands under another setting's name, is refused by name, never by value", () =>
    Effect.gen(function* () {
      const { operator } = yield* prepared
      const key = SECRETS.POLYMARKET_PRIVATE_KEY
      for (const [name, value] of [
        ["POLYMARKET_PRIVATE_KEY", key.slice(1)],
        ["POLYMARKET_PRIVATE_KEY", `${key}5`],
        ["POLYMARKET_PRIVATE_KEY", `${key.slice(1)}g`],
        ["POLYMARKET_API_KEY", key],
        ["POLYMARKET_API_SECRET", `${SECRETS.POLYMARKET_API_SECRET} !`],
        ["POLYMARKET_API_PASSPHRASE", `${SECRETS.POLYMARKET_API_PASSPHRASE} !`],
        ["POLYMARKET_FUNDER", key],
        ["POLYMARKET_SIGNATURE_TYPE", key],
        ["POLYMARKET_CLOB_URL", key],
        ["POLYGON_RPC_URL", key],
        ["PAPER_BALANCE_USD", key],
        ["CRON_INTERVAL_MINUTES", key]
      ] as const) {
        const words = value === key ? ["credentials", "check"] : ["balances", "--json"]
        const ended = yield* operator.types(words, { [name]: value, LOG_LEVEL: "trace" })
        assert.strictEqual(ended.code, 2, `${name} ${ended.stderr}`)
        const said = ended.stdout + ended.stderr
        assert.include(said, name)
        for (const part of [
          value,
          key.slice(1, -1),
          SECRETS.POLYMARKET_API_SECRET,
          SECRETS.POLYMARKET_API_PASSPHRASE
        ]) {
          assert.notInclude(said.toLowerCase(), part.toLowerCase(), name)
        }
      }
    })
  )
})

describe(".env.local", () => {
  const project = path.resolve(import.meta.dirname, "../..")
  const linesOf = (file: string) => fs.readFileSync(path.join(project, file), "utf8").split("\n")

  it("is ignored by git and documented by .env.example, which names every secret", () => {
    assert.include(linesOf(".gitignore"), ".env.local")
    const example = linesOf(".env.example").join("\n")
    for (const name of [".env.local", "DATABASE_URL", ...Object.keys(SECRETS)]) assert.include(example, name)
  })
})
