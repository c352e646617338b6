import * as path from "node:path"
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Account from "../../src/layers/clob/Account.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { instruction, plan } from "../live/world.ts"
import { anOperator, at, oneDocument, proven } from "./betteroms.ts"
import { type Heard, overheard } from "./overheard.ts"
import { filesIn, lookout } from "./secrets.ts"

/** An operator before an exchange; whatever goes over the wire between them is overheard. */
const before = Effect.gen(function* () {
  const exchange = yield* Effect.orDie(Sandbox.make({ seed: "canary", minedMillis: 0, confirmedMillis: 0 }))
  yield* Effect.orDie(exchange.setBook("sandbox-rain", { bids: [["0.4", "500"]], asks: [["0.46", "500"]] }))
  const wire = yield* overheard(exchange.url)
  const operator = yield* anOperator
  const { key, privateKey } = exchange.operator
  const secrets = {
    privateKey: privateKey.replace(/^0x/, ""),
    apiKey: key.id,
    secret: key.secret,
    passphrase: key.passphrase
  }
  const env = Object.fromEntries(
    Object.entries(exchange.env).map(([name, value]) => [
      name,
      value
        .replace(exchange.url, wire.url)
        .replace(exchange.url.replace(/^http/, "ws"), wire.url.replace(/^http/, "ws"))
    ])
  )
  for (const name of ["one", "two", "three", "plans/four"]) {
    const planId = path.basename(name)
    yield* operator.writes(`${name}.json`, plan(planId, [instruction({ price: 0.46 }), instruction({ price: 0.41 })]))
  }
  const logs = { LOG_LEVEL: "trace", LOG_FORMAT: "json" }
  return { exchange, wire, operator, secrets, env: { ...env, ...logs }, look: lookout(Object.values(secrets)) }
})

const SIGNED = ["poly_address", "poly_signature", "poly_timestamp"]

const DEEDS: ReadonlyArray<ReadonlyArray<string>> = [
  ["credentials", "check"],
  ["trade", "one.json", "--dry-run"],
  ["trade", "one.json", "--yes"],
  ["trade", "two.json", "--yes", "--json"],
  ["schedule", "--once", "--heartbeat", "--plans", "plans", "--json"],
  ["orders"],
  ["orders", "--json"],
  ["fills", "--json"],
  ["positions", "--json"],
  ["balances", "--json"],
  ["runs", "--json"],
  ["report", "one", "--json"],
  ["export", "orders", "--format", "csv", "--out", "orders.csv"],
  ["export", "orders", "--format", "json", "--out", "orders.json"],
  ["export", "fills", "--format", "csv"],
  ["export", "positions", "--format", "json", "--out", "positions.json"],
  ["reconcile", "--json"],
  ["calibrate"],
  ["cancel", "--plan", "one", "--json"],
  ["halt", "--reason", "lunch", "--json"],
  ["resume"],
  ["verify"],
  ["record", "--market", "sandbox-rain", "--out", "rain.tape", "--seconds", "1"],
  ["db", "backup", "backup.jsonl.gz"],
  ["credentials", "create", "--json"]
]

describe("a secret of live trading", () => {
  it.scopedLive(
    "goes to the venue where its protocol wants it, and nowhere else: no words, files, rows, bodies or frames",
    () =>
      Effect.gen(function* () {
        const { env, look, operator, secrets, wire } = yield* before
        for (const words of DEEDS) {
          const ended = yield* operator.types(words, env)
          assert.strictEqual(ended.code, 0, `${words.join(" ")}\n${ended.stdout}\n${ended.stderr}`)
          assert.deepStrictEqual(look.leaks(words, ended), [])
        }
        assert.isAbove(filesIn(operator.folder).length, 8)
        assert.deepStrictEqual(look.leakingFiles(operator.folder), [])
        assert.deepStrictEqual(yield* look.leakingRows(operator), [])

        const isSigned = ({ headers }: Heard) => SIGNED.every((name) => name in headers)
        const posts = wire.requests.filter(({ method, url }) => method === "POST" && url === "/order")
        assert.isAtLeast(posts.length, 6)
        assert.isAtLeast(wire.requests.filter(({ url }) => url.startsWith("/ws")).length, 1)
        assert.isAtLeast(wire.frames.length, 1)
        for (const request of wire.requests) {
          const { poly_api_key: apiKey, poly_passphrase: passphrase, ...headers } = request.headers
          const where = `${request.method} ${request.url}`
          // Who has signed is told with the key and its passphrase, and what is public is asked for by nobody in particular.
          if (apiKey !== undefined) assert.isTrue(isSigned(request), where)
          assert.include([secrets.apiKey, undefined], apiKey, where)
          assert.include([secrets.passphrase, undefined], passphrase, where)
          if (/^\/(time|version|books?|gamma|clob-markets|api\/geoblock|ws\/market)/.test(request.url)) {
            assert.isEmpty(
              Object.keys(request.headers).filter((name) => name.startsWith("poly")),
              where
            )
          }
          const body = request.url === "/order" ? request.body.replace(`"owner":"${secrets.apiKey}"`, "") : request.body
          assert.deepStrictEqual(look.shownIn([request.url, JSON.stringify(headers), body].join("\n")), [], where)
        }
        assert.deepStrictEqual(look.shownIn(wire.frames.join("\n")), [])
        yield* proven(operator)
      }),
    120_000
  )

  it.scopedLive(
    "is not in what is said, written or booked of a venue that refuses, breaks, or echoes what it was sent",
    () =>
      Effect.gen(function* () {
        const { env, exchange, look, operator, secrets } = yield* before
        const echo = `headers: {"POLY_PASSPHRASE":"${secrets.passphrase}"}`
        const refusal = (error: string, status = 400) => ({ kind: "answer", status, body: { error } }) as const
        for (const [name, op, fault, code] of [
          ["refused", "POST /order", refusal(`invalid expiration; ${echo}`), 5],
          ["unauthorized", "POST /order", { kind: "unauthorized" }, 5],
          ["gate", "POST /order", refusal(`<html>${echo}</html>`, 403), 5],
          ["keys", "GET /auth/api-keys", refusal(`Unauthorized; ${echo}`, 401), 2],
          ["orders", "GET /data/orders", refusal(`no; ${echo}`, 400), 5],
          ["balance", "GET /balance-allowance", { kind: "answer", status: 200, body: { [secrets.passphrase]: 1 } }, 5]
        ] as const) {
          yield* exchange.clearFaults
          yield* exchange.fault({ op, ...fault })
          yield* operator.writes(`${name}.json`, plan(name, [instruction({ price: 0.46 })]))
          const words = ["trade", `${name}.json`, "--yes", "--json"]
          const ended = yield* operator.types(words, env)
          assert.strictEqual(ended.code, code, `${name}\n${ended.stdout}\n${ended.stderr}`)
          assert.isString(at(oneDocument(ended), "error.message"))
          assert.deepStrictEqual(look.leaks(words, ended), [])
        }
        for (const wrong of [
          { POLYMARKET_PRIVATE_KEY: `0x${secrets.privateKey.slice(2)}` },
          { POLYMARKET_API_SECRET: `${secrets.secret}!` },
          { POLYMARKET_API_PASSPHRASE: `${secrets.passphrase} !` },
          { POLYMARKET_FUNDER: secrets.privateKey },
          { POLYMARKET_API_KEY: secrets.passphrase }
        ]) {
          const words = ["trade", "one.json", "--yes"]
          const ended = yield* operator.types(words, { ...env, ...wrong })
          assert.strictEqual(ended.code, 2, ended.stderr)
          assert.deepStrictEqual(look.leaks([...words, ...Object.keys(wrong)], ended), [])
        }
        assert.deepStrictEqual(look.leakingFiles(operator.folder), [])
        assert.deepStrictEqual(yield* look.leakingRows(operator), [])
      }),
    120_000
  )

  it.scopedLive("is not in what a crash in the middle of live trading says", () =>
    Effect.gen(function* () {
      const { env, exchange, look, operator } = yield* before
      yield* operator.types(["trade", "one.json", "--yes"], env)
      yield* exchange.fault({ op: "POST /order", kind: "delayAnswer", ms: 3_000 })
      const later = (script: string) => ({
        NODE_OPTIONS: `--import data:text/javascript;base64,${Buffer.from(`setTimeout(() => { ${script} }, 1500)`).toString("base64")}`
      })
      for (const [name, script, said] of [
        ["two", 'throw new Error("thrown")', "thrown"],
        ["three", 'Promise.reject(new Error("rejected"))', "rejected"]
      ] as const) {
        const words = ["trade", `${name}.json`, "--yes", "--json"]
        const ended = yield* operator.types(words, { ...env, ...later(script) })
        assert.strictEqual(ended.code, 1, ended.stderr)
        assert.include(ended.stderr, said)
        assert.deepStrictEqual(look.leaks(words, ended), [])
      }
      yield* exchange.clearFaults
      // A row that nobody here could have written is a defect.
      yield* operator.sql`update orders set reasons = '[7]' where plan_id = 'one'`
      for (const words of [["orders"], ["reconcile", "--json"], ["trade", "three.json", "--yes"]]) {
        const ended = yield* operator.types(words, env)
        assert.strictEqual(ended.code, 1, ended.stderr)
        assert.include(ended.stderr, "reasons")
        assert.deepStrictEqual(look.leaks(words, ended), [])
      }
      assert.deepStrictEqual(look.leakingFiles(operator.folder), [])
    })
  )

  it.scopedLive("is not in an account that is printed, written as JSON, or died of", () =>
    Effect.gen(function* () {
      const { look, secrets } = yield* before
      const hidden = (text: string) => Option.some(Redacted.make(text))
      const account = yield* Account.accountOf({
        privateKey: hidden(secrets.privateKey),
        apiKey: hidden(secrets.apiKey),
        apiSecret: hidden(secrets.secret),
        apiPassphrase: hidden(secrets.passphrase),
        signatureType: Option.none(),
        funder: Option.none(),
        relayerKey: Option.none()
      })
      const died = Cause.die(account)
      for (const text of [
        inspect(account, { depth: 9, showHidden: true }),
        JSON.stringify(account),
        Cause.pretty(died),
        JSON.stringify(died),
        inspect(died, { depth: 9 })
      ]) {
        assert.deepStrictEqual(look.shownIn(text), [])
      }
    })
  )
})
