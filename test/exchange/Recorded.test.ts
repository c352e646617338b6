import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import { PriceText, SharesText } from "../../src/domain/Money.ts"
import type { Order, OrderState } from "../../src/domain/Order.ts"
import { check } from "../../src/exchange/Integrity.ts"
import * as Snapshot from "../../src/exchange/Snapshot.ts"
import { shared } from "../shared.ts"
import { after, floorOn, kept, MARKET, type Memory, NOTHING, ofShares, order, pending, price } from "./floor.ts"

const Row = Schema.parseJson(
  Schema.Struct({
    bids: Schema.Array(Schema.Struct({ price: PriceText, size: SharesText })),
    asks: Schema.Array(Schema.Struct({ price: PriceText, size: SharesText })),
    local_timestamp: Schema.Union(Schema.NumberFromString, Schema.Number)
  })
)

const NAMES = ["ethereum-up-or-down-december-11-6am-et", "sol-updown-15m-1765450800"]
const files = NAMES.flatMap((name) =>
  ["up", "down"].flatMap((outcome) => shared(`data/books/${name}.${outcome}.books.jsonl.gz`) ?? [])
)

/** Recorded with the best level last; ours has it first. */
const snapshots = (file: string): ReadonlyArray<BookSnapshot> =>
  gunzipSync(readFileSync(file))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const row = Schema.decodeUnknownSync(Row)(line)
      return {
        conditionId: MARKET.conditionId,
        bids: row.bids.toReversed(),
        asks: row.asks.toReversed(),
        tick: MARKET.tick,
        venueMillis: undefined,
        fetchedMillis: row.local_timestamp
      }
    })

/** A taker of either side and outcome and a resting order on every tenth book, at and around its best prices. */
const ordersOn = (book: BookSnapshot, turn: number): ReadonlyArray<Order> => {
  const [bid, ask] = [book.bids[0]?.price, book.asks[0]?.price]
  if (turn % 10 !== 0 || bid === undefined || ask === undefined) return []
  const size = ofShares(`${50 + turn}`)
  return [
    order({ id: `${turn}.buy`, price: ask, quantity: size, timeInForce: "FAK" }),
    order({ id: `${turn}.sell`, side: "SELL", price: bid, quantity: size, timeInForce: "FAK" }),
    order({ id: `${turn}.no`, outcomeIndex: 1, price: price("0.99"), quantity: size, timeInForce: "FOK" }),
    order({ id: `${turn}.rest`, price: bid, quantity: size })
  ]
}

describe.skipIf(files.length === 0)("recorded books", () => {
  it("are sound, every one of them", () => {
    const all = files.flatMap(snapshots)
    assert.isAbove(all.length, 800)
    assert.deepStrictEqual(
      all.map(check).flatMap((each) => (Either.isLeft(each) ? [each.left.reason] : [])),
      []
    )
  })

  it("walked book by book never give more than they showed, and only within the limits", () => {
    for (const file of files) {
      const states = new Map<string, OrderState>()
      const allowed = new Map<bigint, bigint>()
      const met = new Map<bigint, bigint>()
      let memory: Memory = NOTHING
      let last: BookSnapshot | undefined
      let filled = 0
      snapshots(file).forEach((book, turn) => {
        const before = new Map(last?.asks.map((level) => [level.price, level.size]))
        for (const { price: at, size } of book.asks) {
          const rise = size - (before.get(at) ?? 0n)
          if (rise > 0n) allowed.set(at, (allowed.get(at) ?? 0n) + rise)
        }
        const floor = floorOn(book, last === undefined ? {} : { decidedOn: last })
        const orders = ordersOn(book, turn)
        for (const each of orders) states.set(each.id, pending(each))
        const resting = [...states.values()].filter((state) => state.status === "open")
        const refreshed = Snapshot.refresh(floor, resting, memory, book.fetchedMillis)
        memory = kept(memory, refreshed.memory)
        const placed = Snapshot.place(floor, orders, memory, book.fetchedMillis)
        memory = kept(memory, placed.memory)
        for (const answer of [...refreshed.answers, ...placed.answers]) {
          const state = states.get(answer.orderId)
          if (state === undefined) continue
          states.set(answer.orderId, after(state, answer))
          const { outcomeIndex, price: limit, side } = state.order
          for (const fill of answer.fills) {
            filled++
            assert.isTrue(side === "BUY" ? fill.price <= limit : fill.price >= limit)
            if (fill.liquidity === "taker" && side === "BUY" && outcomeIndex === 0) {
              met.set(fill.price, (met.get(fill.price) ?? 0n) + fill.shares)
              assert.isTrue((met.get(fill.price) ?? 0n) <= (allowed.get(fill.price) ?? 0n), `${file} ${turn}`)
            }
          }
        }
        last = book
      })
      assert.isAbove(filled, 50, file)
      for (const { filled: shares, order: of } of states.values()) {
        assert.isTrue(of.quantity._tag === "Shares" && shares <= of.quantity.shares)
      }
    }
  })
})
