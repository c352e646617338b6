import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Price, UNIT } from "../../src/domain/Money.ts"
import type { Operator } from "../../src/sandbox/Operator.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { listen } from "./listener.ts"

const buy = (price: bigint, shares: bigint, but: object = {}) => ({
  outcome: 0 as const,
  side: "BUY" as const,
  price: Price(price),
  amount: shares * UNIT,
  type: "GTC" as const,
  ...but
})

const scene = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make({ minedMillis: 0, confirmedMillis: 0 })
  yield* sandbox.setBook("sandbox-rain", { bids: [["0.44", "100"]], asks: [["0.45", "100"]] })
  const market = yield* sandbox.market("sandbox-rain")
  return { sandbox, market }
})

const subscription = (operator: Operator, but: object = {}) => ({
  auth: { apiKey: operator.key.id, secret: operator.key.secret, passphrase: operator.key.passphrase },
  type: "user",
  ...but
})

describe("the market channel", () => {
  it.scopedLive("sends the book of each token at once, and PONG for PING", () =>
    Effect.gen(function* () {
      const { market, sandbox } = yield* scene
      const heard = yield* listen(`${sandbox.wsUrl}/market`, { assets_ids: market.tokens, type: "market" })
      const [first, second] = yield* heard.until("book", 2)
      assert.deepInclude(first, {
        market: market.conditionId,
        asset_id: market.tokens[0],
        bids: [{ price: "0.44", size: "100" }],
        asks: [{ price: "0.45", size: "100" }],
        tick_size: "0.01"
      })
      assert.deepInclude(second, { asset_id: market.tokens[1], bids: [{ price: "0.55", size: "100" }] })
      yield* heard.say("PING")
      yield* Effect.delay(Effect.void, 20)
      assert.include(heard.texts, "PONG")
    })
  )

  it.scopedLive("tells a changed level by its new size, from both sides", () =>
    Effect.gen(function* () {
      const { market, sandbox } = yield* scene
      const heard = yield* listen(`${sandbox.wsUrl}/market`, { assets_ids: [market.tokens[0]], type: "market" })
      yield* heard.until("book")
      yield* sandbox.place(sandbox.operator, "sandbox-rain", buy(440_000n, 20n))
      const [change] = yield* heard.until("price_change")
      const changes = [change?.price_changes].flat()
      assert.deepInclude(changes[0], {
        asset_id: market.tokens[0],
        price: "0.44",
        size: "120",
        side: "BUY",
        best_bid: "0.44",
        best_ask: "0.45"
      })
      assert.deepInclude(changes[1], { asset_id: market.tokens[1], price: "0.56", size: "120", side: "SELL" })
    })
  )

  it.scopedLive("tells trades, then the book; levels that are used up have size 0", () =>
    Effect.gen(function* () {
      const { market, sandbox } = yield* scene
      const heard = yield* listen(`${sandbox.wsUrl}/market`, {
        assets_ids: [market.tokens[0]],
        type: "market",
        custom_feature_enabled: true
      })
      yield* heard.until("book")
      yield* sandbox.place(sandbox.operator, "sandbox-rain", buy(450_000n, 100n))
      const [trade] = yield* heard.until("last_trade_price")
      assert.deepInclude(trade, { price: "0.45", size: "100", side: "BUY" })
      yield* heard.until("book", 2)
      const [change] = heard.of("price_change")
      assert.deepInclude([change?.price_changes].flat()[0], { price: "0.45", size: "0", side: "SELL", best_ask: "" })
      assert.deepInclude(heard.of("best_bid_ask")[0], { best_bid: "0.44", best_ask: "" })
    })
  )

  it.scopedLive("tells a new tick, and to those who asked for it the end of a market", () =>
    Effect.gen(function* () {
      const { market, sandbox } = yield* scene
      const ask = (custom: boolean) =>
        listen(`${sandbox.wsUrl}/market`, {
          assets_ids: [market.tokens[0]],
          type: "market",
          custom_feature_enabled: custom
        })
      const [curious, plain] = [yield* ask(true), yield* ask(false)]
      yield* plain.until("book")
      yield* sandbox.setTick("sandbox-rain", "0.001")
      yield* sandbox.resolve("sandbox-rain", "second")
      const [tick] = yield* plain.until("tick_size_change")
      assert.deepInclude(tick, { old_tick_size: "0.01", new_tick_size: "0.001" })
      const [resolved] = yield* curious.until("market_resolved")
      assert.deepInclude(resolved, { winning_asset_id: market.tokens[1], winning_outcome: "No" })
      assert.lengthOf(plain.of("market_resolved"), 0)
    })
  )

  it.scopedLive("says no more of a token that nobody listens to", () =>
    Effect.gen(function* () {
      const { market, sandbox } = yield* scene
      const heard = yield* listen(`${sandbox.wsUrl}/market`, { assets_ids: market.tokens, type: "market" })
      yield* heard.until("book", 2)
      yield* heard.say({ operation: "unsubscribe", assets_ids: market.tokens })
      yield* heard.say("PING")
      yield* Effect.delay(Effect.void, 30)
      yield* sandbox.moveBook("sandbox-rain", 1)
      yield* Effect.delay(Effect.void, 30)
      assert.lengthOf(heard.of("price_change"), 0)
    })
  )
})

describe("the user channel", () => {
  it.scopedLive("tells an owner of placements, fills and cancels", () =>
    Effect.gen(function* () {
      const { market, sandbox } = yield* scene
      const heard = yield* listen(`${sandbox.wsUrl}/user`, subscription(sandbox.operator))
      yield* Effect.delay(Effect.void, 20)
      yield* sandbox.place(sandbox.operator, "sandbox-rain", buy(440_000n, 20n))
      const [placed] = yield* heard.until("order")
      assert.deepInclude(placed, { type: "PLACEMENT", status: "LIVE", size_matched: "0", original_size: "20" })
      yield* sandbox.setBook("sandbox-rain", { bids: [], asks: [["0.44", "15"]] })
      const [, updated] = yield* heard.until("order", 2)
      assert.deepInclude(updated, { type: "UPDATE", status: "MATCHED", size_matched: "15" })
      const trades = yield* heard.until("trade", 3)
      assert.deepStrictEqual(
        trades.map(({ status, trader_side }) => [status, trader_side]),
        [
          ["MATCHED", "MAKER"],
          ["MINED", "MAKER"],
          ["CONFIRMED", "MAKER"]
        ]
      )
      const made = [trades[0]?.maker_orders].flat()
      assert.deepInclude(made[0], { order_id: placed?.id, matched_amount: "15", price: "0.44", side: "BUY" })
      yield* sandbox.act({ do: "cancel", order: String(placed?.id) })
      const [, , cancelled] = yield* heard.until("order", 3)
      assert.deepInclude(cancelled, { type: "CANCELLATION", status: "CANCELED", size_matched: "15" })
      assert.strictEqual(cancelled?.market, market.conditionId)
    })
  )

  it.scopedLive("tells nobody of others, nor of markets that were not asked for", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      const other = yield* sandbox.another("other")
      const peace = yield* sandbox.market("sandbox-peace")
      const stranger = yield* listen(`${sandbox.wsUrl}/user`, subscription(other))
      const picky = yield* listen(
        `${sandbox.wsUrl}/user`,
        subscription(sandbox.operator, { markets: [peace.conditionId] })
      )
      yield* Effect.delay(Effect.void, 20)
      yield* sandbox.place(sandbox.operator, "sandbox-rain", buy(300_000n, 20n))
      yield* sandbox.place(sandbox.operator, "sandbox-peace", buy(100_000n, 20n))
      yield* picky.until("order")
      assert.deepStrictEqual(
        picky.frames.map(({ market }) => market),
        [peace.conditionId]
      )
      assert.lengthOf(stranger.frames, 0)
    })
  )

  it.scopedLive("hangs up on whoever has no key", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* scene
      const { key } = sandbox.operator
      const wrong = { auth: { apiKey: key.id, secret: key.secret, passphrase: "no" }, type: "user" }
      const heard = yield* listen(`${sandbox.wsUrl}/user`, wrong)
      yield* Effect.delay(Effect.void, 50)
      assert.isTrue(heard.closed())
    })
  )
})

describe("faults of the streams", () => {
  const moves = (sandbox: Sandbox.Sandbox, times: number) =>
    Effect.forEach(Array.from({ length: times }), (_, n) => sandbox.moveBook("sandbox-rain", n % 2 === 0 ? 1 : -1))

  const watched = Effect.gen(function* () {
    const { market, sandbox } = yield* scene
    const heard = yield* listen(`${sandbox.wsUrl}/market`, { assets_ids: [market.tokens[0]], type: "market" })
    yield* heard.until("book")
    return { heard, sandbox }
  })

  it.scopedLive("freeze: it answers PING and says nothing more", () =>
    Effect.gen(function* () {
      const { heard, sandbox } = yield* watched
      yield* sandbox.fault({ op: "market", kind: "freeze" })
      yield* moves(sandbox, 3)
      yield* heard.say("PING")
      yield* Effect.delay(Effect.void, 30)
      assert.lengthOf(heard.of("price_change"), 0)
      assert.include(heard.texts, "PONG")
      yield* sandbox.clearFaults
      yield* moves(sandbox, 1)
      yield* heard.until("price_change")
    })
  )

  it.scopedLive("duplicate, swallow and reorder", () =>
    Effect.gen(function* () {
      const { heard, sandbox } = yield* watched
      yield* sandbox.fault({ op: "market", kind: "duplicate", nth: 1 })
      yield* sandbox.fault({ op: "market", kind: "swallow", nth: 2 })
      yield* sandbox.fault({ op: "market", kind: "reorder", nth: 3 })
      const sizes = ["1", "2", "3", "4"]
      for (const size of sizes) {
        yield* sandbox.setBook("sandbox-rain", { bids: [["0.44", size]], asks: [["0.45", "100"]] })
      }
      yield* heard.until("price_change", 4)
      const heardSizes = heard
        .of("price_change")
        .map(({ price_changes }) => JSON.stringify(price_changes).match(/"size":"(\d+)"/)?.[1])
      assert.deepStrictEqual(heardSizes, ["1", "1", "4", "3"])
    })
  )

  it.scopedLive("seconds: times are a thousand times smaller", () =>
    Effect.gen(function* () {
      const { heard, sandbox } = yield* watched
      yield* moves(sandbox, 1)
      yield* sandbox.fault({ op: "market", kind: "seconds" })
      yield* moves(sandbox, 1)
      const digits = (yield* heard.until("price_change", 2)).map(({ timestamp }) => String(timestamp).length)
      assert.deepStrictEqual(digits, [13, 10])
    })
  )

  it.scopedLive("a dropped stream closes, and can be opened again", () =>
    Effect.gen(function* () {
      const { heard, sandbox } = yield* watched
      yield* sandbox.fault({ op: "market", kind: "dropStream", count: 1 })
      yield* moves(sandbox, 1)
      yield* Effect.delay(Effect.void, 50)
      assert.isTrue(heard.closed())
      const market = yield* sandbox.market("sandbox-rain")
      const again = yield* listen(`${sandbox.wsUrl}/market`, { assets_ids: market.tokens, type: "market" })
      yield* again.until("book", 2)
    })
  )
})
