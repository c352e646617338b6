import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { Price, UNIT } from "../../src/domain/Money.ts"
import type { Wanted } from "../../src/sandbox/Placing.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { shared } from "../shared.ts"
import { at, call, listAt } from "./caller.ts"
import { listen } from "./listener.ts"

const there = shared("venue/fixtures/orders.json")

const Examples = Schema.decodeUnknownSync(
  Schema.parseJson(
    Schema.Struct({
      examples: Schema.Array(Schema.Struct({ name: Schema.String, payload: Schema.optional(Schema.Unknown) }))
    })
  )
)

/** The payload of one example of the venue's answers. */
const example = (file: string, name: string): unknown =>
  Examples(readFileSync(shared(`venue/fixtures/${file}.json`) ?? "", "utf8")).examples.find(
    (each) => each.name === name
  )?.payload

/** What a value looks like: its keys with what they hold, of lists the first element. */
const shape = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.slice(0, 1).map(shape)
    : Predicate.isRecord(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, each]) => [key, shape(each)])
        )
      : value === null
        ? "null"
        : typeof value

const BUY: Wanted = { outcome: 0, side: "BUY", price: Price(330_000n), amount: 10n * UNIT, type: "GTC" }

const scene = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make({ minedMillis: 0, confirmedMillis: 0 })
  yield* sandbox.setBook("sandbox-rain", { bids: [["0.32", "100"]], asks: [["0.34", "100"]] })
  const market = yield* sandbox.market("sandbox-rain")
  return { sandbox, market }
})

describe.skipIf(there === undefined)("answers look like the venue's recorded ones:", () => {
  it.scopedLive("orders, one and many", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      const posted = yield* sandbox.place(sandbox.operator, "sandbox-rain", BUY)
      yield* sandbox.setBook("sandbox-rain", { bids: [], asks: [["0.33", "4"]] })
      const many = yield* call(sandbox, "GET", "/data/orders")
      assert.deepStrictEqual(shape(many.body), shape(example("orders", "page")))
      const one = yield* call(sandbox, "GET", `/data/order/${String(at(posted, "orderID"))}`)
      assert.deepStrictEqual(shape(one.body), shape(example("orders", "single")))
      const none = yield* call(sandbox, "GET", "/data/order/0x00")
      assert.deepStrictEqual([none.status, none.body], [404, example("orders", "not-found")])
    })
  )

  it.scopedLive("trades, as maker and failed", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      yield* sandbox.place(sandbox.operator, "sandbox-rain", BUY)
      yield* sandbox.fault({ op: "trade", kind: "fail", count: 1 })
      yield* sandbox.setBook("sandbox-rain", { bids: [], asks: [["0.33", "4"]] })
      yield* sandbox.setBook("sandbox-rain", { bids: [], asks: [["0.33", "4"]] })
      const { body } = yield* call(sandbox, "GET", "/data/trades")
      assert.deepStrictEqual(shape(body), shape(example("trades", "page-maker-mint")))
      const [, failed] = listAt(body, "data")
      const life = example("trades", "lifecycle-failed")
      assert.deepStrictEqual(shape(failed), shape(Array.isArray(life) ? life.at(-1) : undefined))
    })
  )

  it.scopedLive("answers to posts and cancels", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      const live = yield* sandbox.place(sandbox.operator, "sandbox-rain", BUY)
      assert.deepStrictEqual(shape(live), shape(example("post-order-responses", "live")))
      yield* sandbox.fault({ op: "POST /order", kind: "baseUnits" })
      const matched = yield* sandbox.place(sandbox.operator, "sandbox-rain", { ...BUY, price: Price(340_000n) })
      assert.deepStrictEqual(shape(matched), shape(example("post-order-responses", "matched-base-units")))
      yield* sandbox.setBook("sandbox-match", { bids: [], asks: [["0.34", "100"]] })
      const delayed = yield* sandbox.place(sandbox.operator, "sandbox-match", { ...BUY, price: Price(340_000n) })
      assert.deepStrictEqual(shape(delayed), shape(example("post-order-responses", "delayed-pending")))
      const id = String(at(live, "orderID"))
      const cancel = call(sandbox, "DELETE", "/order", JSON.stringify({ orderID: id }))
      const likeness = (body: unknown) => JSON.stringify(body).replace(/0x[0-9a-f]{64}/g, "id")
      assert.strictEqual(likeness((yield* cancel).body), likeness(example("cancel-responses", "ok")))
      assert.strictEqual(likeness((yield* cancel).body), likeness(example("cancel-responses", "already-gone")))
    })
  )

  it.scopedLive("books of both protocols, markets as the CLOB tells them, and small things", () =>
    Effect.gen(function* () {
      const { market, sandbox } = yield* scene
      const book = yield* call(sandbox, "GET", `/book?token_id=${market.tokens[0]}`)
      assert.deepStrictEqual(shape(book.body), shape(example("book-rest-v1", "v1-btc-15m")))
      assert.deepStrictEqual(Object.keys(book.body ?? {}), Object.keys(example("book-rest-v1", "v1-btc-15m") ?? {}))
      yield* sandbox.setBook("sandbox-v2", { bids: [], asks: [] })
      const v2 = yield* sandbox.market("sandbox-v2")
      const other = yield* call(sandbox, "GET", `/book?token_id=${v2.tokens[0]}`)
      assert.deepStrictEqual(Object.keys(other.body ?? {}), Object.keys(example("book-rest-v2", "v2-empty") ?? {}))
      const keys = (value: unknown) => Object.keys(Predicate.isRecord(value) ? value : {})
      const clob = yield* call(sandbox, "GET", `/clob-markets/${v2.conditionId}`)
      assert.includeMembers(keys(example("clob-market-v2", "v2")), keys(clob.body))
      const short = yield* call(sandbox, "GET", `/clob-markets/${v2.conditionId.slice(0, 64)}`)
      assert.deepStrictEqual(short.body, example("clob-market-v2", "62-hex-not-found"))
      const small: ReadonlyArray<readonly [path: string, name: string]> = [
        ["/time", "time"],
        ["/version", "version"],
        [`/tick-size?token_id=${market.tokens[0]}`, "tick-size"],
        [`/neg-risk?token_id=${market.tokens[0]}`, "neg-risk"],
        [`/fee-rate?token_id=${market.tokens[0]}`, "fee-rate"],
        [`/midpoint?token_id=${market.tokens[0]}`, "midpoint"],
        [`/price?token_id=${market.tokens[0]}&side=BUY`, "price"],
        [`/spread?token_id=${market.tokens[0]}`, "spread"],
        [`/last-trade-price?token_id=${market.tokens[0]}`, "last-trade-price-none"],
        [`/markets-by-token/${market.tokens[0]}`, "markets-by-token"],
        ["/auth/ban-status/closed-only", "closed-only"],
        ["/api/geoblock", "geoblock-ok"]
      ]
      for (const [path, name] of small) {
        const { body } = yield* call(sandbox, "GET", path)
        assert.deepStrictEqual(shape(body), shape(example("misc", name)), path)
      }
    })
  )

  it.scopedLive("events of the market channel", () =>
    Effect.gen(function* () {
      const { market, sandbox } = yield* scene
      const heard = yield* listen(`${sandbox.wsUrl}/market`, {
        assets_ids: market.tokens,
        type: "market",
        custom_feature_enabled: true
      })
      yield* heard.until("book", 2)
      yield* sandbox.place(sandbox.operator, "sandbox-rain", { ...BUY, price: Price(340_000n) })
      yield* sandbox.setTick("sandbox-rain", "0.001")
      yield* sandbox.resolve("sandbox-rain", "first")
      yield* heard.until("market_resolved")
      const cases: ReadonlyArray<readonly [type: string, name: string]> = [
        ["price_change", "price_change-both-assets"],
        ["tick_size_change", "tick_size_change"],
        ["best_bid_ask", "best_bid_ask"]
      ]
      for (const [type, name] of cases) {
        assert.deepStrictEqual(shape(heard.of(type)[0]), shape(example("ws-market-events", name)), type)
      }
      const [book] = [example("ws-market-events", "book-array")].flat()
      assert.deepStrictEqual(shape(heard.of("book")[0]), shape(book))
      const known = (value: unknown) => Object.keys(Predicate.isRecord(value) ? value : {})
      const last = known(example("ws-market-events", "last_trade_price"))
      assert.includeMembers(last, known(heard.of("last_trade_price")[0]))
      assert.sameMembers(known(heard.of("market_resolved")[0]), known(example("ws-market-events", "market_resolved")))
    })
  )

  it.scopedLive("events of the user channel", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      const { id, passphrase, secret } = sandbox.operator.key
      const heard = yield* listen(`${sandbox.wsUrl}/user`, {
        auth: { apiKey: id, secret, passphrase },
        type: "user"
      })
      yield* Effect.sleep(20)
      const posted = yield* sandbox.place(sandbox.operator, "sandbox-rain", BUY)
      yield* sandbox.setBook("sandbox-rain", { bids: [], asks: [["0.33", "4"]] })
      yield* sandbox.act({ do: "cancel", order: String(at(posted, "orderID")) })
      yield* heard.until("order", 3)
      const orders = ["order-placement", "order-update-partial", "order-cancellation"]
      for (const [index, name] of orders.entries()) {
        assert.deepStrictEqual(shape(heard.of("order")[index]), shape(example("ws-user-events", name)), name)
      }
      for (const [index, name] of ["trade-matched", "trade-mined", "trade-confirmed"].entries()) {
        assert.deepStrictEqual(shape(heard.of("trade")[index]), shape(example("ws-user-events", name)), name)
        assert.strictEqual(heard.of("trade")[index]?.status, at(example("ws-user-events", name), "status"))
      }
    })
  )
})
