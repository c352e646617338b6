import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as fc from "fast-check"
import { average, complement, cost, format, parse, proceeds, UNIT } from "../../src/domain/Money.ts"

const read = (text: string) => Option.getOrUndefined(parse(text))
const micro = fc.bigInt(-(10n ** 18n), 10n ** 18n)
const price = fc.bigInt(1n, UNIT - 1n)
const shares = fc.bigInt(0n, 10n ** 13n)

describe("money", () => {
  it("decimal text and micro-units are two forms of the same amount", () => {
    fc.assert(fc.property(micro, (amount) => assert.strictEqual(read(format(amount)), amount)))
  })

  it("is written without zeros beyond need", () => {
    assert.deepStrictEqual([450_000n, 1_000_000n, -1n, 0n, 100_000_000n].map(format), [
      "0.45",
      "1",
      "-0.000001",
      "0",
      "100"
    ])
  })

  it("reads what JSON calls a number, exponents included, without a float in between", () => {
    assert.strictEqual(read("0.1"), 100_000n)
    assert.strictEqual(read("1e2"), 100n * UNIT)
    assert.strictEqual(read("4.2e-1"), 420_000n)
    assert.strictEqual(read("0.4200000000000"), 420_000n)
    assert.strictEqual(read("9007199254740993"), 9_007_199_254_740_993n * UNIT)
  })

  it("a seventh decimal is refused, never rounded away", () => {
    for (const text of ["0.1234567", "1e-7", "0.0000001"]) assert.isTrue(Option.isNone(parse(text)), text)
  })

  it("what is no number is refused", () => {
    for (const text of ["", " 1", "1.", ".5", "+1", "1,5", "0x10", "NaN", "Infinity", "1e99999", "1e41"])
      assert.isTrue(Option.isNone(parse(text)), text)
  })

  it("a buyer pays the fraction of a micro-dollar that a seller does not get", () => {
    fc.assert(
      fc.property(price, shares, (at, count) => {
        const [paid, received] = [cost(at, count), proceeds(at, count)]
        assert.isTrue(received * UNIT <= at * count && at * count <= paid * UNIT)
        assert.isTrue(paid - received <= 1n)
      })
    )
  })

  it("one share of each outcome costs 1", () => {
    fc.assert(fc.property(price, (at) => assert.strictEqual(at + complement(at), UNIT)))
  })

  it("an average price is rounded half up to four decimals, and nothing has none", () => {
    const averageOf = (cash: bigint, count: bigint) => Option.getOrUndefined(Option.map(average(cash, count), format))
    assert.strictEqual(averageOf(65n * UNIT, 150n * UNIT), "0.4333")
    assert.strictEqual(averageOf(50_000n, 1_000_000n), "0.05")
    assert.strictEqual(averageOf(450_050n, UNIT), "0.4501")
    assert.strictEqual(averageOf(450_049n, UNIT), "0.45")
    assert.strictEqual(averageOf(UNIT, 0n), undefined)
  })
})
