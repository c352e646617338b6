import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Fill } from "../../src/domain/Answer.ts"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import { Price, Shares, UNIT } from "../../src/domain/Money.ts"
import type { Order, OrderState } from "../../src/domain/Order.ts"
import type { Simulation } from "../../src/domain/Plan.ts"
import * as Snapshot from "../../src/exchange/Snapshot.ts"
import { after, bytes, floorOn, kept, MARKET, type Memory, NOTHING, pending } from "./floor.ts"
import { anyOrder, cents, type Event, play, type Sent, type Sizes } from "./stream.ts"

const anyBook = (fetchedMillis: number): fc.Arbitrary<BookSnapshot> => {
  const side = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.bigInt(1n, 60n)), { minLength: 1, maxLength: 4 })
  return fc.tuple(fc.integer({ min: 47, max: 53 }), side, side).map(([mid, below, above]) => {
    const ladder = (rows: ReadonlyArray<readonly [number, bigint]>, outward: number, from: number) => {
      let at = from
      return rows.map(([distance, size]) => {
        at += outward * distance
        return { price: cents(at), size: Shares(size * 1_000_003n) }
      })
    }
    return {
      conditionId: MARKET.conditionId,
      bids: ladder(below, -1, mid + 1),
      asks: ladder(above, 1, mid),
      tick: MARKET.tick,
      venueMillis: undefined,
      fetchedMillis
    }
  })
}

interface Turn {
  readonly book: BookSnapshot
  readonly orders: ReadonlyArray<Order>
}

const turns = fc.integer({ min: 1, max: 6 }).chain((count) =>
  fc
    .tuple(...Array.from({ length: count }, (_, at) => anyBook(1000 * (at + 1))))
    .chain((books) =>
      fc.tuple(...books.map((book) => fc.tuple(fc.constant(book), fc.array(anyOrder(), { maxLength: 4 }))))
    )
    .map(
      (all): ReadonlyArray<Turn> =>
        all.map(([book, some], turn) => ({ book, orders: some.map((each, at) => ({ ...each, id: `${turn}.${at}` })) }))
    )
)

const simulations: fc.Arbitrary<Simulation> = fc.record({
  slippageTicks: fc.integer({ min: 0, max: 2 }),
  spreadCushion: fc.bigInt(0n, 2n).map((count) => Price(count * 10_000n)),
  liquidityFraction: fc.constantFrom(UNIT, 500_000n, 333_333n)
})

type Seen = ReadonlyMap<string, ReadonlyArray<readonly [bigint, bigint, bigint, string]>>

const entry = (fill: Fill) => [fill.shares, fill.price, fill.fee, fill.liquidity] as const

/** What each order fills where only the books of the turns are known: the orders that rest first, then the new ones. */
const bySnapshots = (
  all: ReadonlyArray<Turn>,
  simulation: Simulation
): { readonly seen: Seen; readonly asked: ReadonlyArray<Turn> } => {
  const asked: Array<Turn> = []
  const states = new Map<string, OrderState>()
  const seen = new Map<string, Array<readonly [bigint, bigint, bigint, string]>>()
  let memory: Memory = NOTHING
  for (const turn of all) {
    const { book, orders } = turn
    const floor = floorOn(book, { simulation })
    const resting = [...states.values()].filter((state) => state.status === "open")
    // A book that nobody asks about is not seen by a venue of snapshots.
    if (resting.length + orders.length > 0) asked.push(turn)
    for (const each of orders) states.set(each.id, pending(each))
    for (const reply of [
      () => Snapshot.refresh(floor, resting, memory, book.fetchedMillis),
      () => Snapshot.place(floor, orders, memory, book.fetchedMillis)
    ]) {
      const { answers, memory: written } = reply()
      memory = kept(memory, written)
      for (const answer of answers) {
        const state = states.get(answer.orderId)
        if (state !== undefined) states.set(answer.orderId, after(state, answer))
        seen.set(answer.orderId, [...(seen.get(answer.orderId) ?? []), ...answer.fills.map(entry)])
      }
    }
  }
  return { seen, asked }
}

const byEvents = (all: ReadonlyArray<Turn>, simulation: Simulation): Seen => {
  const sizes = (levels: BookSnapshot["bids"]): Sizes =>
    levels.map(({ price, size }) => [Number(price / MARKET.tick), Number(size)])
  const events = all.map(
    ({ book }): Event => ({ _tag: "full", bids: sizes(book.bids), asks: sizes(book.asks), at: book.fetchedMillis })
  )
  const sent = all.flatMap(({ book, orders }) => orders.map((order): Sent => ({ order, at: book.fetchedMillis })))
  const { answers } = play(events, sent, { simulation })
  const seen = new Map<string, Array<readonly [bigint, bigint, bigint, string]>>()
  for (const { fills, orderId } of answers) seen.set(orderId, [...(seen.get(orderId) ?? []), ...fills.map(entry)])
  return seen
}

describe("snapshots and events", () => {
  it("fill the same, takers and quotes that meet resting orders, where both know the same books", () => {
    fc.assert(
      fc.property(turns, simulations, (all, simulation) => {
        const { asked, seen: snapshots } = bySnapshots(all, simulation)
        const events = byEvents(asked, simulation)
        const ordered = (of: Seen) => bytes([...of].toSorted(([a], [b]) => (a < b ? -1 : 1)))
        assert.strictEqual(ordered(events), ordered(snapshots))
      }),
      { numRuns: 500 }
    )
  })
})
