import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { cost, Price, parse, proceeds, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import type { Quantity } from "../../src/domain/Order.ts"
import { notionalAt } from "../../src/domain/Reserve.ts"
import {
  CENT,
  type FeeBound,
  hasLeastNotional,
  isImmediate,
  MIN_TAKER_NOTIONAL,
  SHARE_STEP,
  type Sizable,
  sharesAt,
  size,
  smallestSize,
  wholeCentStep
} from "../../src/domain/Sizing.ts"
import { worstFee } from "../../src/exchange/Fees.ts"
import { shared } from "../shared.ts"
import { sizable, tickAndPrice } from "./arbitraries.ts"

const FREE: FeeBound = () => Usd(0n)
const micro = (text: string): bigint => Option.getOrThrow(parse(text))

const buy = (price: string, amount: string, more?: Partial<Sizable>): Sizable => ({
  side: "BUY",
  price: Price(micro(price)),
  size: micro(amount),
  sizeUnit: "USDC",
  feesInclusive: false,
  timeInForce: "GTC",
  postOnly: false,
  ...more
})

const sharesOf = (quantity: Quantity): bigint => (quantity._tag === "Shares" ? quantity.shares : -1n)
const ordered = (instruction: Sizable, marketable = false, bound = FREE) =>
  Option.getOrThrow(Either.getRight(size(instruction, marketable, bound))).quantity
const refusedAs = (instruction: Sizable, marketable = false) =>
  Option.getOrThrow(Either.getLeft(size(instruction, marketable, FREE))).code

describe("sizing", () => {
  it("100 USDC at a limit of 0.50 order 200 shares", () => {
    assert.strictEqual(sharesOf(ordered(buy("0.5", "100"))), 200n * UNIT)
  })

  it("shares are floored to hundredths, so the notional stays within the size", () => {
    assert.strictEqual(sharesOf(ordered(buy("0.42", "500"))), micro("1190.47"))
    assert.strictEqual(sharesOf(ordered(buy("0.42", "12.8205", { side: "SELL", sizeUnit: "SHARES" }))), micro("12.82"))
  })

  it("a BUY that meets the book at once is for whole cents", () => {
    assert.strictEqual(sharesOf(ordered(buy("0.57", "100"), true)), 175n * UNIT)
    assert.strictEqual(sharesOf(ordered(buy("0.57", "100"), false)), micro("175.43"))
  })

  it("post-only never takes: it needs no whole cents and no fee", () => {
    const sized = Option.getOrThrow(Either.getRight(size(buy("0.57", "100", { postOnly: true }), true, () => Usd(5n))))
    assert.strictEqual(sharesOf(sized.quantity), micro("175.43"))
    assert.strictEqual(sized.worstFee, 0n)
  })

  it("FOK and FAK buys spend the size, floored to cents", () => {
    for (const timeInForce of ["FOK", "FAK"] as const) {
      assert.deepStrictEqual(ordered(buy("0.56", "9.9996", { timeInForce })), {
        _tag: "Budget",
        usd: Usd(micro("9.99"))
      })
    }
  })

  it("units that an order cannot have are refused", () => {
    assert.strictEqual(refusedAs(buy("0.5", "10", { side: "SELL" })), "SIZE_UNIT_UNSUPPORTED")
    assert.strictEqual(refusedAs(buy("0.5", "10", { timeInForce: "FOK", sizeUnit: "SHARES" })), "SIZE_UNIT_UNSUPPORTED")
  })

  it("a size that rounds to nothing is refused", () => {
    assert.strictEqual(refusedAs(buy("0.5", "0.004")), "SIZE_ROUNDS_TO_ZERO")
    assert.strictEqual(refusedAs(buy("0.5", "0.009", { timeInForce: "FAK" })), "SIZE_ROUNDS_TO_ZERO")
    assert.strictEqual(refusedAs(buy("0.1234", "3"), true), "SIZE_ROUNDS_TO_ZERO")
  })

  it("fees inside the size leave fewer shares", () => {
    const bound: FeeBound = (quantity) =>
      worstFee({ rate: 72_000n, exponent: 1 }, Price(500_000n), quantity, Price(10_000n))
    // 100 shares cost 50 and up to 1.8 of fees; 1.018 dollars buy what 1 dollar and its fee do.
    assert.strictEqual(sharesOf(ordered(buy("0.5", "51.8", { feesInclusive: true }), false, bound)), 100n * UNIT)
    assert.strictEqual(sharesOf(ordered(buy("0.5", "51.8"), false, bound)), micro("103.6"))
  })

  it("the step for whole cents is the smallest there is", () => {
    fc.assert(
      fc.property(tickAndPrice, ({ price }) => {
        const step = wholeCentStep(price)
        assert.isTrue(step % SHARE_STEP === 0n && cost(price, step) % CENT === 0n)
        for (const divisor of [2n, 5n]) {
          const smaller = step / divisor
          const isStep = step % divisor === 0n && smaller % SHARE_STEP === 0n
          assert.isFalse(isStep && (price * smaller) % (UNIT * CENT) === 0n, `${smaller} would do`)
        }
      })
    )
  })

  it("never orders more than the size pays for, on any tick, and signs amounts that imply the limit", () => {
    fc.assert(
      fc.property(sizable, fc.boolean(), ({ fees, instruction, tick }, marketable) => {
        const bound: FeeBound = (quantity) => worstFee(fees, instruction.price, quantity, tick)
        Either.match(size(instruction, marketable, bound), {
          onLeft: ({ code }) => assert.strictEqual(code, "SIZE_ROUNDS_TO_ZERO"),
          onRight: ({ quantity, worstFee: fee }) => {
            const notional = notionalAt(instruction.price, quantity)
            if (instruction.sizeUnit === "USDC") {
              const charged = instruction.feesInclusive ? notional + fee : notional
              assert.isTrue(charged <= instruction.size, "within the size")
            }
            if (quantity._tag === "Budget") return assert.strictEqual(quantity.usd % CENT, 0n)
            assert.strictEqual(quantity.shares % SHARE_STEP, 0n, "hundredths of shares")
            assert.strictEqual(notional * UNIT, instruction.price * quantity.shares, "amounts imply the limit exactly")
            if (instruction.sizeUnit === "SHARES") assert.isTrue(quantity.shares <= instruction.size)
            if (instruction.side === "BUY" && marketable && !instruction.postOnly)
              assert.strictEqual(notional % CENT, 0n, "whole cents")
          }
        })
      }),
      { numRuns: 500 }
    )
  })

  it("orders the most that fits: one step more would not", () => {
    fc.assert(
      fc.property(sizable, fc.boolean(), ({ fees, instruction, tick }, marketable) => {
        const bound: FeeBound = (quantity) =>
          instruction.postOnly ? Usd(0n) : worstFee(fees, instruction.price, quantity, tick)
        const sized = Either.getRight(size(instruction, marketable, bound))
        if (Option.isNone(sized)) return
        const { quantity } = sized.value
        const takes = instruction.side === "BUY" && marketable && !instruction.postOnly
        const more: Quantity =
          quantity._tag === "Budget"
            ? { _tag: "Budget", usd: Usd(quantity.usd + CENT) }
            : {
                _tag: "Shares",
                shares: Shares(quantity.shares + (takes ? wholeCentStep(instruction.price) : SHARE_STEP))
              }
        const needed =
          instruction.sizeUnit === "SHARES"
            ? sharesAt(instruction.price, more)
            : notionalAt(instruction.price, more) + (instruction.feesInclusive ? bound(more) : 0n)
        assert.isTrue(needed > instruction.size)
      }),
      { numRuns: 500 }
    )
  })

  it("the smallest valid size is valid, and a micro-unit less is not", () => {
    fc.assert(
      fc.property(
        sizable,
        fc.boolean(),
        fc.constantFrom(0n, 5n, 15n),
        ({ fees, instruction, tick }, marketable, least) => {
          const bound: FeeBound = (quantity) => worstFee(fees, instruction.price, quantity, tick)
          const minSize = Shares(least * UNIT)
          const isValid = (amount: bigint) =>
            Either.match(size({ ...instruction, size: amount }, marketable, bound), {
              onLeft: () => false,
              onRight: ({ quantity }) =>
                sharesAt(instruction.price, quantity) >= minSize &&
                (!hasLeastNotional(instruction, marketable) ||
                  notionalAt(instruction.price, quantity) >= MIN_TAKER_NOTIONAL)
            })
          const smallest = smallestSize(instruction, marketable, bound, minSize)
          assert.isTrue(isValid(smallest), "valid")
          assert.isFalse(isValid(smallest - 1n), "smallest")
        }
      ),
      { numRuns: 500 }
    )
  })

  const Vectors = Schema.parseJson(
    Schema.Struct({
      vectors: Schema.Array(
        Schema.Struct({
          kind: Schema.String,
          side: Schema.Literal("BUY", "SELL"),
          price: Schema.String,
          size: Schema.optional(Schema.String),
          maker_amount: Schema.String,
          taker_amount: Schema.String
        })
      )
    })
  )

  const vectors = shared("data/vectors/order_amounts.json")
  it.skipIf(vectors === undefined)("limit orders come to the amounts of the venue's own clients", () => {
    const rows = Schema.decodeSync(Vectors)(readFileSync(vectors ?? "", "utf8")).vectors.filter(
      (row) => row.kind === "limit"
    )
    assert.isAbove(rows.length, 40)
    for (const row of rows) {
      const instruction = buy(row.price, row.size ?? "0", { side: row.side, sizeUnit: "SHARES" })
      assert.isFalse(isImmediate(instruction))
      const shares = sharesOf(ordered(instruction))
      const cash = row.side === "BUY" ? cost(instruction.price, shares) : proceeds(instruction.price, shares)
      const [maker, taker] = row.side === "BUY" ? [cash, shares] : [shares, cash]
      assert.deepStrictEqual([`${maker}`, `${taker}`], [row.maker_amount, row.taker_amount], row.price)
    }
  })
})
