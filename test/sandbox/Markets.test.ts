import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { conditionIdOf } from "../../src/domain/Market.ts"
import { Price, UNIT } from "../../src/domain/Money.ts"
import { MarketData } from "../../src/layers/MarketData.ts"
import * as Polymarket from "../../src/layers/marketdata/Polymarket.ts"
import * as Recorded from "../../src/layers/marketdata/Recorded.ts"
import { isPositionId } from "../../src/polymarket/Contracts.ts"
import * as Controls from "../../src/sandbox/Controls.ts"
import * as Feed from "../../src/sandbox/Feed.ts"
import * as Ladder from "../../src/sandbox/Ladder.ts"
import type { Listing } from "../../src/sandbox/Listing.ts"
import * as Markets from "../../src/sandbox/Markets.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { restBook, right } from "../layers/marketdata/fakeVenue.ts"
import { at, call, listAt } from "./caller.ts"

/** A book of the REST API in a file of its own, gone with the scope. */
const recording = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "sandbox-"))),
    (made) => Effect.sync(() => fs.rmSync(made, { recursive: true }))
  )
  const file = path.join(folder, "book.json")
  fs.writeFileSync(file, JSON.stringify(restBook))
  return file
})

const data = (sandbox: Sandbox.Sandbox) =>
  Effect.provide(MarketData, Polymarket.connected({ gammaUrl: `${sandbox.url}/gamma`, clobUrl: sandbox.url }))

const told = ({ ladder }: Listing) =>
  (["bid", "ask"] as const).map((side) =>
    Ladder.levels(ladder, 0, side).map(({ price, size }) => [Number(price) / 1e6, Number(size) / 1e6])
  )

describe("the sandbox's markets", () => {
  it.scopedLive("are read by our own market data like the venue's: by slug, numeric id and condition id", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make()
      const polymarket = yield* data(sandbox)
      for (const listing of sandbox.house.listings.values()) {
        const { conditionId, gammaId, slug, version } = listing
        const ids = [slug, gammaId, conditionId, ...(version === "v2" ? [conditionId.slice(0, 64)] : [])]
        const found = yield* polymarket.markets(ids)
        for (const id of ids) {
          const market = right(found.get(id))
          assert.deepInclude(market, {
            conditionId,
            slug,
            tokenIds: listing.tokens,
            outcomes: listing.outcomes,
            version,
            negRisk: listing.negRisk,
            tick: listing.tick,
            minSize: listing.minSize,
            fees: listing.fees,
            takerDelayMillis: listing.takerDelayMillis,
            closedBecause: undefined,
            payouts: undefined
          })
        }
        const market = right(found.get(slug))
        const books = yield* polymarket.books([market])
        const book = right(books.get(market.conditionId))
        assert.deepStrictEqual(book.bids, Ladder.levels(listing.ladder, 0, "bid"))
        assert.deepStrictEqual(book.asks, Ladder.levels(listing.ladder, 0, "ask"))
      }
    })
  )

  it.scopedLive("pay out, as our own market data reads it, once they are resolved", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make()
      const polymarket = yield* data(sandbox)
      yield* sandbox.resolve("sandbox-rain", "second")
      yield* sandbox.resolve("sandbox-v2", "void")
      const found = yield* polymarket.markets(["sandbox-rain", "sandbox-v2"])
      const payouts = [...found.values()].map((each) => right(each).payouts)
      assert.deepStrictEqual(payouts, [Controls.PAYOUTS.second, Controls.PAYOUTS.void])
      const rain = yield* sandbox.market("sandbox-rain")
      const said = yield* call(sandbox, "GET", `/v2/resolutions?condition=${rain.conditionId}`)
      const [resolution] = listAt(said.body, "data")
      assert.deepStrictEqual([at(resolution, "status"), listAt(resolution, "payouts")], ["resolved", [0, 1_000_000]])
      const short = yield* call(sandbox, "GET", `/v2/resolutions?condition=${rain.conditionId.slice(0, 64)}`)
      assert.strictEqual(short.status, 400)
      const gone = yield* call(sandbox, "GET", `/book?token_id=${rain.tokens[0]}`)
      assert.deepStrictEqual(
        [gone.status, at(gone.body, "error")],
        [404, "No orderbook exists for the requested token id"]
      )
    })
  )

  it.scopedLive("have a Gamma that knows no condition id by path, hides closed markets, and pages", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make()
      const { conditionId } = yield* sandbox.market("sandbox-rain")
      const byPath = yield* call(sandbox, "GET", `/gamma/markets/${conditionId}`)
      assert.deepStrictEqual([byPath.status, at(byPath.body, "error")], [422, "id is invalid"])
      const list = (query: string) =>
        Effect.map(call(sandbox, "GET", `/gamma/markets?${query}`), ({ body }) => [body].flat().length)
      assert.strictEqual(yield* list(`condition_ids=${conditionId}`), 1)
      yield* sandbox.resolve("sandbox-rain", "first")
      assert.strictEqual(yield* list(`condition_ids=${conditionId}`), 0)
      assert.strictEqual(yield* list(`condition_ids=${conditionId}&closed=true`), 1)
      const first = yield* call(sandbox, "GET", "/gamma/markets/keyset?limit=5")
      assert.lengthOf(listAt(first.body, "markets"), 5)
      const rest = yield* call(
        sandbox,
        "GET",
        `/gamma/markets/keyset?limit=5&after_cursor=${String(at(first.body, "next_cursor"))}`
      )
      assert.lengthOf(listAt(rest.body, "markets"), 2)
      assert.isNull(at(rest.body, "next_cursor"))
      // At the root of the port, what can only be meant for Gamma goes there.
      assert.strictEqual((yield* call(sandbox, "GET", "/markets/slug/sandbox-v2")).status, 200)
    })
  )

  it.scopedLive("tell the wallet's positions as the indexer does", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make({ minedMillis: 0 })
      yield* sandbox.setBook("sandbox-rain", { bids: [["0.44", "10"]], asks: [["0.45", "100"]] })
      yield* sandbox.place(sandbox.operator, "sandbox-rain", {
        outcome: 0,
        side: "BUY",
        price: Price(450_000n),
        amount: 10n * UNIT,
        type: "GTC"
      })
      const said = yield* call(sandbox, "GET", `/v2/positions?user=${sandbox.operator.wallet.address}`)
      const [position] = listAt(said.body, "data")
      assert.deepInclude(position, { outcome: "Yes", outcome_index: 0, current_size: 10, status: "OPEN" })
    })
  )

  it("have ids like the venue's, which follow from the seed", () => {
    const [one, other] = ["a", "b"].map((seed) => Markets.USUAL.map((wish) => Markets.termsOf(seed, wish)))
    assert.deepStrictEqual(
      one,
      Markets.USUAL.map((wish) => Markets.termsOf("a", wish))
    )
    assert.notDeepEqual(one, other)
    for (const { conditionId, gammaId, tokens, version } of one ?? []) {
      assert.match(conditionId, version === "v2" ? /^0x0[12][0-9a-f]{32}0{30}$/ : /^0x[0-9a-f]{64}$/)
      assert.match(gammaId, /^9\d{6}$/)
      for (const [index, token] of tokens.entries()) {
        assert.strictEqual(isPositionId(BigInt(token)), version === "v2")
        if (version !== "v2") continue
        assert.strictEqual(BigInt(token) & 0xffn, BigInt(index))
        const condition = `0x${(BigInt(token) >> 8n).toString(16).padStart(62, "0")}`
        assert.strictEqual(conditionIdOf(condition), conditionId)
      }
    }
  })

  it.scopedLive("move by the seed, the same way every time", () =>
    Effect.gen(function* () {
      const walk = Effect.scoped(
        Effect.gen(function* () {
          const sandbox = yield* Sandbox.make({ moveMillis: 1_000, seed: "walk" })
          const rain = yield* sandbox.market("sandbox-rain")
          const asks: Array<number> = []
          for (let n = 0; n < 8; n++) {
            yield* sandbox.advance(1_000)
            asks.push(rain.ladder.book.bestAsk)
          }
          return asks
        })
      )
      const [first, second] = [yield* walk, yield* walk]
      assert.deepStrictEqual(first, second)
      assert.isAbove(new Set(first).size, 1)
    })
  )
})

describe("a recorded market in the sandbox", () => {
  it.scopedLive("is traded under its own ids, on its own book, and what is taken of it stays gone", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make({ markets: [], minedMillis: 0, confirmedMillis: 0 })
      const layer = Recorded.layer(yield* recording)
      const [listing] = yield* Effect.provide(Feed.follow(sandbox, ["btc"], 20), layer)
      if (listing === undefined) return assert.fail("no market")
      const [bids, asks] = told(listing)
      assert.deepStrictEqual(
        [bids?.[0], asks?.[0]],
        [
          [0.95, 996],
          [0.96, 441.4]
        ]
      )
      yield* sandbox.place(sandbox.operator, listing.conditionId, {
        outcome: 0,
        side: "BUY",
        price: Price(960_000n),
        amount: 400n * UNIT,
        type: "GTC"
      })
      yield* Effect.sleep(60)
      assert.deepStrictEqual(told(listing)[1]?.[0], [0.96, 41.4])
      const strange = yield* Effect.either(Effect.provide(Feed.follow(sandbox, [`0x${"cd".repeat(32)}`], 1_000), layer))
      assert.isTrue(Either.isLeft(strange))
    })
  )
})
