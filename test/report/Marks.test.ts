import { assert, describe, it } from "@effect/vitest"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import { Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { mark } from "../../src/report/Marks.ts"
import { position } from "./runs.ts"

const level = (price: bigint) => ({ price: Price(price), size: Shares(UNIT) })
const book: BookSnapshot = {
  conditionId: "sim-coin",
  bids: [level(440_000n), level(430_000n)],
  asks: [level(460_000n), level(470_000n)],
  tick: Price(10_000n),
  venueMillis: undefined,
  fetchedMillis: 0
}
const yes = position({ qty: Shares(100n * UNIT), costBasis: Usd(40n * UNIT) })
const no = { ...yes, outcomeIndex: 1, outcome: "No" } as const

describe("the mark of a position", () => {
  it("is the best bid of its outcome: what one could sell into", () => {
    assert.deepStrictEqual(mark(yes, book, undefined), {
      position: yes,
      mark: Price(440_000n),
      unrealizedPnl: Usd(4n * UNIT)
    })
  })

  it("of NO is 1 less the best offer of YES", () => {
    assert.deepStrictEqual(mark(no, book, undefined), {
      position: no,
      mark: Price(540_000n),
      unrealizedPnl: Usd(14n * UNIT)
    })
  })

  it("is 0 where nobody bids", () => {
    assert.strictEqual(mark(yes, { ...book, bids: [] }, undefined).unrealizedPnl, -40n * UNIT)
    assert.strictEqual(mark(no, { ...book, asks: [] }, undefined).mark, 0n)
  })

  it("is the payout once the market is resolved, whatever the book says", () => {
    const payouts = [Usd(UNIT), Usd(0n)] as const
    assert.strictEqual(mark(yes, book, payouts).mark, UNIT)
    assert.strictEqual(mark(no, undefined, payouts).unrealizedPnl, -40n * UNIT)
    assert.strictEqual(mark(yes, book, [Usd(500_000n), Usd(500_000n)]).unrealizedPnl, 10n * UNIT)
  })

  it("is unknown without a book, but what is no longer held has nothing to gain", () => {
    assert.deepStrictEqual(mark(yes, undefined, undefined), {
      position: yes,
      mark: undefined,
      unrealizedPnl: undefined
    })
    assert.strictEqual(mark(position(), undefined, undefined).unrealizedPnl, 0n)
  })
})
