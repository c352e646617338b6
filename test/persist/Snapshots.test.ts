import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { MarketMemory } from "../../src/domain/Answer.ts"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import type { Market } from "../../src/domain/Market.ts"
import { UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { AT, ledger, price, shares } from "./scene.ts"

const market: Market = {
  marketId: "500123",
  slug: "will-it-rain",
  conditionId: "0xmarket",
  question: 'Will it "rain" in Łódź?',
  outcomes: ["Yes", "No"],
  tokenIds: ["1", "2"],
  tick: price(0.001),
  minSize: shares(5),
  fees: { rate: 70_000n, exponent: 1 },
  negRisk: true,
  version: "v2",
  closedBecause: undefined,
  takerDelayMillis: 250,
  payouts: undefined,
  source: "file:books/one.json"
}
const closed: Market = {
  ...market,
  conditionId: "0xclosed",
  fees: undefined,
  closedBecause: "it is resolved",
  payouts: [Usd(UNIT), Usd(0n)],
  source: "live"
}
const book: BookSnapshot = {
  conditionId: "0xmarket",
  bids: [{ price: price(0.449), size: shares(1234.56) }],
  asks: [],
  tick: price(0.001),
  venueMillis: undefined,
  fetchedMillis: AT - 7
}

describe("remember", () => {
  it.effect("keeps the last record of each market and the last book seen of it", () =>
    Effect.gen(function* () {
      const { remember, snapshots, sources } = yield* Ledger
      yield* remember([], AT)
      yield* remember([{ market, book }, { market: closed }], AT)
      yield* remember([{ market: { ...market, tick: price(0.01) } }], AT + 1)
      yield* remember([{ market: { ...market, tick: price(0.1) }, book: { ...book, venueMillis: 5 } }], AT - 1)

      const now = { market: { ...market, tick: price(0.01) }, book, takenMillis: AT + 1 }
      assert.deepStrictEqual(yield* snapshots(), [{ market: closed, book: undefined, takenMillis: AT }, now])
      assert.deepStrictEqual(yield* snapshots(["0xmarket", "0xnever"]), [now])
      assert.deepStrictEqual(yield* snapshots([]), [])
      assert.deepStrictEqual([...(yield* sources(["0xmarket", "0xnever"]))], [["0xmarket", "file:books/one.json"]])
    }).pipe(Effect.provide(ledger))
  )

  it.effect("leaves alone what the venue remembers, which may come before the record", () =>
    Effect.gen(function* () {
      const { append, memory, remember, snapshots, sources } = yield* Ledger
      const told: MarketMemory = { conditionId: "0xmarket", version: 0, tick: price(0.01), seenMillis: AT, levels: [] }
      yield* append({ answers: [], memory: [told] }, new Map(), "paper")
      assert.deepStrictEqual(yield* snapshots(), [])
      assert.deepStrictEqual([...(yield* sources(["0xmarket"]))], [])
      yield* remember([{ market, book }], AT)
      assert.deepStrictEqual([...(yield* memory(["0xmarket"]))], [["0xmarket", { ...told, version: 1 }]])
      assert.deepStrictEqual(yield* snapshots(), [{ market, book, takenMillis: AT }])
    }).pipe(Effect.provide(ledger))
  )

  it.effect("never waits in a circle, however many write the same markets in whatever order", () =>
    Effect.gen(function* () {
      const { append, remember } = yield* Ledger
      const markets = Array.from({ length: 40 }, (_, at) => ({ ...market, conditionId: `0x${at}` }))
      const told = markets.map(
        ({ conditionId }): MarketMemory => ({ conditionId, version: 0, tick: price(0.01), seenMillis: AT, levels: [] })
      )
      const writers = Array.from({ length: 12 }, (_, at) => {
        const sightings = markets.map((each) => ({ market: each }))
        return at % 4 === 3
          ? append({ answers: [], memory: told.toReversed() }, new Map(), "paper")
          : remember(at % 2 === 0 ? sightings : sightings.toReversed(), AT + at)
      })
      const written = yield* Effect.forEach(writers, (writer) => Effect.either(Effect.asVoid(writer)), {
        concurrency: "unbounded"
      })
      const failures = written.filter(Either.isLeft).map((each) => each.left._tag)
      assert.deepStrictEqual(failures, ["Conflict", "Conflict"])
    }).pipe(Effect.provide(ledger))
  )
})
