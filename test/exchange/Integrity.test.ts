import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { check } from "../../src/exchange/Integrity.ts"
import { book, price } from "./floor.ts"

type Rows = Parameters<typeof book>[0]
const reason = (bids: Rows, asks: Rows): string =>
  Either.match(check(book(bids, asks)), { onLeft: (fault) => fault.reason, onRight: () => "sound" })

describe("Integrity.check", () => {
  it("lets a book pass whose best bid is below its best ask, or with one side empty", () => {
    assert.strictEqual(reason([["0.44", "1"]], [["0.45", "1"]]), "sound")
    assert.strictEqual(reason([["0.99", "1"]], []), "sound")
    assert.strictEqual(reason([], [["0.01", "0.000001"]]), "sound")
  })

  it("finds a crossed and a locked book", () => {
    assert.strictEqual(reason([["0.46", "1"]], [["0.45", "1"]]), "the book is crossed: best bid 0.46, best ask 0.45")
    assert.strictEqual(reason([["0.45", "1"]], [["0.45", "1"]]), "the book is locked: best bid 0.45, best ask 0.45")
  })

  it("finds an empty book", () => {
    assert.strictEqual(reason([], []), "the book is empty")
  })

  it("finds prices off the grid and outside 0 to 1", () => {
    assert.strictEqual(reason([["0.445", "1"]], []), "bid price 0.445 is off the grid of 0.01")
    assert.strictEqual(reason([], [["1", "1"]]), "ask price 1 is not between 0 and 1")
    assert.strictEqual(reason([["0", "1"]], []), "bid price 0 is not between 0 and 1")
    assert.strictEqual(reason([["-0.1", "1"]], []), "bid price -0.1 is not between 0 and 1")
  })

  it("finds sizes that are none", () => {
    assert.strictEqual(reason([["0.44", "0"]], []), "bid of 0.44 has size 0")
    assert.strictEqual(reason([], [["0.44", "-3"]]), "ask of 0.44 has size -3")
    assert.strictEqual(reason([["0.44", "9000000001"]], []), "bid of 0.44 has the impossible size 9000000001")
  })

  it("finds levels that are there twice or out of order", () => {
    assert.strictEqual(
      reason(
        [
          ["0.44", "1"],
          ["0.44", "1"]
        ],
        []
      ),
      "bid price 0.44 is there twice"
    )
    assert.strictEqual(
      reason(
        [
          ["0.43", "1"],
          ["0.44", "1"]
        ],
        []
      ),
      "bid price 0.44 is out of order"
    )
    assert.strictEqual(
      reason(
        [],
        [
          ["0.46", "1"],
          ["0.45", "1"]
        ]
      ),
      "ask price 0.45 is out of order"
    )
  })

  it("finds a tick that does not divide 1", () => {
    for (const tick of ["0", "0.03", "-0.01"]) {
      assert.isTrue(Either.isLeft(check({ ...book([["0.03", "1"]], []), tick: price(tick) })), tick)
    }
  })
})
