import { assert, describe, it } from "@effect/vitest"
import { Price, UNIT } from "../../src/domain/Money.ts"
import * as Controls from "../../src/sandbox/Controls.ts"
import type { Wanted } from "../../src/sandbox/Placing.ts"
import { floorOf, must, NOW, post, rows, show } from "./house.ts"

const BUY: Wanted = { outcome: 0, side: "BUY", price: Price(400_000n), amount: 10n * UNIT, type: "GTC" }

/** An account's 10 shares between 100 of nobody's before them and 50 behind, then as many of nobody's as are said. */
const queue = (left: bigint) => {
  const floor = floorOf({ accounts: 2 })
  show(floor, rows([40n, 100n]), [])
  const { id } = post(floor, BUY)
  show(floor, rows([40n, 150n]), [])
  show(floor, rows([40n, left]), [])
  const seller = must(floor.operators[1])
  Controls.credit(floor.house, seller.wallet, floor.listing.tokens[0], 1_000n * UNIT, NOW)
  const sold = (shares: bigint) => {
    post(floor, { ...BUY, side: "SELL", amount: shares * UNIT, type: "FAK" }, seller)
    return floor.house.orders.get(must(id))?.matched
  }
  return sold
}

describe("the queue at a price", () => {
  it("has liquidity of nobody before an order that came later, and behind one that came earlier", () => {
    const sold = queue(150n)
    assert.deepStrictEqual([sold(100n), sold(4n), sold(6n)], [0n, 4n * UNIT, 10n * UNIT])
  })

  it("loses liquidity of nobody from the back: nobody gains a place by it", () => {
    const sold = queue(110n)
    assert.deepStrictEqual([sold(100n), sold(10n)], [0n, 10n * UNIT])
    const fewer = queue(60n)
    assert.deepStrictEqual([fewer(60n), fewer(10n)], [0n, 10n * UNIT])
  })
})
