import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { floorTo, Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import type { Quantity, Side, TimeInForce } from "../../src/domain/Order.ts"
import { amountsOf } from "../../src/polymarket/Amounts.ts"
import { amount, TICKS, tickAndPrice } from "../domain/arbitraries.ts"
import { FILES, OtherAmounts, Rounding, read } from "./vectors.ts"

const CENT = 10_000n
const shareCount = (shares: bigint): Quantity => ({ _tag: "Shares", shares: Shares(shares) })
const budget = (usd: bigint): Quantity => ({ _tag: "Budget", usd: Usd(usd) })

const side: fc.Arbitrary<Side> = fc.constantFrom("BUY", "SELL")
const resting: fc.Arbitrary<TimeInForce> = fc.constantFrom("GTC", "GTD")
const immediate: fc.Arbitrary<TimeInForce> = fc.constantFrom("FOK", "FAK")
const RUNS = { numRuns: 1_000 }
const hundredths = amount.map((micros) => floorTo(micros, CENT) + CENT)

describe("signed amounts", () => {
  it("P-67: of a number of shares are the limit itself, on both sides, on every tick", () => {
    fc.assert(
      fc.property(tickAndPrice, hundredths, resting, side, (at, shares, timeInForce, side) => {
        const found = amountsOf({ side, price: at.price, quantity: shareCount(shares), timeInForce }, at.tick)
        const [usd, signed] =
          side === "BUY" ? [found.makerAmount, found.takerAmount] : [found.takerAmount, found.makerAmount]
        assert.strictEqual(signed, shares)
        assert.strictEqual(usd * UNIT, at.price * signed)
      }),
      RUNS
    )
  })

  it("of a SELL that must fill at once are the limit itself: the venue refuses rounded proceeds", () => {
    fc.assert(
      fc.property(tickAndPrice, hundredths, immediate, (at, shares, timeInForce) => {
        const order = { side: "SELL", price: at.price, quantity: shareCount(shares), timeInForce } as const
        const { makerAmount, takerAmount } = amountsOf(order, at.tick)
        assert.strictEqual(makerAmount, shares)
        assert.strictEqual(takerAmount * UNIT, at.price * shares)
      }),
      RUNS
    )
  })

  it("of shares finer than a hundredth leave the rest out", () => {
    const order = {
      side: "BUY",
      price: Price(570_000n),
      quantity: shareCount(12_345_678n),
      timeInForce: "GTC"
    } as const
    assert.deepStrictEqual(amountsOf(order, Price(10_000n)), { makerAmount: 7_033_800n, takerAmount: 12_340_000n })
  })

  it("P-31: of a BUY for an amount are whole cents and at most 4 decimals of shares, 3 at tick 0.1", () => {
    fc.assert(
      fc.property(tickAndPrice, amount, immediate, (at, usd, timeInForce) => {
        const order = { side: "BUY", price: at.price, quantity: budget(usd), timeInForce } as const
        const { makerAmount, takerAmount } = amountsOf(order, at.tick)
        const step = at.tick === 100_000n ? 1_000n : 100n
        assert.strictEqual(makerAmount, usd - (usd % CENT))
        assert.strictEqual(takerAmount % step, 0n)
        assert.isTrue(takerAmount * at.price <= makerAmount * UNIT)
        assert.isTrue((takerAmount + step) * at.price > makerAmount * UNIT)
      }),
      RUNS
    )
  })

  it("of a BUY for a dollar or more allow the limit, and no price of the grid above it", () => {
    const holds = (tick: Price, price: Price, usd: bigint, timeInForce: TimeInForce) => {
      const order = { side: "BUY", price, quantity: budget(usd), timeInForce } as const
      const { makerAmount, takerAmount } = amountsOf(order, tick)
      assert.isTrue(price * takerAmount <= makerAmount * UNIT)
      assert.isTrue((price + tick) * takerAmount > makerAmount * UNIT)
    }
    for (const tick of TICKS) holds(Price(tick), Price(UNIT - tick), UNIT, "FOK")
    fc.assert(
      fc.property(tickAndPrice, amount, immediate, (at, more, timeInForce) =>
        holds(at.tick, at.price, UNIT + more, timeInForce)
      ),
      RUNS
    )
  })

  it("of a BUY of shares that must fill at once are those of its notional in whole cents", () => {
    fc.assert(
      fc.property(tickAndPrice, hundredths, immediate, (at, shares, timeInForce) => {
        const order = { side: "BUY", price: at.price, timeInForce } as const
        const notional = (at.price * shares) / UNIT
        const found = amountsOf({ ...order, quantity: shareCount(shares) }, at.tick)
        assert.deepStrictEqual(found, amountsOf({ ...order, quantity: budget(notional) }, at.tick))
        assert.isTrue(found.takerAmount <= shares)
      }),
      RUNS
    )
  })
})

/** What the venue's client was asked for, and what it made of that. */
type Vector = {
  readonly side: Side
  readonly price: Price
  readonly tick: Price
  readonly makerAmount: bigint
  readonly takerAmount: bigint
} & ({ readonly size: bigint } | { readonly amount: bigint })

/**
 * Signs what the client signed, but for one kind: a BUY for an amount on a tick finer than 0.01 keeps 5 or 6 decimals of
 * shares there, which the venue refuses ("taker amount a max of 4 decimals"). Its first 4 decimals are ours. True for those.
 */
const differs = (vector: Vector): boolean => {
  const { makerAmount, price, side, takerAmount, tick } = vector
  const immediate = "amount" in vector
  const capped = immediate && side === "BUY"
  const quantity = !immediate ? shareCount(vector.size) : capped ? budget(vector.amount) : shareCount(vector.amount)
  const found = amountsOf({ side, price, quantity, timeInForce: immediate ? "FAK" : "GTC" }, tick)
  const expected = capped ? takerAmount - (takerAmount % 100n) : takerAmount
  assert.deepStrictEqual(found, { makerAmount, takerAmount: expected }, `${side} at ${price}, tick ${tick}`)
  return expected !== takerAmount
}

describe("amounts that the venue's client makes are ours, capped where the venue caps:", () => {
  it.skipIf(FILES.rounding === undefined)("as recorded", () => {
    const { limitVectors, marketVectors } = read(Rounding, FILES.rounding)
    assert.deepStrictEqual(limitVectors.filter(differs), [])
    assert.deepStrictEqual(
      marketVectors.filter(differs).map(({ tick }) => tick),
      [1_000n, 100n]
    )
  })

  it.skipIf(FILES.otherAmounts === undefined)("as its own tests expect", () => {
    const { vectors } = read(OtherAmounts, FILES.otherAmounts)
    assert.isAbove(vectors.length, 50)
    const ticks = new Set(vectors.filter(differs).map(({ tick }) => tick))
    assert.deepStrictEqual([...ticks].sort(), [100n, 1_000n])
  })
})
