import * as net from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { instruction, plan, rowsOf } from "../pipeline/world.ts"
import { anOperator, at, book, oneDocument, until } from "./betteroms.ts"

/** A port of this machine on which nobody listens. */
const closedPort = Effect.async<number>((resume) => {
  const server = net.createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

const traded = Effect.gen(function* () {
  const operator = yield* anOperator
  yield* operator.writes("book.json", book({ 0.44: 1000 }, { 0.45: 1000 }))
  yield* operator.writes("plan.json", plan("plan", [instruction()]))
  return operator
})
const TRADE = ["trade", "plan.json", "--market-data", "file:book.json"]

describe("a command that cannot use its input", () => {
  const files: ReadonlyArray<readonly [string, string | Uint8Array | undefined, string]> = [
    ["missing", undefined, "no such file"],
    ["a directory", undefined, "it is a directory"],
    ["not UTF-8", new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), "UTF-8"],
    ["of 5 MB", `{"planId": "${"x".repeat(5_000_000)}"}`, "too_large"],
    ["empty", "", "empty"],
    ["no JSON", "planId: test", "expected"],
    ["cut short", '{"planId": "x", "mode": "paper", "tradeInstructions": [{', "expected"]
  ]
  it.scopedLive("ends with 2 and one document for a file that is missing, unreadable, too large or no plan", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      const before = yield* rowsOf(operator.sql)
      for (const [what, content, said] of files) {
        if (content !== undefined) yield* operator.writes(`${what}.json`, content)
        const name = what === "a directory" ? "." : `${what}.json`
        const told = yield* operator.asks(["trade", name, "--market-data", "sim"], 2)
        assert.include(JSON.stringify(told).toLowerCase(), said.toLowerCase(), what)
      }
      assert.deepStrictEqual(yield* rowsOf(operator.sql), before)
    })
  )

  it.scopedLive("ends with 2 and one document for words it does not know", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      for (const words of [
        ["trad", "plan.json"],
        ["trade"],
        ["trade", "plan.json", "--dry"],
        ["trade", "plan.json", "--market-data", "nowhere"],
        ["orders", "--status", "lost"],
        ["cancel"],
        ["cancel", "--all", "--plan", "x"],
        ["cancel", "not-an-id"],
        ["report", "nothing-ran"],
        ["schedule", "--once", "--plans", "nowhere"],
        ["schedule", "--interval", "0"]
      ]) {
        const told = yield* operator.asks(words, 2)
        assert.isString(at(told, "error.message"), words.join(" "))
      }
      const unknown = yield* operator.asks(["orders", "--mode", "pretend"], 2)
      assert.match(String(at(unknown, "error.issues.0.message")), /paper, live/)
      for (const words of [
        ["trade", "--bogus", "plan.json"],
        ["trade", "plan.json", "--bogus"],
        ["tape", "info", "--bogus=1", "day.tape"],
        ["positions", "--bogus"]
      ]) {
        const told = yield* operator.asks(words, 2)
        const [first] = words
        assert.deepStrictEqual(at(told, "error.issues.*.message"), [`no option --bogus: see betteroms ${first} --help`])
        assert.include((yield* operator.types(words)).stderr, "no option --bogus")
      }
      const unwritten = yield* operator.asks(["export", "orders", "--out", "nowhere/orders.csv"], 2)
      assert.strictEqual(at(unwritten, "error.message"), "nowhere/orders.csv: no such directory")
      const dashed = yield* operator.types(["trade", "--dry-rum"])
      assert.deepStrictEqual([dashed.code, dashed.stderr.includes("no option --dry-rum")], [2, true], dashed.stderr)
    })
  )

  it.scopedLive("is told by doctor with the code of what does not hold, and by credentials check as not complete", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      const nodeless = yield* operator.types(["doctor"])
      assert.include(nodeless.stdout, "allowances and wrap need it, trading does not")
      const settings = yield* operator.asks(["doctor"], 2, { POLYGON_RPC_URL: "somewhere" })
      assert.deepStrictEqual(at(settings, "checks.*.check"), ["Settings"])
      yield* operator.asks(["halt"], 0)
      yield* operator.asks(["doctor"], 7)
      assert.strictEqual(at(yield* operator.asks(["credentials", "check"], 2), "complete"), false)
    })
  )

  it.scopedLive("says where an export went", () =>
    Effect.gen(function* () {
      const operator = yield* traded
      yield* operator.asks(TRADE, 0)
      const told = yield* operator.asks(["export", "orders", "--out", "orders.json"], 0)
      assert.deepStrictEqual(told, { what: "orders", format: "json", file: "orders.json", rows: 1 })
      const text = yield* operator.types(["export", "fills", "--out", "fills.csv"])
      assert.strictEqual(text.stdout.trim(), "1 fills written to fills.csv")
      for (const words of [["export", "orders", "--out", "no/where.csv"]]) {
        yield* operator.asks(words, 2)
      }
    })
  )

  it.scopedLive("ends with 2 and names a setting that cannot be used", () =>
    Effect.gen(function* () {
      const operator = yield* traded
      const told = yield* operator.asks(TRADE, 2, { PAPER_BALANCE_USD: "much", CRON_INTERVAL_MINUTES: "0" })
      assert.sameMembers([at(told, "error.issues.*.path")].flat(), ["PAPER_BALANCE_USD", "CRON_INTERVAL_MINUTES"])
    })
  )
})

describe("a command that fails outside", () => {
  it.scopedLive("ends with 5 where the venue cannot be reached, and the run is on record as failed", () =>
    Effect.gen(function* () {
      const operator = yield* traded
      const url = `http://127.0.0.1:${yield* closedPort}`
      const away = { POLYMARKET_GAMMA_URL: url, POLYMARKET_CLOB_URL: url }
      const told = yield* operator.asks(["trade", "plan.json"], 5, away)
      assert.strictEqual(at(told, "error.code"), "market_data_unavailable")
      const rows = yield* rowsOf(operator.sql)
      assert.deepInclude(rows, { orders: 0, executions: 0, positions: 0 })
      assert.deepStrictEqual(at(yield* operator.asks(["runs"]), "runs.*.status"), ["failed"])
      assert.deepStrictEqual(at(yield* operator.asks(TRADE), "status"), "completed")
    })
  )

  it.scopedLive("ends with 5 where the recorded file is none", () =>
    Effect.gen(function* () {
      const operator = yield* traded
      for (const file of ["nowhere.json", "plan.json", "."]) {
        const told = yield* operator.asks(["trade", "plan.json", "--market-data", `file:${file}`], 5)
        assert.strictEqual(at(told, "error.code"), "market_data_unavailable", file)
      }
    })
  )

  it.scopedLive("ends with 6 where the database cannot be reached", () =>
    Effect.gen(function* () {
      const operator = yield* traded
      const away = { DATABASE_URL: `postgres://who:ever@127.0.0.1:${yield* closedPort}/betteroms` }
      for (const words of [TRADE, ["orders"], ["verify"], ["db", "status"], ["schedule", "--once", "--plans", "."]]) {
        const told = yield* operator.asks(words, 6, away)
        assert.strictEqual(at(told, "error.code"), "database_unavailable", words.join(" "))
      }
    })
  )

  it.scopedLive("ends with 1 for a ledger that contradicts itself, and for a row nobody here could have written", () =>
    Effect.gen(function* () {
      const operator = yield* traded
      yield* operator.asks(TRADE)
      yield* operator.sql`update positions set qty = qty + 1`
      assert.strictEqual(at(yield* operator.asks(["verify"], 1), "ok"), false)
      yield* operator.sql`update positions set qty = qty - 1`
      assert.strictEqual(at(yield* operator.asks(["verify"]), "ok"), true)
      yield* operator.sql`update market_snapshots set memory = '{"levels": 1}'`
      yield* operator.writes("next.json", plan("next", [instruction()]))
      const told = yield* operator.asks(["trade", "next.json", ...TRADE.slice(2)], 1)
      assert.strictEqual(at(told, "error.code"), "defect")
    })
  )
})

describe("a scheduler that is told to stop", () => {
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130]
  ] as const) {
    it.scopedLive(`by ${signal} gives its lease back and ends with ${code}`, () =>
      Effect.gen(function* () {
        const operator = yield* traded
        yield* operator.writes("plans/plan.json", plan("plan", [instruction()]))
        const running = yield* operator.starts(["schedule", "--plans", "plans", "--market-data", "file:book.json"])
        const lease = operator.sql<{ readonly held: boolean }>`select holder is not null as held from scheduler_lease`
        yield* Effect.repeat(lease, { until: (rows) => rows[0]?.held === true })
        running.child.kill(signal)
        const ended = yield* running.ended
        assert.deepStrictEqual([ended.code, ended.signal], [code, undefined], ended.stderr)
        assert.deepStrictEqual(yield* lease, [{ held: false }])
      })
    )
  }

  it.scopedLive("while another one waits lets that one take over", () =>
    Effect.gen(function* () {
      const operator = yield* traded
      yield* operator.writes("plans/plan.json", plan("plan", [instruction()]))
      const words = ["schedule", "--plans", "plans", "--market-data", "file:book.json", "--json"]
      const first = yield* operator.starts(words)
      const lease = operator.sql<{ readonly fence: string | null }>`select fence from scheduler_lease
        where holder is not null`
      yield* Effect.repeat(lease, { until: (rows) => rows.length === 1 })
      const second = yield* operator.starts([...words, "--once"])
      yield* until(() => second.stderr().includes("another scheduler holds the lease"))
      assert.strictEqual(second.stdout(), "")
      first.child.kill("SIGTERM")
      assert.strictEqual((yield* first.ended).code, 143)
      const ended = yield* second.ended
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.deepStrictEqual(at(oneDocument(ended), "plans.*.status"), ["completed"])
    })
  )
})

describe("work that is interrupted", () => {
  const many = plan(
    "many",
    Array.from({ length: 3000 }, (_, n) => instruction({ price: (1 + (n % 30)) / 100, size: 5 }))
  )
  for (const [name, words] of [
    ["a trade", ["trade", "plans/many.json"]],
    ["a tick", ["schedule", "--once", "--plans", "plans"]]
  ] as const) {
    it.scopedLive(`${name} ends with 143 and one document, and the same command goes on`, () =>
      Effect.gen(function* () {
        const operator = yield* traded
        yield* operator.writes("plans/many.json", many)
        const typed = [...words, "--market-data", "file:book.json"]
        const running = yield* operator.starts([...typed, "--json"])
        const journal = operator.sql`select 1 from orders limit 1`
        yield* Effect.repeat(journal, { until: (rows) => rows.length === 1 })
        running.child.kill("SIGTERM")
        const ended = yield* running.ended
        assert.strictEqual(ended.code, 143, ended.stderr)
        assert.strictEqual(at(oneDocument(ended), "error.code"), "interrupted")
        assert.deepStrictEqual(yield* operator.sql`select 1 from scheduler_lease where holder is not null`, [])

        yield* operator.asks(typed)
        const [left] = yield* operator.sql`select (select status from runs) as status,
          (select count(*)::int from orders) as orders, (select count(*)::int from orders where status = 'open') as open`
        assert.deepStrictEqual(left, { status: "completed", orders: 3000, open: 3000 })
        assert.strictEqual(at(yield* operator.asks(["verify"]), "ok"), true)
      })
    )
  }
})
