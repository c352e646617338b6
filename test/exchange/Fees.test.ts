import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import type { FeeSchedule } from "../../src/domain/Market.ts"
import { cost, Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { takerFee, worstFee } from "../../src/exchange/Fees.ts"
import { shared } from "../shared.ts"
import { micro, price, shares, usd } from "./floor.ts"

const recorded = shared("data/vectors/fees.json")

const Documented = Schema.Struct({
  case: Schema.String,
  shares: Schema.String,
  fee_rate: Schema.String,
  price: Schema.String,
  liquidity: Schema.String,
  fee: Schema.String
})
const OnChain = Schema.Struct({
  side: Schema.Literal("BUY", "SELL"),
  maker_amount_filled: Schema.String,
  taker_amount_filled: Schema.String,
  fee: Schema.String,
  price: Schema.String,
  fee_rate: Schema.String
})
const Vectors = Schema.parseJson(
  Schema.Struct({ documented: Schema.Array(Documented), on_chain_order_filled: Schema.Array(OnChain) })
)
const vectors =
  recorded === undefined
    ? { documented: [], on_chain_order_filled: [] }
    : Schema.decodeUnknownSync(Vectors)(readFileSync(recorded, "utf8"))

const rated = (rate: string, exponent = 1): FeeSchedule => ({ rate: micro(rate), exponent })

describe("takerFee", () => {
  it.skipIf(recorded === undefined)("is the documented fee, floored to 5 decimals", () => {
    // Two documented cases round up, which no fee on chain does.
    const cases = vectors.documented.filter((each) => each.liquidity === "TAKER" && !each.case.startsWith("issue_3860"))
    assert.isAbove(cases.length, 10)
    for (const each of cases) {
      assert.strictEqual(takerFee(rated(each.fee_rate), price(each.price), shares(each.shares)), micro(each.fee))
    }
  })

  it.skipIf(recorded === undefined)("is to the micro-dollar what was charged on chain", () => {
    assert.isAbove(vectors.on_chain_order_filled.length, 10)
    for (const each of vectors.on_chain_order_filled) {
      const filled = BigInt(each.side === "BUY" ? each.taker_amount_filled : each.maker_amount_filled)
      assert.strictEqual(takerFee(rated(each.fee_rate), price(each.price), filled), BigInt(each.fee), each.price)
    }
  })

  it("gives the worked numbers for 100 shares", () => {
    const rows = [
      ["0.50", "1.75", "1.25", "1"],
      ["0.30", "1.47", "1.05", "0.84"],
      ["0.90", "0.63", "0.45", "0.36"],
      ["0.97", "0.2037", "0.1455", "0.1164"],
      ["0.01", "0.0693", "0.0495", "0.0396"]
    ] as const
    for (const [at, crypto, sports, politics] of rows) {
      assert.strictEqual(takerFee(rated("0.07"), price(at), shares("100")), micro(crypto))
      assert.strictEqual(takerFee(rated("0.05"), price(at), shares("100")), micro(sports))
      assert.strictEqual(takerFee(rated("0.04"), price(at), shares("100")), micro(politics))
    }
    assert.strictEqual(takerFee(rated("0.07"), price("0.40"), shares("239.9")), micro("4.03032"))
  })

  it("follows the exponent, and never charges less for a fractional one", () => {
    assert.strictEqual(takerFee(rated("0.07", 0), price("0.50"), shares("100")), micro("7"))
    assert.strictEqual(takerFee(rated("0.07", 2), price("0.50"), shares("100")), micro("0.4375"))
    assert.strictEqual(takerFee(rated("0.07", 1.5), price("0.50"), shares("100")), micro("1.75"))
  })
})

describe("worstFee", () => {
  const anyTick = fc.integer({ min: 1, max: 99 })
  const schedule = fc.record({ rate: fc.bigInt(0n, 100_000n), exponent: fc.integer({ min: 0, max: 3 }) })

  it("of shares is reached at 0.50, or at the limit below it", () => {
    const hundred = { _tag: "Shares", shares: shares("100") } as const
    assert.strictEqual(worstFee(rated("0.07"), price("0.90"), hundred, price("0.01")), micro("1.75"))
    assert.strictEqual(worstFee(rated("0.07"), price("0.30"), hundred, price("0.01")), micro("1.47"))
  })

  it("of shares covers any way of filling them within the limit", () => {
    fc.assert(
      fc.property(
        schedule,
        anyTick,
        fc.array(fc.tuple(fc.bigInt(1n, 500_000_000n), fc.nat()), { minLength: 1, maxLength: 6 }),
        (fees, limit, parts) => {
          const total = parts.reduce((sum, [size]) => sum + size, 0n)
          const paid = parts.reduce(
            (sum, [size, at]) => sum + takerFee(fees, Price(BigInt((at % limit) + 1) * 10_000n), size),
            0n
          )
          const limitPrice = Price(BigInt(limit) * 10_000n)
          const bound = worstFee(fees, limitPrice, { _tag: "Shares", shares: Shares(total) }, price("0.01"))
          assert.isTrue(paid <= bound, `${paid} > ${bound}`)
        }
      )
    )
  })

  it("of a budget covers any way of spending it within the limit", () => {
    fc.assert(
      fc.property(
        schedule,
        anyTick,
        fc.array(fc.tuple(fc.bigInt(1n, 100_000_000n), fc.nat()), { minLength: 1, maxLength: 6 }),
        (fees, limit, parts) => {
          let paid = 0n
          let spent = 0n
          for (const [part, at] of parts) {
            const each = Price(BigInt((at % limit) + 1) * 10_000n)
            const bought = (part * UNIT) / each
            paid += takerFee(fees, each, bought)
            spent += cost(each, bought)
          }
          const budget = { _tag: "Budget", usd: Usd(spent) } as const
          const bound = worstFee(fees, Price(BigInt(limit) * 10_000n), budget, price("0.01"))
          assert.isTrue(paid <= bound, `${paid} > ${bound}`)
        }
      )
    )
    assert.strictEqual(
      worstFee(rated("0.07"), price("0.50"), { _tag: "Budget", usd: usd("100") }, price("0.01")),
      micro("6.93")
    )
  })
})
