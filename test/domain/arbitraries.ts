import * as fc from "fast-check"
import type { FeeSchedule } from "../../src/domain/Market.ts"
import { Price, Shares, UNIT } from "../../src/domain/Money.ts"
import type { Sizable } from "../../src/domain/Sizing.ts"

/** Every tick the venue uses, in micro-dollars. */
export const TICKS = [100_000n, 10_000n, 5_000n, 2_500n, 1_000n, 100n] as const

export const tick = fc.constantFrom(...TICKS).map(Price)

/** A tick and a valid price on its grid. */
export const tickAndPrice = tick.chain((step) =>
  fc.record({ tick: fc.constant(step), price: fc.bigInt(1n, UNIT / step - 1n).map((n) => Price(n * step)) })
)

/** A size in micro-units, from dust to a million. */
export const amount = fc.oneof(fc.bigInt(1n, 20n * UNIT), fc.bigInt(1n, 1_000_000n * UNIT))

export const fees: fc.Arbitrary<FeeSchedule> = fc.record({
  rate: fc.constantFrom(0n, 30_000n, 50_000n, 72_000n),
  exponent: fc.constantFrom(1, 2)
})

export const shares = (count: bigint): Shares => Shares(count * UNIT)

/** An instruction of which an order can be made, with its tick and its market's fees. */
export const sizable = fc
  .record({ grid: tickAndPrice, size: amount, feesInclusive: fc.boolean(), postOnly: fc.boolean(), fees })
  .chain(({ grid, ...rest }) =>
    fc
      .constantFrom(
        { side: "BUY", sizeUnit: "USDC", timeInForce: "GTC" } as const,
        { side: "BUY", sizeUnit: "SHARES", timeInForce: "GTD" } as const,
        { side: "SELL", sizeUnit: "SHARES", timeInForce: "GTC" } as const,
        { side: "SELL", sizeUnit: "SHARES", timeInForce: "FAK" } as const,
        { side: "BUY", sizeUnit: "USDC", timeInForce: "FOK" } as const,
        { side: "BUY", sizeUnit: "USDC", timeInForce: "FAK" } as const
      )
      .map((kind) => ({
        tick: grid.tick,
        fees: rest.fees,
        instruction: sizableOf({ ...kind, ...rest, price: grid.price })
      }))
  )

const sizableOf = (of: Sizable): Sizable => ({
  side: of.side,
  price: of.price,
  size: of.size,
  sizeUnit: of.sizeUnit,
  feesInclusive: of.feesInclusive,
  timeInForce: of.timeInForce,
  postOnly: of.postOnly && (of.timeInForce === "GTC" || of.timeInForce === "GTD")
})
