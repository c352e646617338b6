import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "fast-check"
import { format, ZERO_SHARES } from "../../src/domain/Money.ts"
import type { Order } from "../../src/domain/Order.ts"
import * as Pit from "../../src/exchange/Pit.ts"
import * as Trial from "../../src/exchange/Trial.ts"
import { book, floorOn, MARKET, ofBudget, ofShares, order, PLAIN, price, shares } from "./floor.ts"

const told = (trial: Trial.Trial | undefined) =>
  (["pessimistic", "neutral", "optimistic"] as const)
    .map((band) => `${format(trial?.[band].qty ?? -1n)} for ${format(trial?.[band].notional ?? -1n)}`)
    .join(", ")

const begun = (orders: ReadonlyArray<Order>, ...floor: Parameters<typeof floorOn>) => [
  ...Trial.begin(floorOn(...floor), orders, 2000).values()
]

const BEFORE = book([["0.47", "500"]], [["0.50", "300"]])
const NOW = book(
  [["0.47", "500"]],
  [
    ["0.50", "60"],
    ["0.51", "100"]
  ],
  1500
)

describe("what the simulator makes of a real order as it leaves", () => {
  it("is what the book shown gives, less where the one decided on showed less, more where that showed more", () => {
    const [trial] = begun([order({ price: price("0.51"), quantity: ofShares("200") })], NOW, { decidedOn: BEFORE })
    assert.strictEqual(told(trial), "60 for 30, 160 for 81, 200 for 100")
    assert.isTrue(trial?.rests)
  })

  it("counts the fee of every level that is taken", () => {
    const [trial] = begun([order({ price: price("0.51") })], NOW)
    // 0.07 x 60 x 0.5 x 0.5 + 0.07 x 40 x 0.51 x 0.49
    assert.strictEqual(format(trial?.neutral.fees ?? 0n), "1.74972")
  })

  it("leaves the second order what the first one left", () => {
    const both = begun(
      [order({ id: "one", quantity: ofShares("50") }), order({ id: "two", quantity: ofShares("50") })],
      NOW
    )
    assert.deepStrictEqual(both.map(told), ["50 for 25, 50 for 25, 50 for 25", "10 for 5, 10 for 5, 10 for 5"])
  })

  it("is nothing for a post-only order that crosses, and unsaid where the fee is unknown or the book cannot be used", () => {
    assert.strictEqual(told(begun([order({ postOnly: true })], NOW)[0]), "0 for 0, 0 for 0, 0 for 0")
    assert.deepStrictEqual(begun([order({})], NOW, { market: { ...MARKET, fees: undefined } }), [])
    const broken = {
      ...floorOn(NOW),
      pits: new Map([["sim-rain", Pit.make(MARKET, Either.left("crossed"), undefined)]])
    }
    assert.strictEqual(Trial.begin(broken, [order({})], 2000).size, 0)
  })
})

describe("a real order that rests", () => {
  const rests = (at = "0.47", more: Partial<Order> = {}) => {
    const of = order({ price: price(at), ...more })
    const [trial] = begun([of], NOW)
    return { of, trial: trial ?? assert.fail("nothing was said") }
  }
  const seen = ({ of, trial }: ReturnType<typeof rests>, snapshot: typeof NOW, ours = "100") =>
    Trial.later(trial, of, { snapshot, ours: shares(ours), simulation: PLAIN, atMillis: 3000 })

  it("stands behind what was displayed, not behind itself", () => {
    const scene = rests()
    assert.deepStrictEqual([format(scene.trial.ahead), format(scene.trial.seen)], ["500", "500"])
    const later = seen(scene, book([["0.47", "600"]], [["0.50", "60"]], 2500))
    assert.strictEqual(later, scene.trial)
  })

  it("may have filled, to an optimist, once all that stood ahead has left", () => {
    const scene = rests()
    const half = { ...scene, trial: seen(scene, book([["0.47", "300"]], [["0.50", "60"]], 2500)) }
    assert.strictEqual(format(half.trial.ahead), "200")
    assert.strictEqual(told(half.trial), "0 for 0, 0 for 0, 0 for 0")
    const none = seen(half, book([["0.47", "100"]], [["0.50", "60"]], 2600))
    assert.strictEqual(told(none), "0 for 0, 0 for 0, 100 for 47")
  })

  it("fills at its own limit, without a fee, when the other side comes to it", () => {
    const touched = seen(rests(), book([["0.46", "5"]], [["0.47", "40"]], 2500), "0")
    assert.strictEqual(told(touched), "0 for 0, 40 for 18.8, 100 for 47")
    assert.strictEqual(touched.neutral.fees, 0n)
    const crossed = seen(rests(), book([["0.40", "5"]], [["0.46", "400"]], 2500), "0")
    assert.strictEqual(told(crossed), "100 for 47, 100 for 47, 100 for 47")
    assert.isFalse(crossed.rests)
  })

  it("of the second outcome stands on the other side of the same book", () => {
    const scene = rests("0.50", { outcomeIndex: 1, outcome: "No", tokenId: "2" })
    assert.strictEqual(format(scene.trial.ahead), "60")
    assert.strictEqual(
      seen(
        scene,
        book(
          [["0.47", "500"]],
          [
            ["0.50", "160"],
            ["0.51", "100"]
          ],
          2500
        )
      ),
      scene.trial
    )
    const gone = seen(scene, book([["0.47", "500"]], [["0.51", "100"]], 2500))
    assert.strictEqual(told(gone), "0 for 0, 0 for 0, 100 for 50")
  })

  it("is not moved by a book that cannot be used", () => {
    const scene = rests()
    assert.strictEqual(seen(scene, book([["0.55", "1"]], [["0.50", "1"]], 2500)), scene.trial)
  })
})

const anySize = fc.integer({ min: 1, max: 400 }).map(String)
const anyLevels = (from: number, outward: 1 | -1) =>
  fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), anySize), { maxLength: 4 }).map((rows) => {
    let at = from
    return rows.map(([gap, size]): readonly [string, string] => {
      at += gap * outward
      return [(at / 100).toFixed(2), size]
    })
  })
const anyBook = fc
  .integer({ min: 30, max: 70 })
  .chain((mid) =>
    fc.tuple(anyLevels(mid + 1, -1), anyLevels(mid + 1, 1)).filter(([bids, asks]) => bids.length + asks.length > 0)
  )
const anyOrder = fc.record({
  side: fc.constantFrom("BUY" as const, "SELL" as const),
  outcomeIndex: fc.constantFrom(0 as const, 1 as const),
  price: fc.integer({ min: 25, max: 75 }).map((cents) => price((cents / 100).toFixed(2))),
  quantity: anySize.map(ofShares)
})

describe("every trial", () => {
  it("says no less in a more hopeful band, however the books move, and never more than was ordered", () => {
    let filled = 0
    fc.assert(
      fc.property(anyOrder, fc.array(anyBook, { minLength: 1, maxLength: 6 }), (parts, books) => {
        const of = order(parts)
        const [first = [[], []], ...others] = books
        let [trial] = begun([of], book(...first))
        others.forEach((next, at) => {
          if (trial === undefined) return
          trial = Trial.later(trial, of, {
            snapshot: book(...next, 2500 + at),
            ours: ZERO_SHARES,
            simulation: PLAIN,
            atMillis: 3000 + at
          })
        })
        if (trial === undefined) return
        const { neutral, optimistic, pessimistic } = trial
        assert.isTrue(pessimistic.qty <= neutral.qty && neutral.qty <= optimistic.qty, told(trial))
        const ordered = of.quantity._tag === "Shares" ? of.quantity.shares : 0n
        assert.isTrue(optimistic.qty <= ordered, told(trial))
        if (neutral.qty > 0n && trial.rests) filled += 1
      }),
      { numRuns: 2000 }
    )
    assert.isAbove(filled, 50)
  })

  it("of a budget spends no more than it", () => {
    const [trial] = begun([order({ timeInForce: "FAK", quantity: ofBudget("40"), price: price("0.51") })], NOW)
    assert.strictEqual(told(trial), "79.6078 for 39.999978, 79.6078 for 39.999978, 79.6078 for 39.999978")
  })
})
