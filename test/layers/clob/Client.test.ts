import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import { Clob } from "../../../src/layers/Clob.ts"
import type { Account } from "../../../src/layers/clob/Account.ts"
import * as Client from "../../../src/layers/clob/Client.ts"
import { type Call, fakeVenue, type Reply } from "../marketdata/fakeVenue.ts"

const account: Account = {
  signer: `0x${"a1".repeat(20)}`,
  wallet: `0x${"a1".repeat(20)}`,
  signatureType: 0,
  privateKey: Redacted.make("00"),
  apiKey: Redacted.make("key"),
  secret: Redacted.make("c2VjcmV0"),
  passphrase: Redacted.make("pass")
}
const HASH = `0x${"ab".repeat(32)}`
const BODY = '{"order":{},"owner":"key"}'

/** Asks the client of a venue that answers out of a function; five minutes pass for pauses and deadlines. */
const asking = <A, E>(
  answer: (call: Call, nth: number) => Reply,
  work: (clob: (typeof Clob)["Service"]) => Effect.Effect<A, E>
) =>
  Effect.gen(function* () {
    const { calls, client } = fakeVenue(answer)
    const layer = Client.layer({ clobUrl: "https://venue.test", account }).pipe(
      Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
    )
    const fiber = yield* Effect.fork(Effect.exit(Effect.provide(Effect.flatMap(Clob, work), layer)))
    yield* TestClock.adjust("5 minutes")
    return { calls, exit: yield* Fiber.join(fiber) }
  })

const words = (exit: Exit.Exit<unknown, { readonly message: string }>): string =>
  Exit.match(exit, {
    onSuccess: () => "it did not fail",
    onFailure: (cause) => (cause._tag === "Fail" ? cause.error.message : `no failure but ${cause._tag}`)
  })

const accepted = (parts: Readonly<Record<string, unknown>> = {}) => ({
  success: true,
  errorMsg: "",
  orderID: HASH,
  status: "live",
  makingAmount: "",
  takingAmount: "",
  ...parts
})

describe("a post", () => {
  const silences: ReadonlyArray<readonly [string, Reply]> = [
    ["an internal error", { status: 500, body: { error: "order timed out" } }],
    ["an unavailable service", { status: 503, body: "" }],
    ["too many requests, with a time to come back", { status: 429, body: "", headers: { "retry-after": "1" } }],
    ["an engine that restarts", { status: 425, body: "", headers: { "retry-after": "1" } }],
    ["a broken connection", "reset"],
    ["silence", "silence"]
  ]
  for (const [name, reply] of silences) {
    it.effect(`P-04: is sent once, whatever comes back: ${name}`, () =>
      Effect.gen(function* () {
        const { calls, exit } = yield* asking(
          () => reply,
          (clob) => clob.post(BODY, { postOnly: false })
        )
        assert.strictEqual((yield* exit)._tag, "Unknown")
        assert.deepStrictEqual(
          calls.map(({ body, method, path }) => [method, path, body]),
          [["POST", "/order", BODY]]
        )
      })
    )
  }

  it.effect("P-04: signs nothing and approves nothing by itself, whatever the refusal", () =>
    Effect.gen(function* () {
      for (const error of ["not enough balance / allowance", "order_version_mismatch", "invalid signature"]) {
        const { calls } = yield* asking(
          () => ({ status: 400, body: { error } }),
          (clob) => clob.post(BODY, { postOnly: false })
        )
        assert.strictEqual(calls.length, 1, error)
      }
    })
  )

  it("P-06: is accepted only where every field of the answer says so", () => {
    const said = (parts: Readonly<Record<string, unknown>>, status = 200) => {
      const body = accepted(parts)
      return Client.postedOf(status, body, JSON.stringify(body))
    }
    for (const status of ["live", "matched", "delayed", "unmatched", "LIVE"]) {
      assert.strictEqual(said({ status })._tag, "Accepted", status)
    }
    assert.strictEqual(said({}, 500)._tag, "Unknown")
    for (const parts of [
      { success: false },
      { success: undefined },
      { orderID: "" },
      { orderID: null },
      { status: "" },
      { status: "invented" },
      { errorMsg: "something odd" }
    ]) {
      assert.strictEqual(said(parts)._tag, "Unknown", JSON.stringify(parts))
    }
    const both = said({ errorMsg: "post-only mode: only post-only orders and cancels are allowed" })
    assert.strictEqual(both._tag, "Refused")
    assert.strictEqual(said({ success: false, errorMsg: "invalid expiration", orderID: "" })._tag, "Refused")
    assert.strictEqual(Client.postedOf(200, undefined, "OK")._tag, "Unknown")
  })

  it.effect("P-60: that is refused is an error by itself: nobody has to look for one in the answer", () =>
    Effect.gen(function* () {
      const { exit } = yield* asking(
        () => ({ status: 400, body: { error: "invalid expiration" } }),
        (clob) => clob.post(BODY, { postOnly: false })
      )
      assert.deepInclude(yield* exit, { _tag: "Refused", text: "invalid expiration" })
    })
  )

  it.effect("P-06: of several has an answer for each, in their order", () =>
    Effect.gen(function* () {
      const bodies = ["{}", "{}", "{}"]
      const elements = [
        accepted(),
        accepted({ success: false, errorMsg: "invalid expiration", orderID: "" }),
        accepted({ errorMsg: "who knows" })
      ]
      const { exit } = yield* asking(
        () => ({ body: elements }),
        (clob) => clob.postMany(bodies)
      )
      assert.deepStrictEqual(
        (yield* exit).map(({ _tag }) => _tag),
        ["Accepted", "Refused", "Unknown"]
      )
      for (const body of [elements.slice(1), {}, "OK"]) {
        const { exit } = yield* asking(
          () => ({ body }),
          (clob) => clob.postMany(bodies)
        )
        assert.deepStrictEqual(
          (yield* exit).map(({ _tag }) => _tag),
          ["Unknown", "Unknown", "Unknown"]
        )
      }
    })
  )
})

describe("a read", () => {
  const reads: ReadonlyArray<
    readonly [string, (clob: (typeof Clob)["Service"]) => Effect.Effect<unknown, { readonly message: string }>]
  > = [
    ["of open orders", (clob) => clob.openOrders],
    ["of trades", (clob) => clob.trades({})],
    ["of an order", (clob) => clob.order(HASH)],
    ["of a balance", (clob) => clob.balance({ _tag: "Collateral" })],
    ["of the order version", (clob) => clob.version],
    ["of API keys", (clob) => clob.apiKeys],
    ["of restrictions", (clob) => clob.closedOnly]
  ]
  for (const [name, read] of reads) {
    it.effect(`P-61: ${name} that is answered with an error fails in the venue's words`, () =>
      Effect.gen(function* () {
        const { exit } = yield* asking(() => ({ status: 400, body: { error: "of no use today" } }), read)
        assert.match(words(exit), /^GET \/.*HTTP 400: of no use today$/)
        const { exit: odd } = yield* asking(() => ({ body: { data: 12, balance: {}, version: "x" } }), read)
        assert.match(words(odd), /^GET \//)
      })
    )

    it.effect(`P-63: ${name} that nobody answers ends by its deadline`, () =>
      Effect.gen(function* () {
        const { calls, exit } = yield* asking(() => "silence", read)
        assert.match(words(exit), /no answer within 5s/)
        assert.strictEqual(calls.length, 4)
      })
    )
  }

  it.effect("P-66: of the order version is made anew each time", () =>
    Effect.gen(function* () {
      const { exit } = yield* asking(
        (_, nth) => ({ body: { version: nth + 1 } }),
        (clob) => Effect.all([clob.version, clob.version])
      )
      assert.deepStrictEqual(yield* exit, [2, 3])
    })
  )

  it.effect("of a list ends at its last page, and never asks for what lies behind it", () =>
    Effect.gen(function* () {
      for (const end of ["LTE=", "", null]) {
        const { calls, exit } = yield* asking(
          (_, nth) => ({ body: { data: [], next_cursor: nth === 1 ? "MTAw" : end } }),
          (clob) => clob.openOrders
        )
        assert.isTrue(Exit.isSuccess(exit))
        assert.deepStrictEqual(
          calls.map(({ params }) => params),
          [[], [["next_cursor", "MTAw"]]]
        )
      }
    })
  )

  it.effect("of a list whose pages go round fails: what was seen of it is not all of it", () =>
    Effect.gen(function* () {
      for (const cursors of [["MTAw"], ["MTAw", "MjAw"]]) {
        const { calls, exit } = yield* asking(
          (_, nth) => ({ body: { data: [], next_cursor: cursors[(nth - 1) % cursors.length] } }),
          (clob) => clob.openOrders
        )
        assert.match(words(exit), /GET \/data\/orders: its pages go round/)
        assert.strictEqual(calls.length, cursors.length + 1)
      }
    })
  )

  it.effect("of an order that nobody knows finds none; that proves nothing, and is no failure", () =>
    Effect.gen(function* () {
      for (const reply of [{ status: 404, body: { error: "not found" } }, { body: null }]) {
        const { exit } = yield* asking(
          () => reply,
          (clob) => clob.order(HASH)
        )
        assert.isTrue(Option.isNone(yield* exit))
      }
    })
  )

  it.effect("of an order that is answered with another one fails: what became of that one says nothing of it", () =>
    Effect.gen(function* () {
      const other = {
        id: `0x${"cd".repeat(32)}`,
        status: "MATCHED",
        market: HASH,
        asset_id: "1",
        side: "BUY",
        original_size: "5",
        size_matched: "5",
        price: "0.5"
      }
      const { exit } = yield* asking(
        () => ({ body: other }),
        (clob) => clob.order(HASH)
      )
      assert.match(words(exit), /asked for 0xab.*told of 0xcd/)
      const { exit: same } = yield* asking(
        () => ({ body: { ...other, id: HASH.toUpperCase().replace("X", "x") } }),
        (clob) => clob.order(HASH)
      )
      assert.isTrue(Option.isSome(yield* same))
    })
  )

  it.effect("P-45: takes an empty text for an absent decimal", () =>
    Effect.gen(function* () {
      const listed = {
        id: HASH,
        status: "ORDER_STATUS_LIVE",
        market: HASH,
        asset_id: "1",
        side: "BUY",
        original_size: "10",
        size_matched: "",
        price: "0.040",
        outcome: "",
        associate_trades: null
      }
      const { exit } = yield* asking(
        () => ({ body: { data: [listed], next_cursor: "LTE=" } }),
        (clob) => clob.openOrders
      )
      const [order] = yield* exit
      assert.deepInclude([order], { ...order, status: "LIVE", matched: 0n, price: 40_000n })
    })
  )
})

describe("a cancel", () => {
  it.effect("P-14: is what the answer says of each order: a 200 alone is nothing", () =>
    Effect.gen(function* () {
      const other = `0x${"cd".repeat(32)}`
      const { exit } = yield* asking(
        () => ({ body: { canceled: [HASH.toUpperCase().replace("X", "x")], not_canceled: { [other]: "gone" } } }),
        (clob) => clob.cancel([HASH, other])
      )
      const { cancelled, kept } = yield* exit
      assert.deepStrictEqual([cancelled, [...kept]], [[HASH], [[other, "gone"]]])
    })
  )

  it.effect("is asked for again, four times in all, for it finds nothing left to take back", () =>
    Effect.gen(function* () {
      const { calls, exit } = yield* asking(
        (_, nth) => (nth < 4 ? "reset" : { body: { canceled: [], not_canceled: {} } }),
        (clob) => clob.cancel([HASH])
      )
      assert.isTrue(Exit.isSuccess(exit))
      assert.strictEqual(calls.length, 4)
    })
  )
})

describe("the venue's limits", () => {
  it.effect("P-56: are not reached by posts, which wait here, and cancels pass them by", () =>
    Effect.gen(function* () {
      const times = (calls: ReadonlyArray<Call>, method: string) =>
        calls.filter((call) => call.method === method).map(({ atMillis }) => atMillis)
      const { calls } = yield* asking(
        ({ method }) => ({ body: method === "POST" ? accepted() : { canceled: [HASH], not_canceled: {} } }),
        (clob) =>
          Effect.all(
            [
              Effect.forEach(Array.from({ length: 120 }), () => clob.post(BODY, { postOnly: false }), {
                concurrency: "unbounded"
              }),
              Effect.delay(clob.cancel([HASH]), "100 millis")
            ],
            { concurrency: "unbounded" }
          )
      )
      const posts = times(calls, "POST")
      assert.strictEqual(posts.length, 120)
      // The smallest tier's bucket: 60 at once, 40 more each second.
      let [left, before] = [60, 0]
      for (const at of posts) {
        left = Math.min(60, left + ((at - before) * 40) / 1_000) - 1
        before = at
        assert.isAtLeast(left, 0, `at ${at} ms`)
      }
      assert.deepStrictEqual(times(calls, "DELETE"), [100])
    })
  )
})

describe("the dead-man switch", () => {
  it.effect("P-51: goes on with the id that the venue expects, where ours is another", () =>
    Effect.gen(function* () {
      const { exit } = yield* asking(
        (_, nth) =>
          nth === 1
            ? { status: 400, body: { error_msg: "Invalid Heartbeat ID", heartbeat_id: "expected" } }
            : { body: { heartbeat_id: "next" } },
        (clob) => Effect.flatMap(clob.beat("ours"), (id) => Effect.map(clob.beat(id), (next) => [id, next]))
      )
      assert.deepStrictEqual(yield* exit, ["expected", "next"])
    })
  )
})

describe("a trace", () => {
  it.effect("of whatever is asked and sent tells of no header: keys are among them", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const own = yield* Effect.tracer
      const listening = Tracer.make({
        context: own.context,
        span: (...of) => {
          const span = own.span(...of)
          spans.push(span)
          return span
        }
      })
      const { calls } = yield* asking(
        ({ path }) => ({ body: path === "/order" ? accepted() : { data: [], next_cursor: "LTE=" } }),
        (clob) =>
          Effect.withTracer(
            Effect.all([clob.post(BODY, { postOnly: false }), clob.openOrders, clob.beat("")]),
            listening
          )
      )
      assert.isAtLeast(calls.length, 2)
      assert.isNotEmpty(spans)
      const told = spans.flatMap(({ attributes }) => [...attributes.keys()])
      assert.deepStrictEqual(
        told.filter((name) => name.includes("header")),
        []
      )
    })
  )
})

describe("the clock", () => {
  it.effect("of the venue is the one that requests carry the time of", () =>
    Effect.gen(function* () {
      const { exit } = yield* asking(
        ({ path }) => ({ body: path === "/time" ? 1_000 : { version: 2 } }),
        (clob) => Effect.all([clob.clockOffset, clob.clockOffset])
      )
      assert.deepStrictEqual(yield* exit, [1_000_500, 1_000_500])
    })
  )
})
