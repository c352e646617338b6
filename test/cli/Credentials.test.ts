import * as fs from "node:fs"
import * as http from "node:http"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { parse } from "dotenv"
import * as Effect from "effect/Effect"
import { l1Digest, l2Signature } from "../../src/polymarket/Auth.ts"
import * as Secp256k1 from "../../src/polymarket/Secp256k1.ts"
import { unhex } from "../../src/polymarket/Words.ts"
import { anOperator, at, type Ended } from "./betteroms.ts"

const KEY = "c0ffee0123456789abcdeffacade0123456789abcdefdecade0123456789ab5e"
const SIGNER = "0x5085dF58C2ABa3CFA962a5b1F7CDD0A134843e81"
const CREDENTIALS = {
  POLYMARKET_API_KEY: "deadbeef-cafe-4bad-8bad-facefeedf00d",
  POLYMARKET_API_SECRET: "Q2FuYXJ5U2VjcmV0VGhhdE5vYm9keU1heVNlZQ==",
  POLYMARKET_API_PASSPHRASE: "canaryPassphraseThatNobodyMaySee"
}
const TRIPLE = {
  apiKey: CREDENTIALS.POLYMARKET_API_KEY,
  secret: CREDENTIALS.POLYMARKET_API_SECRET,
  passphrase: CREDENTIALS.POLYMARKET_API_PASSPHRASE
}
/** The venue's clock, years from ours: signatures by our own would be refused. */
const NOW = 1_790_000_000

interface Venue {
  /** Whether the address has a key already. */
  readonly has: boolean
  /** An answer other than usual, by method and path. */
  readonly instead?: Readonly<Record<string, readonly [number, string]>>
}

/** The venue's calls for API keys: it checks every signature, and notes what was asked. */
const venue = (options: Venue) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    let has = options.has
    const server = http.createServer((request, response) => {
      const say = (status: number, body: unknown) =>
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(typeof body === "string" ? body : JSON.stringify(body))
      const { headers } = request
      const call = `${request.method} ${request.url}`
      asked.push(call)
      const instead = options.instead?.[call]
      if (instead !== undefined) return say(...instead)
      if (call === "GET /time") return say(200, `${NOW}`)
      const login =
        headers.poly_nonce === "0" &&
        headers.poly_timestamp === `${NOW}` &&
        Secp256k1.recover(l1Digest(SIGNER, NOW, 0), unhex(String(headers.poly_signature))) === SIGNER.toLowerCase()
      switch (call) {
        case "GET /auth/derive-api-key":
          if (!login) return say(401, { error: "Invalid L1 Request headers" })
          return has ? say(200, TRIPLE) : say(400, { error: "Could not derive api key!" })
        case "POST /auth/api-key":
          if (!login) return say(401, { error: "Invalid L1 Request headers" })
          if (has) return say(400, { error: "Could not create api key" })
          has = true
          return say(200, TRIPLE)
        case "GET /auth/api-keys": {
          const signed =
            headers.poly_address === SIGNER &&
            headers.poly_api_key === TRIPLE.apiKey &&
            headers.poly_passphrase === TRIPLE.passphrase &&
            headers.poly_signature === l2Signature(TRIPLE.secret, NOW, "GET", "/auth/api-keys", undefined)
          return signed ? say(200, { apiKeys: [TRIPLE.apiKey] }) : say(401, { error: "Unauthorized/Invalid api key" })
        }
        default:
          return say(404, { error: "not found" })
      }
    })
    const url = yield* Effect.acquireRelease(
      Effect.async<string>((resume) => {
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          resume(
            Effect.succeed(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`)
          )
        })
      }),
      () => Effect.sync(() => server.close())
    )
    return { url, asked }
  })

const shown = (ended: Ended) =>
  [KEY, ...Object.values(CREDENTIALS)].filter((secret) =>
    (ended.stdout + ended.stderr).toLowerCase().includes(secret.toLowerCase())
  )

/** Someone with a key in `.env.local`, and what else it says there. */
const operatorOf = (clob: string, lines: string) =>
  Effect.gen(function* () {
    const operator = yield* anOperator
    const file = yield* operator.writes(".env.local", lines)
    const create = (more: ReadonlyArray<string> = [], env: Readonly<Record<string, string>> = {}) =>
      Effect.map(
        operator.types(["credentials", "create", "--json", ...more], {
          POLYMARKET_CLOB_URL: clob,
          LOG_LEVEL: "trace",
          ...env
        }),
        (ended) => {
          assert.deepStrictEqual(shown(ended), [])
          const told: unknown = JSON.parse(ended.stdout)
          return { code: ended.code, told, text: fs.readFileSync(file, "utf8") }
        }
      )
    return { file, create }
  })

const LINES = `# my secrets\nPOLYMARKET_PRIVATE_KEY=${KEY}\n\nLOG_FORMAT=json # for programs\n`

describe("betteroms credentials create", () => {
  it.scopedLive("makes a key where there is none, proves it, and keeps it among the lines that stood there", () =>
    Effect.gen(function* () {
      const { asked, url } = yield* venue({ has: false })
      const { create, file } = yield* operatorOf(url, LINES)
      fs.chmodSync(file, 0o644)
      const { code, text, told } = yield* create()
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(told, { made: "created", signer: SIGNER, file: ".env.local", written: true, proven: true })
      assert.isTrue(text.startsWith(LINES))
      assert.deepInclude(parse(text), CREDENTIALS)
      assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
      assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), [".env.local"])
      const order = asked.filter((call) => call !== "GET /time")
      assert.deepStrictEqual(order, ["GET /auth/derive-api-key", "POST /auth/api-key", "GET /auth/api-keys"])
      const again = yield* create()
      assert.deepInclude(again.told, { made: "derived", written: false })
      assert.strictEqual(again.text, text)
    })
  )

  it.scopedLive("P-62, P-74: finds the key that the address has, and makes no other", () =>
    Effect.gen(function* () {
      const { asked, url } = yield* venue({ has: true })
      const { create } = yield* operatorOf(url, LINES)
      assert.deepInclude((yield* create()).told, { made: "derived", written: true })
      assert.notInclude(asked, "POST /auth/api-key")
    })
  )

  it.scopedLive("throws other credentials away only where that is asked for", () =>
    Effect.gen(function* () {
      const { url } = yield* venue({ has: true })
      const other = "POLYMARKET_API_KEY=00000000-0000-4000-8000-000000000000 # old"
      const { create } = yield* operatorOf(url, `${LINES}${other}\n`)
      const refused = yield* create()
      assert.strictEqual(refused.code, 2)
      assert.strictEqual(at(refused.told, "error.code"), "credentials_exist")
      assert.include(refused.text, other)
      const replaced = yield* create(["--replace"])
      assert.strictEqual(replaced.code, 0)
      assert.deepInclude(parse(replaced.text), CREDENTIALS)
      assert.include(replaced.text, `POLYMARKET_API_KEY=${CREDENTIALS.POLYMARKET_API_KEY} # old`)
      const shadowed = yield* create([], { POLYMARKET_API_PASSPHRASE: "another" })
      assert.strictEqual(at(shadowed.told, "error.code"), "credentials_exist")
    })
  )

  it.scopedLive("writes nothing where the venue does not take the key for the signer's", () =>
    Effect.gen(function* () {
      for (const [instead, code, error] of [
        [{ "GET /auth/api-keys": [401, '{"error":"Unauthorized/Invalid api key"}'] }, 2, "key_mismatch"],
        [{ "GET /auth/api-keys": [200, '{"apiKeys":[]}'] }, 2, "key_mismatch"],
        [{ "GET /auth/derive-api-key": [401, '{"error":"Invalid L1 Request headers"}'] }, 2, "login_refused"],
        [{ "POST /auth/api-key": [400, '{"error":"Could not create api key"}'] }, 5, "venue_unavailable"],
        [{ "POST /auth/api-key": [503, JSON.stringify(TRIPLE)] }, 5, "venue_unavailable"],
        [{ "GET /auth/derive-api-key": [200, JSON.stringify({ ...TRIPLE, apiKey: "no" })] }, 5, "venue_unavailable"],
        [{ "GET /time": [200, "<html>"] }, 5, "venue_unavailable"]
      ] as const) {
        const { url } = yield* venue({ has: false, instead })
        const { create } = yield* operatorOf(url, LINES)
        const { code: ended, text, told } = yield* create()
        assert.strictEqual(ended, code, JSON.stringify(told))
        assert.strictEqual(at(told, "error.code"), error)
        assert.strictEqual(text, LINES)
      }
    })
  )

  it.scopedLive("ends with 2 without a private key, and with 5 where the venue is away", () =>
    Effect.gen(function* () {
      const { create } = yield* operatorOf("http://127.0.0.1:1", "")
      const keyless = yield* create()
      assert.strictEqual(keyless.code, 2)
      assert.strictEqual(at(keyless.told, "error.issues.0.path"), "POLYMARKET_PRIVATE_KEY")
      assert.strictEqual((yield* create([], { POLYMARKET_PRIVATE_KEY: KEY })).code, 5)
    })
  )
})
