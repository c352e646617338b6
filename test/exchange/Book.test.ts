import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as Book from "../../src/exchange/Book.ts"
import { book, price } from "./floor.ts"

const walk = (of: Book.Book, side: Book.BookSide): ReadonlyArray<readonly [number, number]> => {
  const levels: Array<readonly [number, number]> = []
  for (let at = Book.best(of, side); Book.isPrice(of, at); at = Book.next(of, side, at)) {
    levels.push([at, Book.sizeAt(of, side, at)])
  }
  return levels
}

const updates = fc.array(
  fc.record({
    side: fc.constantFrom("bid" as const, "ask" as const),
    index: fc.integer({ min: 1, max: 99 }),
    size: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_000_000_000 }))
  }),
  { maxLength: 200 }
)

const built = (all: ReadonlyArray<{ side: Book.BookSide; index: number; size: number }>): Book.Book => {
  const made = Book.make(price("0.01"))
  for (const { index, side, size } of all) Book.set(made, side, index, size)
  return made
}

describe("Book", () => {
  it("lists a snapshot's levels from the best outward", () => {
    const loaded = Book.load(
      book(
        [
          ["0.44", "10"],
          ["0.40", "5.5"]
        ],
        [
          ["0.46", "7"],
          ["0.99", "1"]
        ]
      )
    )
    assert.deepStrictEqual(walk(loaded, "bid"), [
      [44, 10_000_000],
      [40, 5_500_000]
    ])
    assert.deepStrictEqual(walk(loaded, "ask"), [
      [46, 7_000_000],
      [99, 1_000_000]
    ])
  })

  it("has no best price on an empty side", () => {
    const empty = Book.make(price("0.0025"))
    assert.isFalse(Book.isPrice(empty, Book.best(empty, "bid")))
    assert.isFalse(Book.isPrice(empty, Book.best(empty, "ask")))
    assert.strictEqual(empty.steps, 400)
  })

  it("keeps its best prices through any updates", () => {
    fc.assert(
      fc.property(updates, (all) => {
        const made = built(all)
        for (const side of ["bid", "ask"] as const) {
          const last = new Map<number, number>()
          for (const update of all) if (update.side === side) last.set(update.index, update.size)
          const expected = [...last].filter(([, size]) => size > 0)
          expected.sort(([a], [b]) => (side === "bid" ? b - a : a - b))
          assert.deepStrictEqual(walk(made, side), expected)
        }
      })
    )
  })

  it("seen from the other outcome has each bid as an ask at 1 less the price, and back again", () => {
    fc.assert(
      fc.property(updates, (all) => {
        const made = built(all)
        const other = Book.mirror(made)
        assert.deepStrictEqual(
          walk(other, "bid"),
          walk(made, "ask").map(([at, size]) => [100 - at, size])
        )
        assert.deepStrictEqual(Book.mirror(other), made)
      })
    )
  })

  it("on a coarser grid leaves out what is no price there", () => {
    const fine = {
      ...book(
        [
          ["0.445", "1"],
          ["0.44", "2"]
        ],
        []
      ),
      tick: price("0.005")
    }
    assert.deepStrictEqual(walk(Book.load(fine, price("0.01")), "bid"), [[44, 2_000_000]])
    assert.deepStrictEqual(walk(Book.load(fine), "bid"), [
      [89, 1_000_000],
      [88, 2_000_000]
    ])
  })
})
