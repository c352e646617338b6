import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import { cost, Price, parse, proceeds, Shares, Usd } from "../../src/domain/Money.ts"
import type { Side } from "../../src/domain/Order.ts"
import * as Calibration from "../../src/report/Calibration.ts"
import { calibrationText } from "../../src/report/CalibrationTables.ts"
import { PLAIN } from "../../src/report/Table.ts"

const micro = (text: string): bigint => {
  const found = parse(text)
  return found._tag === "Some" ? found.value : -1n
}
const price = (text: string) => Price(micro(text))

/** So many shares at a price, with fees. */
const came = (shares: string, at: string, fees = "0", side: Side = "BUY"): Calibration.Outcome => ({
  qty: Shares(micro(shares)),
  notional: side === "BUY" ? cost(micro(at), micro(shares)) : proceeds(micro(at), micro(shares)),
  fees: Usd(micro(fees))
})
const NONE = came("0", "0")

/** A buyer of 100 shares who takes at 0.51 where the book was 0.49 / 0.51. */
const taking = (more: Partial<Calibration.Trial> = {}): Calibration.Trial => ({
  orderId: "t",
  category: "taking",
  side: "BUY",
  limit: price("0.52"),
  tick: price("0.01"),
  ordered: Shares(micro("100")),
  mid: price("0.5"),
  real: came("100", "0.51", "1.5"),
  fillMillis: 300,
  bands: { pessimistic: came("60", "0.51"), neutral: came("100", "0.51"), optimistic: came("100", "0.51") },
  mids: { "10s": price("0.52"), "1m": price("0.5"), "10m": undefined },
  ...more
})

/** A seller of 200 shares who rests at 0.53 where the mid was 0.5. */
const resting = (more: Partial<Calibration.Trial> = {}): Calibration.Trial => ({
  orderId: "r",
  category: "resting",
  side: "SELL",
  limit: price("0.53"),
  tick: price("0.01"),
  ordered: Shares(micro("200")),
  mid: price("0.5"),
  real: came("50", "0.53", "0", "SELL"),
  fillMillis: 9_000,
  bands: {
    pessimistic: NONE,
    neutral: came("100", "0.53", "0", "SELL"),
    optimistic: came("200", "0.53", "0", "SELL")
  },
  mids: { "10s": price("0.54"), "1m": undefined, "10m": price("0.4") },
  ...more
})

describe("what an order's book says of it", () => {
  const book: BookSnapshot = {
    conditionId: "0x1",
    bids: [{ price: price("0.42"), size: Shares(1n) }],
    asks: [{ price: price("0.45"), size: Shares(1n) }],
    tick: price("0.01"),
    venueMillis: undefined,
    fetchedMillis: 0
  }
  const seen = (side: Side, outcomeIndex: 0 | 1, limit: string) => {
    const { category, mid } = Calibration.sight({ side, outcomeIndex, price: price(limit) }, book)
    return `${category} ${mid}`
  }

  it("is whether its limit reaches the other side, and where the middle was, for either outcome", () => {
    assert.strictEqual(seen("BUY", 0, "0.45"), "taking 435000")
    assert.strictEqual(seen("BUY", 0, "0.44"), "resting 435000")
    assert.strictEqual(seen("SELL", 0, "0.42"), "taking 435000")
    assert.strictEqual(seen("SELL", 0, "0.43"), "resting 435000")
    // The second outcome is bid at 0.55 and offered at 0.58.
    assert.strictEqual(seen("BUY", 1, "0.58"), "taking 565000")
    assert.strictEqual(seen("BUY", 1, "0.57"), "resting 565000")
    assert.strictEqual(seen("SELL", 1, "0.55"), "taking 565000")
  })

  it("has no middle where one side is empty, and nothing to take there", () => {
    const half = { ...book, asks: [] }
    assert.deepStrictEqual(Calibration.sight({ side: "BUY", outcomeIndex: 0, price: price("0.9") }, half), {
      category: "resting",
      mid: undefined,
      tick: price("0.01")
    })
  })
})

describe("a calibration", () => {
  it("is that of a pencil", () => {
    const { all } = Calibration.calibrate([taking(), resting()])
    // 150 of 300 shares; 60, 200 and 300 in the bands.
    assert.deepStrictEqual(all.fillRate, { real: "0.5", pessimistic: "0.2", neutral: "0.666667", optimistic: "1" })
    // 100 shares a cent worse than the mid, 50 sold three cents better: (1 - 1.5) / 150.
    assert.deepStrictEqual(all.slippage, {
      real: "-0.003333",
      pessimistic: "0.01",
      // (100 x 0.01 - 100 x 0.03) / 200 and (100 x 0.01 - 200 x 0.03) / 300.
      neutral: "-0.01",
      optimistic: "-0.016667"
    })
    assert.deepStrictEqual(all.fee, { real: "0.01", pessimistic: "0", neutral: "0", optimistic: "0" })
    // After 10 s: 100 x (0.52 - 0.51) + 50 x (0.53 - 0.54), over 150.
    assert.strictEqual(all.markout["10s"].real, "0.003333")
    // After a minute the second market showed no middle.
    assert.strictEqual(all.markout["1m"].real, "-0.01")
    assert.deepStrictEqual(all.markout["10m"], { real: "0.13", pessimistic: null, neutral: "0.13", optimistic: "0.13" })
    assert.strictEqual(all.medianFillMillis, 9_000)
  })

  it("tells for each order whether it filled within the band", () => {
    const below = taking({ real: came("59.999999", "0.51") })
    const above = resting({ bands: { pessimistic: NONE, neutral: NONE, optimistic: came("49.99", "0.53") } })
    assert.deepStrictEqual([taking(), resting(), below, above].map(Calibration.verdictOf), [
      "inside",
      "inside",
      "below",
      "above"
    ])
    const { all } = Calibration.calibrate([taking(), resting(), below, above])
    assert.deepInclude({ ...all }, { orders: 4, inside: 2, below: 1, above: 1 })
  })

  it("groups by what the order did and by its distance from the mid in ticks", () => {
    const { groups } = Calibration.calibrate([
      taking(),
      resting(),
      resting({ limit: price("0.505") }),
      // Offered below the mid: ahead of everybody in a wide spread.
      resting({ limit: price("0.49") }),
      resting({ limit: price("0.6"), tick: price("0.001") }),
      resting({ mid: undefined }),
      taking({ side: "SELL", limit: price("0.49") })
    ])
    assert.deepStrictEqual(
      groups.map(({ category, orders, ticks }) => [category, ticks === null ? null : [ticks.from, ticks.to], orders]),
      [
        ["taking", [1, 2], 1],
        ["taking", [2, 5], 1],
        ["resting", [null, 0], 1],
        ["resting", [0, 1], 1],
        ["resting", [2, 5], 1],
        ["resting", [10, null], 1],
        ["resting", null, 1]
      ]
    )
    // Without a middle nothing can be said of slippage.
    assert.strictEqual(groups.at(-1)?.slippage.real, null)
  })

  it("has each order in one group, and in all the sum of the groups", () => {
    const trial = fc.record({
      category: fc.constantFrom<Calibration.Category>("taking", "resting"),
      side: fc.constantFrom<Side>("BUY", "SELL"),
      limit: fc.integer({ min: 1, max: 99 }).map((cents) => Price(BigInt(cents) * 10_000n)),
      mid: fc.option(
        fc.integer({ min: 2, max: 198 }).map((halves) => Price(BigInt(halves) * 5_000n)),
        { nil: undefined }
      ),
      real: fc.integer({ min: 0, max: 100 }).map((shares) => came(String(shares), "0.5"))
    })
    fc.assert(
      fc.property(fc.array(trial, { maxLength: 30 }), (some) => {
        const { all, groups } = Calibration.calibrate(some.map((each) => taking(each)))
        for (const name of ["orders", "inside", "below", "above"] as const)
          assert.strictEqual(
            groups.reduce((sum, group) => sum + group[name], 0),
            all[name]
          )
        assert.strictEqual(all.orders, some.length)
        assert.strictEqual(all.inside + all.below + all.above, all.orders)
      })
    )
  })
})

describe("a calibration for people", () => {
  it("sets what happened beside the three bands", () => {
    const text = calibrationText(Calibration.calibrate([taking(), resting()]), PLAIN)
    assert.match(text, /taking +│ +2 to 5 +│ +1 │ +100\.0% │ +60\.0% │ +100\.0% │ +100\.0% │ +1 │ +0 │ +0 │ +300 ms/)
    assert.match(text, /resting +│ +2 to 5 +│ +1 │ +25\.0% │ +0\.0% │ +50\.0% │ +100\.0% │ .* 9\.0 s/)
    assert.match(text, /all +│ +│ +-0\.0033 │ +0\.0100 │ +-0\.0100 │ +-0\.0167/)
    assert.include(text, "10m after the fill")
  })

  it("says so where there is nothing to compare", () => {
    assert.include(calibrationText(Calibration.calibrate([]), PLAIN), "nothing to compare yet")
  })
})
