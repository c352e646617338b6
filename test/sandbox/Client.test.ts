import { assert, describe, it } from "@effect/vitest"
import { AssetType, OrderType, Side } from "@polymarket/clob-client-v2"
import * as Effect from "effect/Effect"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { asks, clientFor, errorOf, options } from "./client.ts"

const BOOK = {
  bids: [
    ["0.44", "100"],
    ["0.43", "500"]
  ],
  asks: [
    ["0.45", "100"],
    ["0.46", "500"]
  ]
} as const

const scene = (signatureType: 0 | 1 | 2 | 3 = 0) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make({ signatureType, minedMillis: 0, confirmedMillis: 0 })
    yield* sandbox.setBook("sandbox-rain", BOOK)
    const market = yield* sandbox.market("sandbox-rain")
    return { sandbox, client: clientFor(sandbox), market, token: market.tokens[0] }
  })

describe("the official client, unchanged, at the sandbox", () => {
  it.scopedLive("creates an API key once and derives it afterwards", () =>
    Effect.gen(function* () {
      const { client, sandbox } = yield* scene()
      const { id, passphrase, secret } = sandbox.operator.key
      assert.deepStrictEqual(yield* asks(() => client.deriveApiKey()), { key: id, secret, passphrase })
      assert.deepStrictEqual(yield* asks(() => client.createOrDeriveApiKey()), { key: id, secret, passphrase })
      const other = yield* asks(() => client.createApiKey(7))
      assert.notStrictEqual(other.key, id)
      assert.deepStrictEqual(yield* asks(() => client.deriveApiKey(7)), other)
      const { apiKeys } = yield* asks(() => client.getApiKeys())
      assert.sameMembers(apiKeys.map(String), [id, other.key])
    })
  )

  it.scopedLive("reads the market as the venue tells it", () =>
    Effect.gen(function* () {
      const { client, market, token } = yield* scene()
      const book = yield* asks(() => client.getOrderBook(token))
      assert.deepStrictEqual(book.bids.at(-1), { price: "0.44", size: "100" })
      assert.deepStrictEqual(book.asks.at(-1), { price: "0.45", size: "100" })
      assert.strictEqual(book.last_trade_price, "")
      const { hash } = book
      assert.strictEqual(yield* asks(() => client.getOrderBookHash(book)), hash)
      const mirror = yield* asks(() => client.getOrderBook(market.tokens[1]))
      assert.deepStrictEqual(mirror.bids.at(-1), { price: "0.55", size: "100" })
      assert.deepStrictEqual(mirror.asks.at(-1), { price: "0.56", size: "100" })
      assert.strictEqual(yield* asks(() => client.getTickSize(token)), "0.01")
      assert.isFalse(yield* asks(() => client.getNegRisk(token)))
      assert.strictEqual(yield* asks(() => client.getFeeRateBps(token)), 1000)
      assert.strictEqual(yield* asks(() => client.getVersion()), 2)
      assert.strictEqual(yield* asks(() => client.getOk()), "OK")
      assert.deepStrictEqual(yield* asks(() => client.getMidpoint(token)), { mid: "0.445" })
      assert.deepStrictEqual(yield* asks(() => client.getSpread(token)), { spread: "0.01" })
      assert.deepStrictEqual(yield* asks(() => client.getLastTradePrice(token)), { price: "0.5", side: "" })
      assert.strictEqual((yield* asks(() => client.getClobMarketInfo(market.conditionId))).c, market.conditionId)
      assert.strictEqual((yield* asks(() => client.getMarket(market.conditionId))).condition_id, market.conditionId)
    })
  )

  for (const type of [0, 1, 2, 3] as const) {
    it.scopedLive(`rests, fills and cancels with signature type ${type}`, () =>
      Effect.gen(function* () {
        const { client, sandbox, token } = yield* scene(type)
        const rested = yield* asks(() =>
          client.createAndPostOrder({ tokenID: token, price: 0.4, size: 10, side: Side.BUY }, options(), OrderType.GTC)
        )
        assert.deepInclude(rested, { success: true, errorMsg: "", status: "live", makingAmount: "", takingAmount: "" })
        const filled = yield* asks(() =>
          client.createAndPostOrder({ tokenID: token, price: 0.46, size: 150, side: Side.BUY }, options())
        )
        assert.deepInclude(filled, { status: "matched", makingAmount: "68", takingAmount: "150" })
        assert.lengthOf(filled.transactionsHashes ?? [], 1)
        const open = yield* asks(() => client.getOpenOrders())
        assert.deepStrictEqual(
          open.map(({ id, maker_address, status }) => [id, maker_address, status]),
          [[rested.orderID, sandbox.operator.wallet.address, "LIVE"]]
        )
        const [trade] = yield* asks(() => client.getTrades())
        assert.strictEqual(trade?.taker_order_id, filled.orderID)
        assert.strictEqual(trade?.status, "CONFIRMED")
        assert.deepStrictEqual(yield* asks(() => client.cancelOrder({ orderID: rested.orderID })), {
          canceled: [rested.orderID],
          not_canceled: {}
        })
        assert.strictEqual((yield* asks(() => client.getOrder(rested.orderID))).status, "CANCELED")
        const gone = yield* asks(() => client.cancelOrder({ orderID: rested.orderID }))
        assert.deepStrictEqual(gone.not_canceled, {
          [rested.orderID]: "order can't be found - already canceled or matched"
        })
      })
    )
  }

  it.scopedLive("sees its balance in base units, and none under another signature type", () =>
    Effect.gen(function* () {
      const { client, sandbox, token } = yield* scene()
      const collateral = yield* asks(() => client.getBalanceAllowance({ asset_type: AssetType.COLLATERAL }))
      assert.strictEqual(collateral.balance, "10000000000")
      yield* asks(() =>
        client.createAndPostOrder({ tokenID: token, price: 0.45, size: 100, side: Side.BUY }, options())
      )
      const shares = yield* asks(() =>
        client.getBalanceAllowance({ asset_type: AssetType.CONDITIONAL, token_id: token })
      )
      assert.strictEqual(shares.balance, "100000000")
      // 45 dollars, and a fee of 100 x 0.05 x 0.45 x 0.55.
      const left = yield* asks(() => client.getBalanceAllowance({ asset_type: AssetType.COLLATERAL }))
      assert.strictEqual(left.balance, String(10_000_000_000n - 45_000_000n - 1_237_500n))
      const wrong = clientFor(sandbox, sandbox.operator, 2)
      const none = yield* asks(() => wrong.getBalanceAllowance({ asset_type: AssetType.COLLATERAL }))
      assert.strictEqual(none.balance, "0")
    })
  )

  it.scopedLive("spends an amount at once, whole or as far as it goes", () =>
    Effect.gen(function* () {
      const { client, token } = yield* scene()
      const whole = yield* asks(() =>
        client.createAndPostMarketOrder(
          { tokenID: token, amount: 46, price: 0.46, side: Side.BUY },
          options(),
          OrderType.FOK
        )
      )
      // 100 at 0.45 leave one dollar, which buys 2.1739 at 0.46: more than the 100 asked for.
      assert.deepInclude(whole, { status: "matched", takingAmount: "102.1739" })
      const sold = yield* asks(() =>
        client.createAndPostMarketOrder(
          { tokenID: token, amount: 100, price: 0.44, side: Side.SELL },
          options(),
          OrderType.FOK
        )
      )
      assert.deepInclude(sold, { status: "matched", makingAmount: "100", takingAmount: "44" })
      const partly = yield* asks(() =>
        client.createAndPostMarketOrder(
          { tokenID: token, amount: 500, price: 0.46, side: Side.BUY },
          options(),
          OrderType.FAK
        )
      )
      assert.strictEqual(partly.status, "matched")
      const order = yield* asks(() => client.getOrder(partly.orderID))
      assert.strictEqual(order.status, "CANCELED")
      assert.strictEqual(order.size_matched, "497.8261")
      const killed = yield* asks(() =>
        client.createAndPostMarketOrder(
          { tokenID: token, amount: 10, price: 0.45, side: Side.BUY },
          options(),
          OrderType.FOK
        )
      )
      assert.strictEqual(errorOf(killed), "order couldn't be fully filled. FOK orders are fully filled or killed.")
    })
  )

  it.scopedLive("is refused on fine ticks, where it rounds shares to more decimals than the venue takes", () =>
    Effect.gen(function* () {
      const { client, sandbox } = yield* scene()
      yield* sandbox.setBook("sandbox-fine", { bids: [], asks: [["0.497", "1000"]] })
      const { tokens } = yield* sandbox.market("sandbox-fine")
      const refused = yield* asks(() =>
        client.createAndPostMarketOrder(
          { tokenID: tokens[0], amount: 17.77, price: 0.497, side: Side.BUY },
          { tickSize: "0.001" },
          OrderType.FOK
        )
      )
      assert.strictEqual(
        errorOf(refused),
        "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, " +
          "taker amount a max of 4 decimals"
      )
    })
  )

  it.scopedLive("posts only, for a time, in batches, and cancels all, some, or those of a market", () =>
    Effect.gen(function* () {
      const { client, market, sandbox, token } = yield* scene()
      const order = (price: number, tokenID = token) =>
        asks(() => client.createOrder({ tokenID, price, size: 10, side: Side.BUY }, options()))
      const post = (price: number) =>
        Effect.flatMap(order(price), (made) => asks(() => client.postOrder(made, OrderType.GTC, true)))
      assert.strictEqual((yield* post(0.44)).status, "live")
      assert.strictEqual(errorOf(yield* post(0.45)), "invalid post-only order: order crosses book")

      const seconds = yield* asks(() => client.getServerTime())
      const timed = yield* asks(() =>
        client.createOrder(
          { tokenID: token, price: 0.3, size: 10, side: Side.BUY, expiration: seconds + 200 },
          options()
        )
      )
      assert.strictEqual((yield* asks(() => client.postOrder(timed, OrderType.GTD))).status, "live")

      const fine = yield* sandbox.market("sandbox-peace")
      const batch = yield* Effect.forEach([0.2, 0.21, 0.22], (price) => order(price))
      const elsewhere = yield* order(0.1, fine.tokens[0])
      const answers = yield* asks(() =>
        client.postOrders([...batch, elsewhere].map((each) => ({ order: each, orderType: OrderType.GTC })))
      )
      assert.deepStrictEqual(
        [answers].flat(2).map(({ status }) => status),
        ["live", "live", "live", "live"]
      )
      const ids = [answers].flat(2).map(({ orderID }) => String(orderID))
      const some = yield* asks(() => client.cancelOrders(ids.slice(0, 2)))
      assert.sameMembers(some.canceled, ids.slice(0, 2))
      const ofMarket = yield* asks(() => client.cancelMarketOrders({ market: market.conditionId }))
      assert.lengthOf(ofMarket.canceled, 3)
      const all = yield* asks(() => client.cancelAll())
      assert.deepStrictEqual(all.canceled, ids.slice(3))
      assert.lengthOf(yield* asks(() => client.getOpenOrders()), 0)
    })
  )

  it.scopedLive("trades neg-risk markets and both kinds of the newer protocol", () =>
    Effect.gen(function* () {
      const { client, sandbox } = yield* scene(3)
      for (const slug of ["sandbox-election", "sandbox-v2", "sandbox-v2-cup", "sandbox-fine"]) {
        const { ladder, tokens, version } = yield* sandbox.market(slug)
        const posted = yield* asks(() =>
          client.createAndPostOrder(
            { tokenID: tokens[1], price: 0.1, size: 10, side: Side.BUY },
            { tickSize: ladder.book.tick === 1000 ? "0.001" : "0.01", ...(version === "v2" ? options(3) : {}) }
          )
        )
        assert.strictEqual(posted.status, "live", slug)
      }
    })
  )

  it.scopedLive("beats, and loses its orders when it stops", () =>
    Effect.gen(function* () {
      const { client, sandbox, token } = yield* scene()
      const posted = yield* asks(() =>
        client.createAndPostOrder({ tokenID: token, price: 0.4, size: 10, side: Side.BUY }, options())
      )
      const first = yield* asks(() => client.postHeartbeat(""))
      yield* sandbox.advance(9_000)
      const second = yield* asks(() => client.postHeartbeat(first.heartbeat_id))
      yield* sandbox.advance(9_000)
      const lost = yield* asks(() => client.postHeartbeat(first.heartbeat_id))
      assert.deepStrictEqual(errorOf(lost), { error_msg: "Invalid Heartbeat ID", heartbeat_id: second.heartbeat_id })
      assert.strictEqual((yield* asks(() => client.getOrder(posted.orderID))).status, "LIVE")
      yield* sandbox.advance(1_000)
      assert.strictEqual((yield* asks(() => client.getOrder(posted.orderID))).status, "CANCELED")
    })
  )
})
