import { assert, describe, it } from "@effect/vitest"
import { complaints, decoded, only, type Texts, written } from "./written.ts"

const fine = (...all: ReadonlyArray<Texts>) => {
  for (const fields of all) assert.isAbove(only(fields).marketId.length, 0)
}

const wrong = (field: string, found: RegExp, ...values: ReadonlyArray<string>) => {
  for (const value of values) {
    const told = complaints({ [field]: value })
    assert.strictEqual(told.length, 1, told.join("\n"))
    assert.match(told[0] ?? "", found)
  }
}

describe("the fields of an instruction", () => {
  it("hold a price above 0 and below 1, with at most 4 decimals", () => {
    fine(...["0.0001", "0.9999", "0.50000000", "1e-4", "42e-2"].map((price) => ({ price })))
    wrong("price", /: found .*: expected a price above 0 and below 1/, "0", "1", "-0.5", "1.5", "42", "1e400", "-0")
    wrong("price", /more digits than any tick/, "0.42001", "0.00001", "0.99999999999999999999", "1e-400")
    wrong("price", /a string: .*without quotes/, '"0.42"')
    wrong("price", /: found .*: expected a price/, "null", "true", "[]", "{}")
  })

  it("hold a size above 0, at most a billion, with at most 6 decimals", () => {
    fine(...["0.000001", "1000000000", "1e9"].map((size) => ({ size })))
    wrong("size", /: found .*: expected a size above 0/, "0", "-1", "1000000000.000001", "1e50", "1e99999")
    wrong("size", /more than 6 decimals/, "0.0000001", "1.2345678")
    wrong("size", /is written with 4,002 characters/, `0.${"1".repeat(4000)}`)
  })

  it("hold names without spaces around them, control characters or excess length", () => {
    for (const field of ["marketId", "outcome"]) {
      wrong(field, /which is empty/, '""', '" "')
      wrong(field, /which has spaces around it/, '" a"', '"a\u00a0"')
      wrong(field, /control character/, '"a\\u0000b"', '"a\\nb"', '"a\\ud800"', '"a\\u202eb"')
      wrong(field, /which has 256 characters, more than 255/, `"${"a".repeat(256)}"`)
    }
    fine({ marketId: `"${"a".repeat(255)}"` }, { outcome: '"Trail Blazers 🏀"' })
  })

  it("hold whole seconds up to a year", () => {
    fine(...["1", "31536000", "60.0", "6e1"].map((cancelAfterSec) => ({ cancelAfterSec })))
    wrong("cancelAfterSec", /whole number of seconds from 1 to 31,536,000/, "0", "-1", "31536001", "1.5", '"60"')
  })

  it("hold notes of up to 2,000 characters", () => {
    fine({ notes: '""' }, { notes: '"a\\n\\tb"' }, { notes: `"${"a".repeat(2000)}"` })
    wrong("notes", /2,001 characters/, `"${"a".repeat(2001)}"`)
    wrong("notes", /control character/, '"\\u0000"', '"\\u001b[31m"')
  })

  it("hold only the words they know", () => {
    wrong("side", /expected "BUY" or "SELL"/, '"buy"', '"HOLD"', "1")
    wrong("type", /expected "LIMIT"/, '"MARKET"')
    wrong("timeInForce", /expected "GTC", "GTD", "GTT", "FOK", "FAK" or "IOC"/, '"DAY"')
    wrong("sizeUnit", /expected "USDC" or "SHARES"/, '"USD"')
    wrong("postOnly", /expected true or false/, '"true"', "0")
  })
})

describe("fields that do not go together", () => {
  it("a SELL in USDC", () => {
    assert.deepStrictEqual(complaints({ side: '"SELL"', sizeUnit: '"USDC"' }), [
      'sizeUnit: found "USDC": expected "SHARES" or no sizeUnit, because a SELL is sized in shares'
    ])
    fine({ side: '"SELL"' }, { side: '"SELL"', sizeUnit: '"SHARES"' })
  })

  it("a FOK or FAK BUY in shares", () => {
    for (const force of ["FOK", "FAK", "IOC"])
      assert.deepStrictEqual(complaints({ timeInForce: `"${force}"`, sizeUnit: '"SHARES"' }), [
        `sizeUnit: found "SHARES": expected "USDC" or no sizeUnit, because a ${force} BUY spends an amount of dollars`
      ])
    fine({ timeInForce: '"FOK"', sizeUnit: '"USDC"' }, { timeInForce: '"FAK"', side: '"SELL"', sizeUnit: '"SHARES"' })
  })

  it("a fee inside a size that is not a BUY's dollars", () => {
    const told = [
      "feesInclusive: found true: expected false or no feesInclusive, because only a BUY sized in USDC can include its fee"
    ]
    assert.deepStrictEqual(complaints({ feesInclusive: "true", side: '"SELL"' }), told)
    assert.deepStrictEqual(complaints({ feesInclusive: "true", sizeUnit: '"SHARES"' }), told)
    fine({ feesInclusive: "true" }, { feesInclusive: "false", side: '"SELL"' })
  })

  it("post-only with an order that never rests", () => {
    for (const force of ["FOK", "FAK", "IOC"])
      assert.deepStrictEqual(complaints({ timeInForce: `"${force}"`, postOnly: "true" }), [
        `postOnly: found true: expected false or no postOnly, because a ${force} order never rests`
      ])
    fine({ postOnly: "true" }, { timeInForce: '"FOK"', postOnly: "false" })
    fine({ timeInForce: '"GTD"', cancelAfterSec: "60", postOnly: "true" })
  })

  it("a lifetime with an order that never rests", () => {
    assert.deepStrictEqual(complaints({ timeInForce: '"FOK"', cancelAfterSec: "60" }), [
      "cancelAfterSec: found 60: expected no cancelAfterSec, because a FOK order never rests"
    ])
  })

  it("good till a time, and no time", () => {
    for (const force of ["GTD", "GTT"])
      assert.deepStrictEqual(complaints({ timeInForce: `"${force}"` }), [
        `timeInForce: found "${force}": expected a lifetime with it: cancelAfterSec here or defaults.goodForSeconds, because ${force} is good till a time`
      ])
    assert.strictEqual(only({ timeInForce: '"GTD"' }, { defaults: '{"goodForSeconds": 9}' }).lifetimeSeconds, 9)
  })

  it("are told beside faults in other fields", () => {
    assert.deepStrictEqual(complaints({ price: "7", side: '"SELL"', sizeUnit: '"USDC"' }).length, 2)
  })
})

describe("the settings of a plan", () => {
  const told = (fields: Texts) => complaints({}, fields)

  it("keep within their bounds", () => {
    for (const [block, field, good, bad] of [
      ["simulation", "slippageTicks", ["0", "100"], ["-1", "101", "0.5"]],
      ["simulation", "spreadCushion", ["0", "0.9999"], ["-0.1", "1", "0.00001"]],
      ["simulation", "liquidityFraction", ["0.000001", "1"], ["0", "1.1", '"1"']],
      ["risk", "maxNotionalUSD", ["0.01", "1000000000"], ["0", "-1", "1e10"]],
      ["risk", "maxOrderNotionalUSD", ["1"], ["0"]],
      ["risk", "maxOrders", ["1", "10000"], ["0", "10001", "2.5"]],
      ["risk", "maxSpread", ["0.0001", "0.9999"], ["0", "1", "0.00001"]],
      ["defaults", "maxNotionalUSD", ["2000"], ["0", '"2000"']],
      ["defaults", "goodForSeconds", ["1", "31536000"], ["0", "31536001", "1.5"]]
    ] as const) {
      for (const value of good) assert.strictEqual(decoded(written({ [block]: `{"${field}": ${value}}` })).planId, "p")
      for (const value of bad) {
        const [only, ...more] = told({ [block]: `{"${field}": ${value}}` })
        assert.deepStrictEqual(more, [])
        assert.match(only ?? "", new RegExp(`^${block}\\.${field}: found .*: expected`))
      }
    }
  })

  it("name the plan without spaces or control characters", () => {
    assert.match(told({ planId: '" p"' })[0] ?? "", /spaces around it/)
    assert.match(told({ planId: '"a\\tb"' })[0] ?? "", /control character/)
    assert.match(told({ planId: '""' })[0] ?? "", /which is empty/)
    assert.match(told({ planId: "5" })[0] ?? "", /in double quotes/)
    assert.strictEqual(decoded(written({ planId: '"Größe 1/2"' })).planId, "Größe 1/2")
  })
})
