import { assert, describe, it } from "@effect/vitest"
import { Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { EXPOSED, isTerminal, mayBecome, type OrderStatus, remaining } from "../../src/domain/Order.ts"
import { reservedCash } from "../../src/domain/Reserve.ts"
import { state } from "./orders.ts"

const ALL: ReadonlyArray<OrderStatus> = [
  "pending",
  "open",
  "filled",
  "cancelled",
  "expired",
  "rejected",
  "unknown",
  "delayed",
  "cancelling",
  "blocked"
]

describe("the life of an order", () => {
  it("ends for good once filled, cancelled, expired, rejected or blocked", () => {
    const ended = ALL.filter(isTerminal)
    assert.deepStrictEqual(ended, ["filled", "cancelled", "expired", "rejected", "blocked"])
    for (const from of ended) for (const to of ALL) assert.isFalse(mayBecome(from, to), `${from} to ${to}`)
  })

  it("holds cash or shares exactly while it has not ended", () => {
    assert.sameMembers(
      [...EXPOSED],
      ALL.filter((status) => !isTerminal(status))
    )
  })

  it("is blocked by our own rules only before it was sent", () => {
    assert.deepStrictEqual(
      ALL.filter((from) => mayBecome(from, "blocked")),
      ["pending"]
    )
  })

  it("is never sent again: nothing goes back to pending", () => {
    for (const from of ALL) assert.isFalse(mayBecome(from, "pending"), from)
  })

  it("once open it cannot be refused any more", () => {
    assert.isFalse(mayBecome("open", "rejected"))
    assert.isFalse(mayBecome("cancelling", "rejected"))
  })

  it("a partial fill keeps it open", () => {
    assert.isTrue(mayBecome("open", "open"))
  })
})

describe("what an order can still take", () => {
  it("is what is unfilled at the limit, and the fees not yet paid", () => {
    const partly = state(
      { worstFee: Usd(2_000_000n) },
      { filled: Shares(40n * UNIT), notional: Usd(18n * UNIT), fees: Usd(500_000n) }
    )
    assert.strictEqual(remaining(partly), 60n * UNIT)
    assert.strictEqual(reservedCash(partly), 31_500_000n)
  })

  it("of a budget is what is unspent", () => {
    const partly = state(
      { quantity: { _tag: "Budget", usd: Usd(50n * UNIT) }, worstFee: Usd(UNIT), price: Price(250_000n) },
      { filled: Shares(100n * UNIT), notional: Usd(20n * UNIT), fees: Usd(UNIT) }
    )
    assert.strictEqual(reservedCash(partly), 30n * UNIT)
    assert.strictEqual(remaining(partly), 120n * UNIT)
  })

  it("is no cash for a SELL, and nothing once all is filled", () => {
    assert.strictEqual(reservedCash(state({ side: "SELL" })), 0n)
    assert.strictEqual(reservedCash(state({}, { filled: Shares(100n * UNIT), notional: Usd(50n * UNIT) })), 0n)
  })
})
