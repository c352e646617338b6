import * as fs from "node:fs"
import * as path from "node:path"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { anOperator, at, until } from "./betteroms.ts"

const asked = (url: string, body?: unknown) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const request =
      body === undefined
        ? HttpClientRequest.get(url)
        : HttpClientRequest.post(url).pipe(HttpClientRequest.bodyUnsafeJson(body))
    return yield* Effect.flatMap(client.execute(request), (answer) => answer.json)
  }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer), Effect.orDie)

const variables = (file: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    fs
      .readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.includes("=") && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])
  )

describe("betteroms sandbox", () => {
  it.scopedLive("begins with an empty database where another one at its port has left one", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      const begun = (port: string) =>
        Effect.gen(function* () {
          const running = yield* operator.starts(["sandbox", "--port", port, "--env-out", "sandbox.env"])
          yield* until(() => running.stdout().includes("set -a"))
          const home = path.join(
            operator.folder,
            String(variables(path.join(operator.folder, "sandbox.env")).BETTEROMS_HOME)
          )
          running.child.kill("SIGTERM")
          return { home, said: (yield* running.ended).stderr }
        })
      const first = yield* begun("0")
      fs.mkdirSync(path.join(first.home, "data"), { recursive: true })
      const second = yield* begun(path.basename(first.home))
      assert.strictEqual(second.home, first.home)
      assert.include(second.said, "the database of an earlier rehearsal is removed")
      assert.isFalse(fs.existsSync(path.join(first.home, "data")))
    })
  )

  it.scopedLive("runs until it is told to end, with the environment of a rehearsal in a file of one's own", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      for (const [signal, code] of [
        ["SIGINT", 130],
        ["SIGTERM", 143]
      ] as const) {
        const running = yield* operator.starts(["sandbox", "--env-out", "sandbox.env", "--journal", "journal.jsonl"])
        yield* until(() => running.stdout().includes("set -a"))
        const file = path.join(operator.folder, "sandbox.env")
        assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
        const env = variables(file)
        assert.match(String(env.POLYMARKET_PRIVATE_KEY), /^0x[0-9a-f]{64}$/)
        assert.strictEqual(env.DATABASE_URL, "")
        assert.match(String(env.BETTEROMS_HOME), /^\.betteroms-sandbox\/\d+$/)
        const url = String(env.POLYMARKET_CLOB_URL)
        const market = yield* asked(`${env.POLYMARKET_GAMMA_URL}/markets/slug/sandbox-rain`)
        assert.strictEqual(at(market, "slug"), "sandbox-rain")
        assert.strictEqual(at(yield* asked(`${url}/sandbox/state`), "mode"), "normal")
        assert.deepStrictEqual(yield* asked(`${url}/sandbox`, { do: "mode", mode: "cancelOnly" }), {})
        assert.strictEqual(at(yield* asked(`${url}/sandbox/state`), "mode"), "cancelOnly")
        const wrong = yield* asked(`${url}/sandbox`, { do: "mode", mode: "asleep" })
        assert.match(String(at(wrong, "error")), /asleep/)
        running.child.kill(signal)
        const ended = yield* running.ended
        assert.strictEqual(ended.code, code, ended.stderr)
        const lines = fs.readFileSync(path.join(operator.folder, "journal.jsonl"), "utf8").trim().split("\n")
        assert.strictEqual(at(JSON.parse(lines.at(-1) ?? "{}"), "kind"), "mode")
      }
    })
  )

  it.scopedLive("prints one document, and is the same for the same seed", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      const told = Effect.scoped(
        Effect.gen(function* () {
          const running = yield* operator.starts(["sandbox", "--json", "--signature-type", "3", "--cash", "12.5"])
          yield* until(() => running.stdout().endsWith("}\n"))
          const document: unknown = JSON.parse(running.stdout())
          return document
        })
      )
      const [first, second] = [yield* told, yield* told]
      assert.strictEqual(at(first, "cash"), "12.5")
      assert.strictEqual(at(first, "env.POLYMARKET_SIGNATURE_TYPE"), "3")
      assert.deepStrictEqual(at(first, "markets"), at(second, "markets"))
      assert.strictEqual(at(first, "env.POLYMARKET_PRIVATE_KEY"), at(second, "env.POLYMARKET_PRIVATE_KEY"))
      assert.isAtLeast([at(first, "markets.*.id")].flat().length, 8)
    })
  )

  it.scopedLive("overwrites nobody else's file, and takes no port that is taken", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      const file = yield* operator.writes("mine.env", "POLYMARKET_PRIVATE_KEY=real\n")
      const kept = yield* operator.asks(["sandbox", "--env-out", "mine.env"], 2)
      assert.strictEqual(at(kept, "error.code"), "file_exists")
      assert.strictEqual(fs.readFileSync(file, "utf8"), "POLYMARKET_PRIVATE_KEY=real\n")
      const running = yield* operator.starts(["sandbox", "--json"])
      yield* until(() => running.stdout().endsWith("}\n"))
      const port = new URL(String(at(JSON.parse(running.stdout()), "url"))).port
      const taken = yield* operator.types(["sandbox", "--port", port])
      assert.strictEqual(taken.code, 5)
      assert.match(taken.stderr, /cannot listen on 127\.0\.0\.1/)
    })
  )

  it.scopedLive("follows a script of faults and deeds, and says what is wrong with one", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      yield* operator.writes(
        "faults.json",
        `{
          // One in a while.
          "faults": [{ "op": "GET /time", "kind": "badGateway", "count": 1 }],
          "schedule": [{ "atMs": 0, "action": { "do": "mode", "mode": "disabled" } }],
        }`
      )
      const running = yield* operator.starts(["sandbox", "--json", "--faults", "faults.json"])
      yield* until(() => running.stdout().endsWith("}\n"))
      const url = String(at(JSON.parse(running.stdout()), "url"))
      assert.strictEqual(at(yield* asked(`${url}/sandbox/state`), "mode"), "disabled")
      assert.lengthOf([yield* asked(`${url}/sandbox/faults`)].flat(), 1)
      yield* operator.writes("wrong.json", { faults: [{ op: "POST /order", kind: "earthquake" }] })
      const wrong = yield* operator.asks(["sandbox", "--faults", "wrong.json"], 2)
      assert.deepStrictEqual(at(wrong, "error.issues.*.path"), ["faults.0.kind"])
      yield* operator.writes("broken.json", '{\n"faults": [\n')
      const broken = yield* operator.asks(["sandbox", "--faults", "broken.json"], 2)
      assert.strictEqual(at(broken, "error.code"), "invalid_script")
      const half = yield* operator.asks(["sandbox", "--market", "btc"], 2)
      assert.strictEqual(at(half, "error.code"), "usage")
    })
  )
})
