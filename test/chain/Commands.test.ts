import * as http from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { APPROVALS, PUSD, USDC_E } from "../../src/polymarket/Approvals.ts"
import { UNLIMITED } from "../../src/polymarket/Permissions.ts"
import { anOperator, at, type Ended, until } from "../cli/betteroms.ts"
import { chain, isHere, KEY, OWN } from "./anvil.ts"
import { closedPort, door, RPC_KEY, RPC_TOKEN } from "./door.ts"
import { RELAYER_KEY, relayer } from "./relayer.ts"

const DOLLAR = 1_000_000n
const TRADING = APPROVALS.filter(({ need }) => need === "trade").length

/** Someone with a key, some POL, and a node whose address holds a key. */
const equipped = Effect.gen(function* () {
  const node = yield* chain()
  yield* node.fuel(OWN, "10")
  const { asked, url } = yield* door(node.url)
  const operator = yield* anOperator
  const env = { POLYMARKET_PRIVATE_KEY: KEY, POLYGON_RPC_URL: url, LOG_LEVEL: "trace" }
  const secretless = (words: ReadonlyArray<string>, ended: Ended) => {
    const said = (ended.stdout + ended.stderr).toLowerCase()
    for (const secret of [KEY, RPC_KEY, RPC_TOKEN, RELAYER_KEY])
      assert.notInclude(said, secret.toLowerCase(), words.join(" "))
    return ended
  }
  /** Types a command; no key is ever in what it says. */
  const types = (words: ReadonlyArray<string>, more: Readonly<Record<string, string | undefined>> = {}) =>
    Effect.map(operator.types(words, { ...env, ...more }), (ended) => secretless(words, ended))
  const asks = (words: ReadonlyArray<string>, code = 0, more: Readonly<Record<string, string | undefined>> = {}) =>
    Effect.map(types([...words, "--json"], more), (ended): unknown => {
      assert.strictEqual(ended.code, code, `${words.join(" ")}\n${ended.stdout}\n${ended.stderr}`)
      return JSON.parse(ended.stdout)
    })
  return { node, asked, types, asks }
})

const isNothing = (allowed: unknown) => allowed === "0" || allowed === "none"
const allowedIn = (document: unknown) => [at(document, "approvals.*.allowed")].flat()

describe.skipIf(!isHere)("betteroms allowances", () => {
  it.scopedLive("checks, sets up to 1000 dollars, and sends nothing the second time", () =>
    Effect.gen(function* () {
      const { asks, node, types } = yield* equipped
      yield* node.mint(PUSD, OWN, 1234n * DOLLAR + 500_000n)
      const before = yield* asks(["allowances", "check"], 2)
      assert.deepInclude(before, { wallet: OWN, signer: OWN, signatureType: 0, complete: false })
      assert.deepStrictEqual(at(before, "balances"), { pUSD: "1234.5", USDC: "0", "USDC.e": "0", POL: "10" })
      assert.strictEqual(allowedIn(before).length, APPROVALS.length)
      assert.isTrue(allowedIn(before).every(isNothing))

      const set = yield* asks(["allowances", "set", "--yes"])
      assert.strictEqual([at(set, "changes")].flat().length, TRADING)
      assert.sameMembers([...new Set([at(set, "changes.*.to")].flat())], ["1000", "all"])
      for (const transaction of [at(set, "changes.*.transaction")].flat())
        assert.match(`${transaction}`, /^0x[0-9a-f]{64}$/)
      assert.deepInclude(yield* asks(["allowances", "check"]), { complete: true })
      const sent = yield* node.sent(OWN)
      assert.deepStrictEqual(at(yield* asks(["allowances", "set", "--yes"]), "changes"), [])
      assert.strictEqual(yield* node.sent(OWN), sent)
      const said = yield* types(["allowances", "check"])
      assert.strictEqual(said.code, 0, said.stderr)
      for (const words of ["exchangeV3", "BUY in v2 markets", "1000", "all", "1234.5 pUSD"])
        assert.include(said.stdout, words)
    })
  )

  it.scopedLive("sets what --only and --amount or --unlimited say, and takes it back", () =>
    Effect.gen(function* () {
      const { asks, node } = yield* equipped
      const [v1] = APPROVALS
      assert.isDefined(v1)
      if (v1 === undefined) return
      yield* asks(["allowances", "set", "--only", "v1", "--amount", "0.25", "--yes"])
      assert.strictEqual(yield* node.allowance(PUSD, OWN, v1.spender), 250_000n)
      assert.strictEqual(yield* node.sent(OWN), 4)
      yield* asks(["allowances", "set", "--only", v1.spender.address, "--unlimited", "--yes"])
      assert.strictEqual(yield* node.allowance(PUSD, OWN, v1.spender), UNLIMITED)
      assert.strictEqual(yield* node.sent(OWN), 5)
      const back = yield* asks(["allowances", "revoke", "--yes"])
      assert.strictEqual([at(back, "changes")].flat().length, 4)
      assert.isTrue(allowedIn(back).every(isNothing))
      assert.deepStrictEqual(at(yield* asks(["allowances", "revoke", "--yes"]), "changes"), [])
    })
  )

  it.scopedLive("shows token, spender and amount before it asks, and sends nothing without a yes", () =>
    Effect.gen(function* () {
      const { asks, node, types } = yield* equipped
      const asked = yield* types(["allowances", "set"])
      assert.strictEqual(asked.code, 2)
      for (const { need, spender } of APPROVALS) {
        if (need === "trade") assert.include(asked.stderr.replace(/[\s│]+/g, ""), spender.address)
      }
      assert.include(asked.stderr, `Wallet ${OWN} permits`)
      assert.include(asked.stderr, "not confirmed; nothing was sent")
      assert.strictEqual(at(yield* asks(["allowances", "set"], 2), "error.code"), "not_confirmed")
      assert.strictEqual(yield* node.sent(OWN), 0)
    })
  )

  it.scopedLive("ends with 2 for words it does not know and for settings that are missing or do not fit", () =>
    Effect.gen(function* () {
      const { asks, node } = yield* equipped
      for (const words of [
        ["set", "--only", "v3"],
        ["set", "--amount", "0"],
        ["set", "--amount", "much"],
        ["set", "--amount", "1", "--unlimited"],
        ["check", "--only", "nobody"]
      ]) {
        assert.strictEqual(at(yield* asks(["allowances", ...words], 2), "error.code"), "usage", words.join(" "))
      }
      const missing = yield* asks(["allowances", "check"], 2, {
        POLYMARKET_PRIVATE_KEY: undefined,
        POLYGON_RPC_URL: ""
      })
      assert.sameMembers([at(missing, "error.issues.*.path")].flat(), ["POLYGON_RPC_URL", "POLYMARKET_PRIVATE_KEY"])
      const funderless = yield* asks(["allowances", "check"], 2, { POLYMARKET_SIGNATURE_TYPE: "3" })
      assert.sameMembers([at(funderless, "error.issues.*.path")].flat(), ["POLYMARKET_FUNDER"])
      const byHand = yield* asks(["allowances", "set", "--yes"], 2, {
        POLYMARKET_SIGNATURE_TYPE: "2",
        POLYMARKET_FUNDER: PUSD.address
      })
      assert.strictEqual(at(byHand, "error.code"), "wallet_unfit")
      assert.strictEqual([at(byHand, "error.issues")].flat().length, TRADING)
      const other = yield* chain({ chainId: 80_002 })
      const wrong = yield* asks(["allowances", "check"], 2, { POLYGON_RPC_URL: other.url })
      assert.strictEqual(at(wrong, "error.code"), "wrong_chain")
      assert.strictEqual(yield* node.sent(OWN), 0)
    })
  )

  it.scopedLive("ends with 5 where the node is away or a contract refuses", () =>
    Effect.gen(function* () {
      const { asks, node } = yield* equipped
      const away = `http://127.0.0.1:${yield* closedPort}/v2/${RPC_KEY}`
      assert.strictEqual(
        at(yield* asks(["allowances", "check"], 5, { POLYGON_RPC_URL: away }), "error.code"),
        "venue_unavailable"
      )
      yield* node.refuse(PUSD, "not on Sundays")
      const refused = yield* asks(["allowances", "set", "--yes"], 5)
      assert.include(at(refused, "error.message"), "not on Sundays")
    })
  )

  it.scopedLive("lets the relayer set what a deposit wallet permits", () =>
    Effect.gen(function* () {
      const { asks, node } = yield* equipped
      const wallet = "0x86b4C55A4DF1FBea0F325E842434E0a537CAa549"
      yield* node.depositWallet(wallet, OWN)
      const { url } = yield* relayer(node, OWN)
      const env = {
        POLYMARKET_SIGNATURE_TYPE: "3",
        POLYMARKET_FUNDER: wallet,
        POLYMARKET_RELAYER_URL: url,
        POLYMARKET_RELAYER_API_KEY: RELAYER_KEY
      }
      yield* asks(["allowances", "set", "--yes"], 0, env)
      assert.deepInclude(yield* asks(["allowances", "check"], 0, env), { wallet, complete: true })
    })
  )
})

/** A CLOB that notes what it is asked, and has nothing to say. */
const listener = Effect.gen(function* () {
  const asked: Array<string> = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(200, { "content-type": "application/json" }).end("{}")
  })
  const url = yield* Effect.acquireRelease(
    Effect.async<string>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`))
      })
    }),
    () => Effect.sync(() => server.close())
  )
  return { asked, url }
})

describe.skipIf(!isHere)("the venue", () => {
  it.scopedLive("P-20: is made to look at the chain again after each change of dollars, and may be away", () =>
    Effect.gen(function* () {
      const { asks, node } = yield* equipped
      const { asked, url } = yield* listener
      yield* node.mint(USDC_E, OWN, DOLLAR)
      const env = {
        POLYMARKET_CLOB_URL: url,
        POLYMARKET_API_KEY: "deadbeef-cafe-4bad-8bad-facefeedf00d",
        POLYMARKET_API_SECRET: "Q2FuYXJ5",
        POLYMARKET_API_PASSPHRASE: "pass"
      }
      yield* asks(["allowances", "set", "--yes"], 0, env)
      yield* asks(["allowances", "set", "--yes"], 0, env)
      yield* asks(["wrap", "1", "--yes"], 0, env)
      const update = "GET /balance-allowance/update?asset_type=COLLATERAL&signature_type=0"
      assert.deepStrictEqual(asked, [update, update])
      yield* asks(["allowances", "revoke", "--yes"], 0, { ...env, POLYMARKET_CLOB_URL: "http://127.0.0.1:1" })
    })
  )
})

describe.skipIf(!isHere)("betteroms doctor", () => {
  it.scopedLive("P-23: shows each permission on the chain, and what to run where one is missing", () =>
    Effect.gen(function* () {
      const { asks } = yield* equipped
      const away = { POLYMARKET_GAMMA_URL: "http://127.0.0.1:1" }
      const rowOf = (document: unknown) =>
        [at(document, "checks")].flat().find((row) => at(row, "check") === "pUSD to exchangeV3")
      const before = rowOf(yield* asks(["doctor"], 1, away))
      assert.deepInclude(before, { ok: false, needed: true })
      assert.include(at(before, "detail"), "betteroms allowances set --only exchangeV3")
      yield* asks(["allowances", "set", "--yes"])
      assert.deepInclude(rowOf(yield* asks(["doctor"], 0, away)), { ok: true })
    })
  )
})

describe.skipIf(!isHere)("betteroms wrap", () => {
  it.scopedLive("makes pUSD of USDC.e, and not of what is not there", () =>
    Effect.gen(function* () {
      const { asks, node, types } = yield* equipped
      yield* node.mint(USDC_E, OWN, 100n * DOLLAR)
      const wrapped = yield* asks(["wrap", "60.5", "--yes"])
      assert.deepInclude(wrapped, { wallet: OWN, asset: "USDC.e", amount: "60.5", pUSD: "60.5", left: "39.5" })
      assert.strictEqual(yield* node.balance(PUSD, OWN), 60_500_000n)
      assert.strictEqual(at(yield* asks(["wrap", "40", "--yes"], 2), "error.code"), "not_enough")
      assert.strictEqual(at(yield* asks(["wrap", "1", "--from", "usdc", "--yes"], 2), "error.code"), "not_enough")
      assert.strictEqual(at(yield* asks(["wrap", "nothing", "--yes"], 2), "error.code"), "usage")
      const asked = yield* types(["wrap", "1"])
      assert.strictEqual(asked.code, 2)
      assert.include(asked.stderr, `${OWN} holds 39.5 USDC.e and 60.5 pUSD`)
      yield* node.pause(USDC_E)
      assert.include(at(yield* asks(["wrap", "1", "--yes"], 5), "error.message"), "the venue has paused wrapping")
    })
  )

  it.scopedLive(
    "waits for a transaction that is still on its way, and then sends nothing: it could be the same wish",
    () =>
      Effect.gen(function* () {
        const { asked, asks, node } = yield* equipped
        yield* node.mint(USDC_E, OWN, 100n * DOLLAR)
        yield* node.automine(false)
        yield* node.waitingFrom(OWN)
        const again = yield* Effect.fork(asks(["wrap", "60", "--yes"], 5))
        yield* until(() => asked.filter((method) => method === "eth_getTransactionCount").length > 2)
        yield* node.mine
        assert.include(at(yield* Fiber.join(again), "error.message"), "nothing more was sent")
        assert.strictEqual(yield* node.sent(OWN), 1)
      })
  )
})
