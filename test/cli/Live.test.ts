import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { instruction, plan } from "../live/world.ts"
import { rowsOf } from "../pipeline/world.ts"
import { anOperator, at, oneDocument, proven, until } from "./betteroms.ts"

/** An operator before an exchange of their own, with a plan of 20 shares at 0.46 and 10 at 0.41: 13.30 dollars. */
const before = Effect.gen(function* () {
  const exchange = yield* Effect.orDie(Sandbox.make({ seed: "cli", minedMillis: 0, confirmedMillis: 0 }))
  yield* Effect.orDie(exchange.setBook("sandbox-rain", { bids: [["0.4", "500"]], asks: [["0.46", "500"]] }))
  const operator = yield* anOperator
  const orders = [instruction({ price: 0.46 }), instruction({ price: 0.41, size: 10 })]
  yield* operator.writes("plan.json", plan("plan", orders))
  const placed = () => exchange.state().orders.length
  return { exchange, operator, placed, env: exchange.env, orders }
})

const ASKED =
  /This is LIVE: 2 orders of up to 13\.3 USDC, and up to [0-9.]+ of fees, go from wallet 0x[0-9a-f]{40} to 127\.0\.0\.1:\d+\.\nType the total/

describe("a live plan", () => {
  it.scopedLive("shows what it would come to and asks for its total; typed, it is sent", () =>
    Effect.gen(function* () {
      const { env, operator, placed } = yield* before
      const ended = yield* operator.types(["trade", "plan.json", "--json"], env, "$13.30\n")
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.match(ended.stderr, ASKED)
      const report = oneDocument(ended)
      assert.deepStrictEqual(at(report, "orders.*.status"), ["filled", "open"])
      assert.strictEqual(at(report, "mode"), "live")
      assert.strictEqual(placed(), 2)
      yield* proven(operator)
    })
  )

  it.scopedLive(
    "is not sent for another total, for a yes, or when nobody answers: code 2, and nothing is on record",
    () =>
      Effect.gen(function* () {
        const { env, operator, placed } = yield* before
        const rows = yield* rowsOf(operator.sql)
        for (const typed of ["13.31\n", "13\n", "yes\n", "\n", ""]) {
          const ended = yield* operator.types(["trade", "plan.json", "--json"], env, typed)
          assert.strictEqual(ended.code, 2, typed)
          assert.strictEqual(at(oneDocument(ended), "error.code"), "not_confirmed")
          assert.match(ended.stderr, ASKED)
        }
        assert.deepStrictEqual([placed(), yield* rowsOf(operator.sql)], [0, rows])
      })
  )

  it.scopedLive("whose settings are missing says so before any market is looked up", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      yield* operator.writes("plan.json", plan("plan", [instruction({ price: 0.46 })]))
      // Nobody listens there: whoever looks markets up first ends with 5.
      const env = { POLYMARKET_GAMMA_URL: "http://127.0.0.1:9", POLYMARKET_CLOB_URL: "http://127.0.0.1:9" }
      for (const flags of [[], ["--yes"]]) {
        const ended = yield* operator.types(["trade", "plan.json", ...flags], env)
        assert.strictEqual(ended.code, 2, ended.stderr)
        assert.match(ended.stderr, /POLYMARKET_PRIVATE_KEY: not set/)
      }
    })
  )

  it.scopedLive("is asked for however its mode is written", () =>
    Effect.gen(function* () {
      const { env, operator, orders, placed } = yield* before
      const text = JSON.stringify(orders)
      for (const mode of ['"mode": /* soon */ "live"', '"mo\\u0064e": "l\\u0069ve"', '// said\n"mode"\n:\n"live"']) {
        yield* operator.writes("odd.json", `{ "planId": "odd", ${mode}, "tradeInstructions": ${text} }`)
        const ended = yield* operator.types(["trade", "odd.json"], env)
        assert.strictEqual(ended.code, 2, mode)
        assert.match(ended.stderr, ASKED)
      }
      assert.strictEqual(placed(), 0)
    })
  )

  it.scopedLive("is sent without a question with --yes; a look ahead asks nothing and writes nothing", () =>
    Effect.gen(function* () {
      const { env, operator, placed } = yield* before
      const rows = yield* rowsOf(operator.sql)
      const ahead = yield* operator.types(["trade", "plan.json", "--dry-run", "--json"], env)
      assert.strictEqual(ahead.code, 0, ahead.stderr)
      assert.notMatch(ahead.stderr, /This is LIVE/)
      assert.deepStrictEqual(at(oneDocument(ahead), "orders.*.status"), ["filled", "open"])
      assert.strictEqual(at(oneDocument(ahead), "status"), "previewed")
      assert.deepStrictEqual([placed(), yield* rowsOf(operator.sql)], [0, rows])
      const sent = yield* operator.types(["trade", "plan.json", "--yes", "--json"], env)
      assert.strictEqual(sent.code, 0, sent.stderr)
      assert.notMatch(sent.stderr, /This is LIVE/)
      assert.strictEqual(placed(), 2)
    })
  )

  it.scopedLive("that risk refuses is refused without a question: there is no total to agree to", () =>
    Effect.gen(function* () {
      const { env, operator, placed } = yield* before
      yield* operator.writes("large.json", plan("large", [instruction({ price: 0.46, size: 50_000 })]))
      const ended = yield* operator.types(["trade", "large.json", "--json"], env, "23000\n")
      assert.strictEqual(ended.code, 4, ended.stderr)
      assert.notMatch(ended.stderr, /This is LIVE/)
      assert.match(String(at(oneDocument(ended), "orders.0.reasons")), /INSUFFICIENT_CASH/)
      assert.strictEqual(placed(), 0)
    })
  )

  it.scopedLive("is not traded in markets that are pretended: code 2, with what to do, and nothing is on record", () =>
    Effect.gen(function* () {
      const { env, operator, placed } = yield* before
      const rows = yield* rowsOf(operator.sql)
      for (const more of [["--yes"], ["--dry-run"]]) {
        const told = yield* operator.asks(["trade", "plan.json", "--market-data", "sim", ...more], 2, env)
        assert.strictEqual(at(told, "error.code"), "not_real")
        assert.match(String(at(told, "error.issues.0.message")), /leave --market-data away/)
      }
      assert.deepStrictEqual([placed(), yield* rowsOf(operator.sql)], [0, rows])
    })
  )

  it.scopedLive("shows its markets by the names that were typed, and assumes nothing of what really filled", () =>
    Effect.gen(function* () {
      const { env, operator } = yield* before
      const traded = yield* operator.types(["trade", "plan.json", "--yes"], env)
      assert.match(traded.stdout, /│ sandbox-rain +│ BUY 20 shares of Yes at 0.46 GTC │/)
      for (const words of [["orders"], ["fills"], ["positions"], ["report", "plan"]]) {
        assert.match((yield* operator.types(words, env)).stdout, /sandbox-rain/, words.join())
      }
      const told = yield* operator.asks(["orders"], 0, env)
      assert.deepStrictEqual(at(told, "orders.0.bands"), { pessimistic: "20", neutral: "20", optimistic: "20" })
      const cancelled = yield* operator.asks(["cancel", "--all"], 0, env)
      assert.match(String(at(cancelled, "orders.0.updatedAt")), /^20\d\d-/)
    })
  )

  it.scopedLive("of a scheduler whose venue does not answer is no success for an outside cron", () =>
    Effect.gen(function* () {
      const { env, exchange, operator } = yield* before
      yield* operator.asks(["trade", "plan.json", "--yes"], 0, env)
      yield* operator.writes("plans/none.txt", "")
      yield* operator.asks(["schedule", "--once", "--plans", "plans"], 0, env)
      yield* exchange.fault({ op: "GET *", kind: "answer", status: 503, body: { error: "down" } })
      yield* operator.asks(["schedule", "--once", "--plans", "plans"], 5, env)
    })
  )

  it.scopedLive("names every setting that is missing, and does nothing", () =>
    Effect.gen(function* () {
      const { env, operator } = yield* before
      const { POLYMARKET_CLOB_URL, POLYMARKET_DATA_URL, POLYMARKET_GAMMA_URL, POLYMARKET_GEOBLOCK_URL } = env
      const urls = { POLYMARKET_CLOB_URL, POLYMARKET_DATA_URL, POLYMARKET_GAMMA_URL, POLYMARKET_GEOBLOCK_URL }
      const rows = yield* rowsOf(operator.sql)
      const missing = [
        "POLYMARKET_PRIVATE_KEY",
        "POLYMARKET_API_KEY",
        "POLYMARKET_API_SECRET",
        "POLYMARKET_API_PASSPHRASE"
      ]
      for (const [more, names] of [
        [{}, missing],
        [{ POLYMARKET_SIGNATURE_TYPE: "3" }, [...missing, "POLYMARKET_FUNDER"]]
      ] as const) {
        const told = yield* operator.asks(["trade", "plan.json", "--yes"], 2, { ...urls, ...more })
        assert.strictEqual(at(told, "error.code"), "credentials_incomplete")
        assert.sameMembers(
          [at(told, "error.issues.*.path")].flat().filter((path) => path !== ""),
          [...names]
        )
      }
      assert.deepStrictEqual(yield* rowsOf(operator.sql), rows)
    })
  )

  it.scopedLive("P-24: is not begun where key, API key and wallet do not belong together", () =>
    Effect.gen(function* () {
      const { env, exchange, operator, placed } = yield* before
      const other = exchange.environmentOf(yield* exchange.another("somebody"))
      const { POLYMARKET_API_KEY, POLYMARKET_API_PASSPHRASE, POLYMARKET_API_SECRET, POLYMARKET_FUNDER } = other
      for (const [more, code] of [
        [{ POLYMARKET_API_KEY, POLYMARKET_API_PASSPHRASE, POLYMARKET_API_SECRET }, "credentials_refused"],
        [{ POLYMARKET_API_PASSPHRASE }, "credentials_refused"],
        [{ POLYMARKET_FUNDER }, "wallet_mismatch"]
      ] as const) {
        const told = yield* operator.asks(["trade", "plan.json", "--yes"], 2, { ...env, ...more })
        assert.strictEqual(at(told, "error.code"), code, JSON.stringify(more))
      }
      assert.strictEqual(placed(), 0)
      assert.deepStrictEqual(yield* operator.sql`select 1 from orders`, [])
    })
  )

  it.scopedLive(
    "is refused while trading is halted (7), where the place is blocked (5), and while cash is unexplained (7)",
    () =>
      Effect.gen(function* () {
        const { env, exchange, operator, placed } = yield* before
        yield* operator.asks(["trade", "plan.json", "--yes"], 0, env)
        const halted = yield* operator.asks(["halt", "--reason", "lunch"], 0, env)
        assert.deepStrictEqual(at(halted, "modes.*.proofs"), [2, 0])
        assert.deepStrictEqual(at(halted, "modes.0.cancelled.*.status"), ["cancelled"])
        yield* operator.writes("next.json", plan("next", [instruction({ price: 0.41 })]))
        const refused = yield* operator.asks(["trade", "next.json", "--yes"], 7, env)
        assert.match(String(at(refused, "error.message")), /halted \(lunch\)/)
        assert.sameMembers([at(yield* operator.asks(["resume"], 0, env), "resumed")].flat(), ["live", "paper"])
        yield* Effect.orDie(exchange.act({ do: "geoblock", blocked: true }))
        yield* operator.asks(["trade", "next.json", "--yes"], 5, env)
        yield* Effect.orDie(exchange.act({ do: "geoblock", blocked: false }))
        yield* exchange.credit(-5_000_000n)
        const found = yield* operator.asks(["reconcile"], 7, env)
        assert.match(String(at(found, "live.stops.0")), /cash without an order is gone/)
        yield* operator.asks(["trade", "next.json", "--yes"], 7, env)
        yield* operator.asks(["reconcile", "--accept"], 0, env)
        assert.strictEqual(placed(), 2)
        yield* operator.asks(["trade", "next.json", "--yes"], 0, env)
        assert.strictEqual(placed(), 3)
        yield* proven(operator)
      })
  )

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const) {
    it.scopedLive(
      `that is told to stop by ${signal} waits for the order in flight, sends no other, and goes on later`,
      () =>
        Effect.gen(function* () {
          const { env, exchange, operator, placed } = yield* before
          yield* exchange.fault({ op: "POST /order", kind: "delayAnswer", ms: 700, count: 1 })
          const running = yield* operator.starts(["trade", "plan.json", "--yes", "--json"], env)
          yield* until(() => placed() === 1)
          running.child.kill(signal)
          const ended = yield* running.ended
          assert.strictEqual(ended.code, code, ended.stderr)
          const orders = yield* operator.ledger.orders({ planId: "plan" })
          assert.deepStrictEqual(
            orders.map(({ sentMillis, status }) => [status === "pending", sentMillis === undefined]),
            [
              [false, false],
              [true, true]
            ]
          )
          yield* proven(operator)
          yield* operator.asks(["trade", "plan.json", "--yes"], 0, env)
          assert.strictEqual(placed(), 2)
        })
    )
  }
})
