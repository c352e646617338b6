import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as TestClock from "effect/TestClock"
import * as fc from "fast-check"
import { format, Price } from "../../../src/domain/Money.ts"
import { check } from "../../../src/exchange/Integrity.ts"
import { MarketData } from "../../../src/layers/MarketData.ts"
import { layer } from "../../../src/layers/marketdata/Simulated.ts"
import { bookAt, hash } from "../../../src/layers/marketdata/SimulatedBook.ts"
import { right } from "./fakeVenue.ts"

const DAY = 86_400_000

const service = (seed: string) => Effect.provide(MarketData, layer(seed))

/** Records and books of these ids at these times. */
const seen = (seed: string, ids: ReadonlyArray<string>, times: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const data = yield* service(seed)
    return yield* Effect.forEach(times, (time) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(time)
        const markets = [...(yield* data.markets(ids)).values()].map((market) => right(market))
        return { markets, books: [...(yield* data.books(markets)).values()] }
      })
    )
  })

const bytes = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part))

const market = (id: string) =>
  Effect.map(seen("seed", [id], [0]), ([first]) => {
    assert.isDefined(first?.markets[0])
    return right(Either.fromNullable(first?.markets[0], () => "none"))
  })

const book = (id: string, time = 0) =>
  Effect.map(
    seen("seed", [id], [time]),
    ([first]) => first?.books[0] ?? Either.left({ conditionId: id, reason: "none" })
  )

describe("simulated markets", () => {
  it.effect("are the same bytes for the same seed, id and time, and others for another seed", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 40 }, (_, n) => `market-${n}`)
      const times = [DAY * 20_000, DAY * 20_000 + 60_000]
      const first = bytes(yield* seen("seed", ids, times))
      assert.strictEqual(bytes(yield* seen("seed", ids, times)), first)
      assert.notStrictEqual(bytes(yield* seen("other", ids, times)), first)
    })
  )

  it.effect("have another book a minute later, and the same within the minute", () =>
    Effect.gen(function* () {
      const start = DAY * 20_000
      const moments = yield* seen("seed", ["a"], [start, start + 30_000, start + 600_000])
      const sides = moments.map(({ books }) => books.map((found) => bytes([right(found).bids, right(found).asks])))
      assert.deepStrictEqual(sides[0], sides[1])
      assert.notDeepEqual(sides[0], sides[2])
    })
  )

  it.effect("show only sound books over ten days: on the grid, uncrossed, with whole cents of shares", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 30 }, (_, n) => `m${n}`)
      const times = Array.from({ length: 240 }, (_, hour) => DAY * 20_500 + hour * 3_600_000 + hour * 61_000)
      const ticks = new Set<string>()
      const fees = new Set<string>()
      for (const { books, markets } of yield* seen("seed", ids, times)) {
        for (const { fees: fee, tick } of markets) {
          ticks.add(format(tick))
          fees.add(format(fee?.rate ?? -1n))
        }
        for (const found of books) {
          const sound = right(Either.flatMap(found, check))
          assert.isAtLeast(sound.bids.length, 1)
          assert.isAtLeast(sound.asks.length, 1)
          for (const { size } of [...sound.bids, ...sound.asks]) assert.strictEqual(size % 10_000n, 0n)
        }
      }
      assert.deepStrictEqual([...ticks].sort(), ["0.001", "0.01"])
      assert.deepStrictEqual([...fees].sort(), ["0", "0.04", "0.05", "0.07"])
    })
  )

  it("are sound for any seed, id and date", () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 0, max: DAY * 40_000 }), (seed, id, at) => {
        const shape = { conditionId: id, key: hash(`${seed} ${id}`), pinnedAsk: undefined }
        return [Price(10_000n), Price(1_000n)].every((tick) => Either.isRight(check(bookAt({ ...shape, tick }, at))))
      })
    ))

  it.effect("carry sim- before their id, once", () =>
    Effect.gen(function* () {
      const [plain, marked] = [yield* market("demo"), yield* market("sim-demo")]
      assert.deepStrictEqual(plain, marked)
      assert.deepInclude(plain, { marketId: "sim-demo", conditionId: "sim-demo", source: "sim" })
      assert.deepEqual(plain.tokenIds, ["sim-demo-yes", "sim-demo-no"])
    })
  )

  it.effect("are resolved or closed where their id says so", () =>
    Effect.gen(function* () {
      for (const [ending, pays] of [
        ["yes", ["1", "0"]],
        ["no", ["0", "1"]],
        ["void", ["0.5", "0.5"]]
      ] as const) {
        const resolved = yield* market(`x-resolved-${ending}`)
        assert.deepEqual(resolved.payouts?.map(format), [...pays])
        assert.strictEqual(resolved.closedBecause, "resolved")
        assert.isTrue(Either.isLeft(yield* book(`x-resolved-${ending}`)))
      }
      assert.deepInclude(yield* market("x-closed"), { closedBecause: "not accepting orders", payouts: undefined })
      assert.deepInclude(yield* market("x"), { closedBecause: undefined, payouts: undefined })
    })
  )

  it.effect("keep a pinned ask for ever, on a tick that holds it", () =>
    Effect.gen(function* () {
      for (const [ask, bid, tick] of [
        ["0.45", "0.44", "0.01"],
        ["0.455", "0.454", "0.001"],
        ["0.9999", "0.9998", "0.0001"],
        ["0.01", undefined, "0.01"]
      ] as const) {
        for (const time of [0, DAY * 21_000 + 12_345]) {
          const found = right(yield* book(`demo-ask-${ask}`, time))
          assert.deepEqual([format(found.asks[0]?.price ?? 0n), format(found.tick)], [ask, tick])
          assert.strictEqual(format(found.asks[0]?.size ?? 0n), "1000")
          const best = found.bids[0]
          assert.strictEqual(best && format(best.price), bid)
        }
        assert.strictEqual(format((yield* market(`demo-ask-${ask}`)).tick), tick)
      }
      assert.strictEqual((yield* market("demo-ask-0.45-closed")).closedBecause, "not accepting orders")
    })
  )

  it.effect("do not exist where the pinned ask is no price", () =>
    Effect.gen(function* () {
      const data = yield* service("seed")
      for (const id of ["sim-a-ask-1.5", "sim-a-ask-0", "sim-a-ask-x", "sim-a-ask-0.12345", " "]) {
        assert.strictEqual((yield* data.markets([id])).get(id)?._tag, "Left", id)
      }
    })
  )

  it.effect("give no book for a market of another source", () =>
    Effect.gen(function* () {
      const data = yield* service("seed")
      const foreign = { ...(yield* market("x")), conditionId: "0xabc" }
      assert.strictEqual((yield* data.books([foreign])).get("0xabc")?._tag, "Left")
    })
  )

  it.live("cost the same at any date: 200 books in a few milliseconds", () =>
    Effect.gen(function* () {
      const data = yield* service("seed")
      const markets = [...(yield* data.markets(Array.from({ length: 200 }, (_, n) => `m${n}`))).values()].map((m) =>
        right(m)
      )
      yield* data.books(markets)
      const before = yield* Clock.currentTimeNanos
      yield* data.books(markets)
      const millis = Number((yield* Clock.currentTimeNanos) - before) / 1e6
      assert.isBelow(millis, 100)
    })
  )
})
