import { join } from "node:path"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import { MarketDataUnavailable } from "../src/domain/Failure.ts"
import { UNIT, Usd } from "../src/domain/Money.ts"
import { MarketData } from "../src/layers/MarketData.ts"
import * as Paper from "../src/paper.ts"
import * as MemoryLedger from "../src/persist/memory/MemoryLedger.ts"
import * as Recorder from "../src/replay/Recorder.ts"
import { toMarket } from "../src/replay/TapeMarket.ts"
import { verify } from "../src/replay/Verify.ts"
import * as RunReport from "../src/report/RunReport.ts"
import { backtest, plan } from "./backtest/tapes.ts"
import { stream } from "./replay/tape/channel.ts"
import { folder, marketOf } from "./replay/tape/scene.ts"

const market = { ...toMarket(marketOf("first")), fees: { rate: 70_000n, exponent: 1 } }
const [UP] = market.tokenIds

const noBooks = new MarketDataUnavailable({ source: "test", message: "only the stream is asked" })
const data = Layer.succeed(
  MarketData,
  MarketData.of({
    markets: (ids) => Effect.succeed(new Map(ids.map((id) => [id, Either.right(market)]))),
    books: () => Effect.fail(noBooks)
  })
)

/** What the channel says at a time. */
const of = (event_type: string, fields: object) =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    event_type,
    market: market.conditionId,
    asset_id: UP,
    timestamp: String(now),
    ...fields
  }))
const level = (price: string, size: string) => ({ price, size })
const book = of("book", { hash: "", bids: [level("0.4", "10")], asks: [level("0.6", "20")] })
const sold = of("last_trade_price", { price: "0.4", size: "15", side: "SELL" })
const gone = of("price_change", { price_changes: [{ asset_id: UP, side: "BUY", ...level("0.4", "0") }] })

const bytes = plan([
  { marketId: "first", price: 0.4, size: 12, sizeUnit: "SHARES" },
  { marketId: "first", price: 0.6, size: 3, timeInForce: "FAK" }
])
const LATENCY = { _tag: "Constant", millis: 30 } as const

const session = (url: string, tape: string, millis: number, of: Uint8Array = bytes) =>
  Paper.run({
    bytes: of,
    file: "plan.json",
    paperBalance: Usd(1_000n * UNIT),
    progress: () => Effect.void,
    url,
    tape,
    millis,
    latency: LATENCY,
    tell: () => Effect.void,
    streamPatience: { ...Recorder.PATIENCE, flushEvery: "30 millis" }
  }).pipe(Effect.provide(Layer.mergeAll(data, NodeSocket.layerWebSocketConstructor, MemoryLedger.layer)))

describe("a paper session over the live stream", () => {
  it.scopedLive("fills behind its queue and by what is displayed, as a backtest over its tape does", () =>
    Effect.gen(function* () {
      const tape = join(yield* folder, "session.tape")
      const { url } = yield* stream((say) =>
        Effect.gen(function* () {
          yield* say(yield* book)
          yield* Effect.sleep("800 millis")
          yield* say(yield* sold)
          yield* say(yield* gone)
          yield* Effect.never
        })
      )
      const { failure, run } = yield* session(url, tape, 2_000)
      const brief = (orders: ReadonlyArray<RunReport.RunReport["orders"][number]>) =>
        orders.map((order) => `${order.status} ${order.filledQty} at ${order.avgFillPrice}, fees ${order.fees}`)
      const { orders } = RunReport.toJson(run)
      assert.strictEqual(failure, undefined)
      // 15 were sold at 0.4, where 10 stood before ours; 3 dollars buy 5 at 0.6, at 5 x 0.07 x 0.24.
      assert.deepStrictEqual(brief(orders), ["open 5 at 0.4, fees 0", "filled 5 at 0.6, fees 0.084"])
      assert.isTrue((yield* verify(tape)).ok)
      const again = yield* backtest(bytes, [tape], { latency: LATENCY })
      assert.deepStrictEqual(brief(again.orders), brief(orders))
      assert.deepStrictEqual(
        again.orders.map((order) => order.bands),
        orders.map((order) => order.bands)
      )
    })
  )

  it.scopedLive("in a quiet market leaves a tape that reaches to its end", () =>
    Effect.gen(function* () {
      const { url } = yield* stream((say) => Effect.zipRight(Effect.flatMap(book, say), Effect.never))
      const tape = join(yield* folder, "session.tape")
      const { run } = yield* session(url, tape, 700)
      const again = yield* backtest(bytes, [tape], { latency: LATENCY })
      assert.deepStrictEqual(
        again.orders.map((order) => order.status),
        run.orders.map(({ state }) => state.status)
      )
      assert.deepStrictEqual(
        again.orders.map((order) => order.status),
        ["open", "filled"]
      )
    })
  )

  it.scopedLive("ends as soon as nothing rests any more", () =>
    Effect.gen(function* () {
      const { url } = yield* stream((say) => Effect.zipRight(Effect.flatMap(book, say), Effect.never))
      const taking = plan([{ marketId: "first", price: 0.6, size: 3, timeInForce: "FAK" }])
      const started = yield* Clock.currentTimeMillis
      const { run } = yield* session(url, join(yield* folder, "session.tape"), 30_000, taking)
      assert.strictEqual(run.orders[0]?.state.status, "filled")
      assert.isBelow((yield* Clock.currentTimeMillis) - started, 10_000)
    })
  )

  it.scopedLive("places nothing where no book comes, and refuses a plan that is not on paper", () =>
    Effect.gen(function* () {
      const { url } = yield* stream(() => Effect.never)
      const out = join(yield* folder, "session.tape")
      const { run } = yield* session(url, out, 300)
      assert.strictEqual(run.status, "rejected")
      assert.deepStrictEqual(run.orders, [])
      const real = plan([{ marketId: "first", price: 0.4, size: 12, sizeUnit: "SHARES" }], { mode: "live" })
      assert.strictEqual((yield* Effect.flip(session(url, out, 300, real)))._tag, "InvalidInput")
    })
  )
})
