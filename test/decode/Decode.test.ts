import { assert, describe, it } from "@effect/vitest"
import { complaints, decoded, instruction, lines, listing, only, refused, written } from "./written.ts"

describe("a plan that is right", () => {
  it("needs five fields for an instruction; the rest has defaults", () => {
    const { hash, ...plan } = decoded(written())
    assert.match(hash, /^[0-9a-f]{64}$/)
    assert.deepStrictEqual<unknown>(plan, {
      planId: "p",
      mode: "paper",
      onReject: "stop",
      simulation: { slippageTicks: 0, spreadCushion: 0n, liquidityFraction: 1_000_000n },
      limits: { maxNotional: undefined, maxOrderNotional: undefined, maxOrders: undefined, maxSpread: undefined },
      instructions: [
        {
          marketId: "sim-a",
          outcome: "YES",
          side: "BUY",
          price: 420_000n,
          size: 500_000_000n,
          sizeUnit: "USDC",
          feesInclusive: false,
          timeInForce: "GTC",
          postOnly: false,
          lifetimeSeconds: undefined,
          notes: undefined
        }
      ]
    })
  })

  it("carries every field of the full form", () => {
    const plan = decoded(
      written({
        $schema: '"x"',
        onReject: '"skip"',
        defaults: '{"maxNotionalUSD": 2000, "goodForSeconds": 60}',
        simulation: '{"slippageTicks": 2, "spreadCushion": 0.005, "liquidityFraction": 0.75}',
        risk: '{"maxNotionalUSD": 2500.5, "maxOrderNotionalUSD": 500, "maxOrders": 3, "maxSpread": 0.1}',
        tradeInstructions: `[${instruction({
          type: '"LIMIT"',
          sizeUnit: '"SHARES"',
          feesInclusive: "false",
          timeInForce: '"GTT"',
          postOnly: "true",
          cancelAfterSec: "7200",
          notes: '"two\\nlines"'
        })}]`
      })
    )
    assert.strictEqual(plan.onReject, "skip")
    assert.deepStrictEqual<unknown>(plan.simulation, {
      slippageTicks: 2,
      spreadCushion: 5_000n,
      liquidityFraction: 750_000n
    })
    assert.deepStrictEqual<unknown>(plan.limits, {
      maxNotional: 2_000_000_000n,
      maxOrderNotional: 500_000_000n,
      maxOrders: 3,
      maxSpread: 100_000n
    })
    const { notes, postOnly, sizeUnit, timeInForce, lifetimeSeconds } = plan.instructions[0] ?? {}
    assert.deepStrictEqual<unknown>(
      { notes, postOnly, sizeUnit, timeInForce, lifetimeSeconds },
      { notes: "two\nlines", postOnly: true, sizeUnit: "SHARES", timeInForce: "GTD", lifetimeSeconds: 7200 }
    )
  })

  it("counts the smaller of two ceilings", () => {
    const ceiling = (defaults: string, risk: string) =>
      decoded(written({ defaults: `{"maxNotionalUSD": ${defaults}}`, risk: `{"maxNotionalUSD": ${risk}}` })).limits
        .maxNotional
    assert.strictEqual(ceiling("10", "20"), 10_000_000n)
    assert.strictEqual(ceiling("20", "10"), 10_000_000n)
  })

  it("sizes a BUY in USDC and a SELL in shares where it says nothing", () => {
    assert.strictEqual(only({ side: '"BUY"' }).sizeUnit, "USDC")
    assert.strictEqual(only({ side: '"SELL"' }).sizeUnit, "SHARES")
  })

  it("reads GTT as GTD and IOC as FAK", () => {
    assert.strictEqual(only({ timeInForce: '"GTT"', cancelAfterSec: "1" }).timeInForce, "GTD")
    assert.strictEqual(only({ timeInForce: '"IOC"' }).timeInForce, "FAK")
  })

  it("gives resting orders their own lifetime, else the plan's, and immediate ones none", () => {
    const defaults = '{"goodForSeconds": 60}'
    assert.strictEqual(only({ cancelAfterSec: "5" }, { defaults }).lifetimeSeconds, 5)
    assert.strictEqual(only({ timeInForce: '"GTD"' }, { defaults }).lifetimeSeconds, 60)
    assert.strictEqual(only({}, { defaults }).lifetimeSeconds, 60)
    assert.isUndefined(only({ timeInForce: '"FOK"' }, { defaults }).lifetimeSeconds)
  })

  it("takes any outcome's name", () => {
    assert.strictEqual(only({ outcome: '"Trail Blazers"' }).outcome, "Trail Blazers")
  })

  it("holds 10,000 instructions and not one more", () => {
    const many = Array.from({ length: 10_000 }, () => instruction())
    assert.strictEqual(decoded(listing(...many)).instructions.length, 10_000)
    assert.deepStrictEqual(lines(refused(listing(...many, instruction()))), [
      "1:55 tradeInstructions: found a list of 10,001: expected a list of 1 to 10,000 instructions"
    ])
    assert.match(lines(refused(listing()))[0] ?? "", /found an empty list: expected a list of 1 to 10,000/)
  })
})

describe("a plan that is wrong", () => {
  it("without marketId names the instruction and its line", () => {
    const refusal = refused(`{
  "planId": "p",
  "mode": "paper",
  "tradeInstructions": [
    { "outcome": "YES", "side": "BUY", "price": 0.42, "size": 500 }
  ]
}`)
    assert.strictEqual(refusal.code, "invalid_plan")
    assert.strictEqual(refusal.message, "1 problem in the plan")
    assert.deepStrictEqual(refusal.issues, [
      {
        path: "tradeInstructions[0].marketId",
        line: 5,
        column: 5,
        message: "missing: expected a market slug, numeric id or condition id"
      }
    ])
  })

  it("hears of every problem at once, in file order", () => {
    const refusal = refused(`{
  "mode": "papr",
  "risk": { "maxOrders": 1.5, "maxorder": 3 },
  "tradeInstructions": [
    { "marketId": 123, "outcome": "YES", "side": "buy", "price": "0.5", "sise": 5 },
    7
  ],
  "onReject": null,
  "colour": "red"
}`)
    assert.strictEqual(refusal.message, "12 problems in the plan")
    assert.deepStrictEqual(lines(refusal), [
      "1:1 planId: missing: expected a plan id of 1 to 255 characters without spaces around it",
      '2:11 mode: found "papr": expected "paper" or "live"',
      "3:26 risk.maxOrders: found 1.5, which is not whole: expected a whole number of orders from 1 to 10,000",
      '3:31 risk.maxorder: unknown field "maxorder": did you mean "maxOrders"?',
      "5:5 tradeInstructions[0].size: missing: expected a size above 0 and at most 1,000,000,000 with at most 6 decimals",
      "5:19 tradeInstructions[0].marketId: found 123, a number: expected a market slug, numeric id or condition id, in double quotes",
      '5:50 tradeInstructions[0].side: found "buy": expected "BUY" or "SELL"',
      '5:66 tradeInstructions[0].price: found "0.5", a string: expected a price above 0 and below 1 with at most 4 decimals, without quotes',
      '5:73 tradeInstructions[0].sise: unknown field "sise": did you mean "size"?',
      "6:5 tradeInstructions[1]: found 7: expected an instruction (an object)",
      '8:15 onReject: found null: expected "stop" or "skip"',
      '9:3 colour: unknown field "colour": known fields are $schema, planId, mode, onReject, defaults, simulation, risk, repeat, tradeInstructions'
    ])
  })

  it("lists a hundred problems and counts the rest", () => {
    const refusal = refused(listing(...Array.from({ length: 101 }, () => "{}")))
    assert.strictEqual(refusal.message, "505 problems in the plan")
    assert.strictEqual(refusal.issues.length, 101)
    assert.deepStrictEqual(refusal.issues[100], { path: "", message: "and 405 more" })
  })

  it("is told of fields no object should have, however they are named", () => {
    for (const name of ["__proto__", "constructor", "toString", "", "we.ird"])
      assert.match(lines(refused(written({ risk: `{"${name}": 1}` })))[0] ?? "", /unknown field/)
    assert.strictEqual(refused(written({ risk: '{"we.ird": 1}' })).issues[0]?.path, 'risk["we.ird"]')
  })

  it("must be an object", () => {
    assert.deepStrictEqual(lines(refused("[1, 2]")), ["1:1 : found a list of 2: expected a plan (an object)"])
    assert.deepStrictEqual(lines(refused("5")), ["1:1 : found 5: expected a plan (an object)"])
    assert.deepStrictEqual(complaints({}, { risk: "5" }), ["risk: found 5: expected an object"])
  })
})

describe("what is not built yet", () => {
  const code = (text: string) => refused(text).code

  it("is refused, at the field that asks for it", () => {
    for (const field of ["stopLoss", "takeProfit", "priceCeil", "priceFloor"]) {
      const refusal = refused(listing(instruction(), `\n${instruction({ [field]: "0.3" })}`))
      assert.strictEqual(refusal.code, "not_supported")
      assert.strictEqual(refusal.message, "1 field of the plan is not supported yet")
      assert.deepStrictEqual(lines(refusal), [
        `2:84 tradeInstructions[1].${field}: "${field}" is not supported yet: remove it`
      ])
    }
    assert.deepStrictEqual(lines(refused(written({ repeat: '{"everyMinutes": 60, "times": 2}' }))), [
      '1:141 repeat: "repeat" is not supported yet: remove it'
    ])
  })

  it("goes for a strategy with its settings", () => {
    const config = `{"marketId": "m", "outcome": "YES", "aiSignal": 0.58, "spreadBps": 400, "tiltFactor": 0.6,
      "maxInventory": 1000, "minSpread": 100, "quoteSize": 500, "updateThresholdBps": 50}`
    const strategy = { tradeInstructions: undefined, strategy: '"market-making-tilt"' }
    assert.strictEqual(code(written({ ...strategy, marketMakingConfig: config })), "not_supported")
    assert.strictEqual(code(written({ ...strategy, marketMakingConfig: config.replace("400", "-1") })), "invalid_plan")
    assert.strictEqual(code(written(strategy)), "invalid_plan")
    assert.match(
      lines(refused(written({ strategy: '"market-making-tilt"', marketMakingConfig: config }))).join("\n"),
      /"tradeInstructions" does not go together with "strategy": expected one of them/
    )
  })

  it("comes after what is wrong: a bad stop is a bad plan", () => {
    assert.strictEqual(code(listing(instruction({ stopLoss: "3" }))), "invalid_plan")
    assert.deepStrictEqual(complaints({ stopLoss: "3" }), [
      'stopLoss: "stopLoss" is not supported yet: remove it',
      "stopLoss: found 3: expected a price above 0 and below 1 with at most 4 decimals"
    ])
  })
})
