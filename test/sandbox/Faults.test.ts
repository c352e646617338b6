import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Price, UNIT } from "../../src/domain/Money.ts"
import type { FaultSpec } from "../../src/sandbox/Faults.ts"
import { bodyOf, type Wanted } from "../../src/sandbox/Placing.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { at, call, listAt } from "./caller.ts"

const BUY: Wanted = { outcome: 0, side: "BUY", price: Price(400_000n), amount: 10n * UNIT, type: "GTC" }
const TAKER: Wanted = { ...BUY, price: Price(450_000n) }

const scene = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make({ minedMillis: 0, confirmedMillis: 0 })
  yield* sandbox.setBook("sandbox-rain", { bids: [["0.44", "100"]], asks: [["0.45", "100"]] })
  const listing = yield* sandbox.market("sandbox-rain")
  const body = (wanted: Wanted) =>
    Effect.map(Clock.currentTimeMillis, (now) => bodyOf(sandbox.house, sandbox.operator, listing, wanted, now))
  const post = (wanted: Wanted = BUY) => Effect.flatMap(body(wanted), (text) => call(sandbox, "POST", "/order", text))
  const orders = () => sandbox.state().orders.length
  return { sandbox, listing, body, post, orders }
})

/** What a fault of POST /order does: the answer, and whether the order was booked. */
const OF_POSTS: ReadonlyArray<
  readonly [kind: FaultSpec["kind"], but: Partial<FaultSpec>, status: number | string, booked: boolean, text: string]
> = [
  ["dropBefore", {}, "broken", false, ""],
  ["dropAfter", {}, "broken", true, ""],
  ["hang", {}, "silent", true, ""],
  ["timeout", {}, 500, false, "order timed out"],
  ["timeout", { booked: true }, 500, true, "order timed out"],
  ["couldNotInsert", {}, 500, false, "could not insert order"],
  ["contextCanceled", {}, 400, false, "context canceled"],
  ["contextCanceled", { booked: true }, 400, true, "context canceled"],
  ["badGateway", {}, 502, false, "<html>"],
  ["unavailable", {}, 503, false, "<html>"],
  ["forbidden", {}, 403, false, "<html>"],
  ["rateLimit", {}, 429, false, "Too Many Requests"],
  ["restart", {}, 425, false, "Service is not ready"],
  ["unauthorized", {}, 401, false, "Unauthorized/Invalid api key"],
  ["answer", { status: 418, body: { error: "a teapot" } }, 418, false, "a teapot"],
  ["delayRequest", { ms: 2_000 }, "silent", false, ""],
  ["delayAnswer", { ms: 2_000 }, "silent", true, ""]
]

describe("a fault of POST /order", () => {
  for (const [kind, but, status, booked, text] of OF_POSTS) {
    it.scopedLive(`${kind} ${JSON.stringify(but)}: ${status}, ${booked ? "booked" : "not booked"}`, () =>
      Effect.gen(function* () {
        const { orders, post, sandbox } = yield* scene
        yield* sandbox.fault({ op: "POST /order", kind, count: 1, ...but })
        const said = yield* post()
        assert.strictEqual(said.status, status)
        assert.include(said.text, text)
        assert.strictEqual(orders(), booked ? 1 : 0)
        if (status === 429 || status === 425) assert.strictEqual(said.headers["retry-after"], "1")
      })
    )
  }

  it.scopedLive("strikes the n-th request, and as often as it may", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      yield* sandbox.fault({ op: "POST /order", kind: "timeout", nth: 2, count: 2 })
      const said = yield* Effect.forEach([1, 2, 3, 4], () => post())
      assert.deepStrictEqual(
        said.map(({ status }) => status),
        [200, 500, 500, 200]
      )
    })
  )

  it.scopedLive("strikes with a probability, at the same requests for the same seed", () =>
    Effect.gen(function* () {
      const struck = Effect.scoped(
        Effect.gen(function* () {
          const { post, sandbox } = yield* scene
          yield* sandbox.fault({ op: "POST *", kind: "timeout", p: 0.5 })
          return (yield* Effect.forEach(Array.from({ length: 20 }), () => post())).map(({ status }) => status)
        })
      )
      const [first, second] = [yield* struck, yield* struck]
      assert.deepStrictEqual(first, second)
      assert.include(first, 200)
      assert.include(first, 500)
    })
  )

  it.scopedLive("gives amounts in base units or as decimals, and leaves trade ids out", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      const first = yield* post(TAKER)
      assert.strictEqual(at(first.body, "makingAmount"), "4.5")
      assert.lengthOf(listAt(first.body, "tradeIDs"), 1)
      yield* sandbox.fault({ op: "POST /order", kind: "baseUnits" })
      yield* sandbox.fault({ op: "POST /order", kind: "noTradeIds" })
      const second = yield* post(TAKER)
      assert.strictEqual(at(second.body, "makingAmount"), "4500000")
      assert.isUndefined(at(second.body, "tradeIDs"))
    })
  )

  it.scopedLive("says success and an error at once", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      yield* sandbox.fault({ op: "POST /order", kind: "successWithError" })
      const said = yield* post({ ...BUY, side: "SELL" })
      assert.deepStrictEqual([said.status, at(said.body, "success"), at(said.body, "orderID")], [200, true, ""])
      assert.match(String(at(said.body, "errorMsg")), /^not enough balance/)
    })
  )

  it.scopedLive("refuses within a 200", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      yield* sandbox.fault({ op: "POST /order", kind: "refusedInBody" })
      const said = yield* post({ ...BUY, side: "SELL" })
      assert.strictEqual(said.status, 200)
      assert.isFalse(at(said.body, "success"))
      assert.match(String(at(said.body, "errorMsg")), /^not enough balance/)
    })
  )
})

describe("a restart", () => {
  it.scopedLive("answers 425 while it lasts, then takes post-only orders alone, then everything", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      yield* sandbox.fault({ op: "POST /order", kind: "restart", ms: 5_000, count: 1 })
      assert.strictEqual((yield* post()).headers["retry-after"], "5")
      assert.strictEqual((yield* post()).status, 425)
      yield* sandbox.advance(5_000)
      const refused = yield* post()
      assert.strictEqual(refused.status, 503)
      assert.strictEqual(at(refused.body, "code"), "post_only_mode")
      assert.strictEqual(at(refused.body, "retry_after_seconds"), 120)
      assert.strictEqual((yield* post({ ...BUY, postOnly: true })).status, 200)
      yield* sandbox.advance(120_000)
      assert.strictEqual((yield* post()).status, 200)
    })
  )

  it.scopedLive("keeps the cancels going in cancel-only mode, and nothing when it is disabled", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      const id = String(at((yield* post()).body, "orderID"))
      const cancel = call(sandbox, "DELETE", "/order", JSON.stringify({ orderID: id }))
      yield* sandbox.setMode("disabled")
      assert.deepStrictEqual([(yield* post()).status, (yield* cancel).status], [503, 503])
      yield* sandbox.setMode("cancelOnly")
      assert.match((yield* post()).text, /Trading is currently cancel-only/)
      assert.deepStrictEqual(listAt((yield* cancel).body, "canceled"), [id])
    })
  )
})

describe("a fault of a cancel", () => {
  const cases: ReadonlyArray<readonly [FaultSpec["kind"], boolean | undefined, told: string, status: string]> = [
    ["notCanceled", undefined, "not_canceled", "LIVE"],
    ["notCanceled", true, "not_canceled", "CANCELED"],
    ["cancelNoEffect", undefined, "canceled", "LIVE"]
  ]
  for (const [kind, booked, told, status] of cases) {
    it.scopedLive(`${kind}${booked === true ? ", carried out" : ""}: told as ${told}, the order is ${status}`, () =>
      Effect.gen(function* () {
        const { post, sandbox } = yield* scene
        const id = String(at((yield* post()).body, "orderID"))
        yield* sandbox.fault({ op: "DELETE /order", kind, ...(booked === undefined ? {} : { booked }) })
        const said = yield* call(sandbox, "DELETE", "/order", JSON.stringify({ orderID: id }))
        assert.include(JSON.stringify(at(said.body, told)), id)
        if (told === "not_canceled") assert.include(said.text, "order can't be found - already canceled or matched")
        assert.strictEqual(sandbox.state().orders[0]?.status, status)
      })
    )
  }
})

describe("a fault of reads", () => {
  it.scopedLive("stale: open orders stay as they were first read", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      const open = Effect.map(call(sandbox, "GET", "/data/orders"), ({ body }) => listAt(body, "data").length)
      yield* sandbox.fault({ op: "GET /data/orders", kind: "stale", count: 2 })
      assert.strictEqual(yield* open, 0)
      yield* post()
      assert.strictEqual(yield* open, 0)
      assert.strictEqual(yield* open, 1)
    })
  )

  it.scopedLive("lag: what is younger is not there yet", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      yield* sandbox.fault({ op: "GET /data", kind: "lag", ms: 2_000 })
      const id = String(at((yield* post(TAKER)).body, "orderID"))
      const seen = Effect.gen(function* () {
        const order = yield* call(sandbox, "GET", `/data/order/${id}`)
        const trades = yield* call(sandbox, "GET", "/data/trades")
        return [order.status, listAt(trades.body, "data").length]
      })
      assert.deepStrictEqual(yield* seen, [404, 0])
      yield* sandbox.advance(2_000)
      assert.deepStrictEqual(yield* seen, [200, 1])
    })
  )

  it.scopedLive("prefixed and notBroadcast: statuses in the venue's other words", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make()
      yield* sandbox.setBook("sandbox-rain", { bids: [["0.44", "100"]], asks: [["0.45", "100"]] })
      yield* sandbox.place(sandbox.operator, "sandbox-rain", TAKER)
      yield* sandbox.place(sandbox.operator, "sandbox-rain", BUY)
      yield* sandbox.fault({ op: "GET /data", kind: "prefixed" })
      yield* sandbox.fault({ op: "GET /data", kind: "notBroadcast" })
      const status = (path: string) =>
        Effect.map(call(sandbox, "GET", path), ({ body }) => at(listAt(body, "data")[0], "status"))
      assert.strictEqual(yield* status("/data/trades"), "TRADE_STATUS_MATCHED_NOT_BROADCASTED")
      assert.strictEqual(yield* status("/data/orders"), "ORDER_STATUS_LIVE")
    })
  )

  it.scopedLive("leaves alone those who look after the sandbox", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      yield* sandbox.fault({ op: "*", kind: "dropBefore" })
      assert.strictEqual((yield* call(sandbox, "GET", "/time")).status, "broken")
      assert.strictEqual((yield* call(sandbox, "GET", "/sandbox/state")).status, 200)
      assert.strictEqual((yield* call(sandbox, "POST", "/sandbox", JSON.stringify({ do: "clearFaults" }))).status, 200)
      assert.strictEqual((yield* call(sandbox, "GET", "/time")).status, 200)
    })
  )

  it.scopedLive("the clock, the place and the account can be wrong, too", () =>
    Effect.gen(function* () {
      const { post, sandbox } = yield* scene
      const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
      yield* sandbox.act({ do: "skew", ms: 90_000 })
      const told = Number((yield* call(sandbox, "GET", "/time")).text)
      assert.isTrue(Math.abs(told - now - 90) <= 1)
      assert.strictEqual((yield* post()).status, 401)
      const corrected = yield* call(sandbox, "GET", "/data/orders", "", sandbox.operator, 90_000)
      assert.strictEqual(corrected.status, 200)
      yield* sandbox.act({ do: "skew", ms: 0 })
      yield* sandbox.act({ do: "geoblock", blocked: true })
      assert.isTrue(at((yield* call(sandbox, "GET", "/api/geoblock")).body, "blocked"))
      const closed = call(sandbox, "GET", "/auth/ban-status/closed-only")
      assert.deepStrictEqual((yield* closed).body, { closed_only: false })
      yield* sandbox.act({ do: "account", who: "operator", closedOnly: true })
      assert.deepStrictEqual((yield* closed).body, { closed_only: true })
      assert.match((yield* post()).text, /address in closed only mode/)
    })
  )
})

describe("signed requests", () => {
  it.scopedLive("are refused with a wrong clock, key, passphrase or signature", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      const { operator } = sandbox
      const ask = (but: Partial<typeof operator.key>, ahead = 0) =>
        Effect.map(
          call(sandbox, "GET", "/data/orders", "", { ...operator, key: { ...operator.key, ...but } }, ahead),
          ({ status }) => status
        )
      assert.strictEqual(yield* ask({}), 200)
      assert.strictEqual(yield* ask({}, 59_000), 200)
      assert.strictEqual(yield* ask({}, 65_000), 401)
      assert.strictEqual(yield* ask({}, -65_000), 401)
      assert.strictEqual(yield* ask({ id: "00000000-0000-0000-0000-000000000000" }), 401)
      assert.strictEqual(yield* ask({ passphrase: "wrong" }), 401)
      assert.strictEqual(yield* ask({ secret: "d3Jvbmc=" }), 401)
      const other = yield* sandbox.another("other")
      assert.strictEqual(yield* ask({}, 0), 200)
      assert.strictEqual(
        (yield* call(sandbox, "GET", "/data/orders", "", { ...operator, account: other.account })).status,
        401
      )
    })
  )

  it.scopedLive("page through lists, and stop where the venue says", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      for (let n = 0; n < 130; n++)
        yield* sandbox.place(sandbox.operator, "sandbox-rain", { ...BUY, amount: 5n * UNIT })
      const first = yield* call(sandbox, "GET", "/data/orders?next_cursor=MA==")
      assert.deepStrictEqual([at(first.body, "count"), at(first.body, "limit")], [100, 100])
      const second = yield* call(sandbox, "GET", `/data/orders?next_cursor=${String(at(first.body, "next_cursor"))}`)
      assert.deepStrictEqual([at(second.body, "count"), at(second.body, "next_cursor")], [30, "LTE="])
      const beyond = yield* call(sandbox, "GET", "/data/orders?next_cursor=LTE=")
      assert.deepStrictEqual(
        [beyond.status, at(beyond.body, "error")],
        [400, "next item should be greater than or equal to 0"]
      )
    })
  )

  it.scopedLive("see their own trades by id, market, token, maker and time", () =>
    Effect.gen(function* () {
      const { listing, post, sandbox } = yield* scene
      yield* post(TAKER)
      yield* sandbox.advance(10_000)
      yield* post({ ...TAKER, outcome: 1, price: Price(560_000n) })
      const { address } = sandbox.operator.wallet
      const count = (query: string, operator = sandbox.operator) =>
        Effect.map(
          call(sandbox, "GET", `/data/trades?${query}`, "", operator),
          ({ body }) => listAt(body, "data").length
        )
      const [latest] = listAt((yield* call(sandbox, "GET", "/data/trades")).body, "data")
      assert.strictEqual(yield* count(""), 2)
      assert.strictEqual(yield* count(`id=${String(at(latest, "id"))}`), 1)
      assert.strictEqual(yield* count(`market=${listing.conditionId}`), 2)
      assert.strictEqual(yield* count(`maker_address=${address}`), 2)
      const seconds = Number(at(latest, "match_time"))
      assert.strictEqual(yield* count(`after=${seconds}`), 1)
      assert.strictEqual(yield* count(`before=${seconds - 5}`), 1)
      assert.strictEqual(yield* count("", yield* sandbox.another("other")), 0)
    })
  )
})

describe("a heartbeat", () => {
  it.scopedLive("of a wrong id is told the right one; the older form sets it anew", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      const beat = (id: string) => call(sandbox, "POST", "/v1/heartbeats", JSON.stringify({ heartbeat_id: id }))
      const first = String(at((yield* beat("")).body, "heartbeat_id"))
      yield* sandbox.fault({ op: "POST /v1/heartbeats", kind: "wrongHeartbeat", count: 1 })
      assert.deepStrictEqual((yield* beat(first)).body, { error_msg: "Invalid Heartbeat ID", heartbeat_id: first })
      assert.deepStrictEqual((yield* call(sandbox, "POST", "/heartbeats")).body, { status: "ok" })
      const wrong = yield* beat(first)
      assert.strictEqual(wrong.status, 400)
      assert.strictEqual((yield* beat(String(at(wrong.body, "heartbeat_id")))).status, 200)
    })
  )
})
