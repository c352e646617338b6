import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "fast-check"
import * as Decode from "../../src/decode/Decode.ts"
import { format } from "../../src/domain/Money.ts"
import { bytes, decoded, instruction, listing, written } from "./written.ts"

/** A decimal in one of the ways JSON can write it. */
const spelt = (micro: fc.Arbitrary<bigint>) =>
  fc.tuple(micro, fc.nat(3)).map(([value, way]) => {
    const text = format(value)
    return [text, text.includes(".") ? `${text}000` : `${text}.00`, `${value}e-6`, `${value}00E-8`][way] ?? text
  })

const text = fc
  .string({ unit: fc.constantFrom(...'aB1é-/"\\🏀'), minLength: 1, maxLength: 30 })
  .map((it) => JSON.stringify(it))
const price = spelt(fc.bigInt(1n, 9_999n).map((ticks) => ticks * 100n))
const size = spelt(fc.bigInt(1n, 10n ** 15n))
const seconds = fc.integer({ min: 1, max: 31_536_000 }).map(String)
const flag = fc.constantFrom("true", "false")

const optional = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined })

const resting = fc.record({
  marketId: text,
  outcome: text,
  side: fc.constant('"BUY"'),
  price,
  size,
  timeInForce: fc.constantFrom(undefined, '"GTC"', '"GTD"', '"GTT"'),
  cancelAfterSec: seconds,
  postOnly: optional(flag),
  feesInclusive: optional(flag),
  notes: optional(text),
  stopLoss: optional(price)
})
const selling = fc.record({
  marketId: text,
  side: fc.constant('"SELL"'),
  price,
  size,
  timeInForce: fc.constantFrom(undefined, '"FOK"', '"FAK"', '"IOC"'),
  sizeUnit: fc.constantFrom(undefined, '"SHARES"'),
  priceFloor: optional(price)
})

const plans = fc
  .record({
    planId: text,
    mode: fc.constantFrom('"paper"', '"live"'),
    onReject: fc.constantFrom(undefined, '"stop"', '"skip"'),
    defaults: optional(
      fc.tuple(size, seconds).map(([usd, sec]) => `{"maxNotionalUSD": ${usd}, "goodForSeconds": ${sec}}`)
    ),
    simulation: optional(price.map((cushion) => `{"spreadCushion": ${cushion}, "liquidityFraction": ${cushion}}`)),
    risk: optional(fc.tuple(size, size).map(([a, b]) => `{"maxNotionalUSD": ${a}, "maxOrderNotionalUSD": ${b}}`)),
    tradeInstructions: fc
      .array(fc.oneof(resting, selling).map(instruction), { minLength: 1, maxLength: 4 })
      .map((list) => `[${list.join()}]`)
  })
  .map(written)

const file = (source: string) =>
  Either.getOrElse(Decode.file(bytes(source)), (why) => assert.fail(JSON.stringify(why.issues)))
const encode = (value: ReturnType<typeof file>) =>
  Either.getOrElse(Decode.encode(value), (why) => assert.fail(JSON.stringify(why.issues)))

describe("a plan written out again", () => {
  it("decodes to the same value", () => {
    fc.assert(
      fc.property(plans, (source) => {
        const value = file(source)
        assert.deepStrictEqual(file(encode(value)), value)
      })
    )
  })

  it("has the same hash, and so has its own text", () => {
    const runnable = plans.filter((source) => Either.isRight(Decode.plan(bytes(source))))
    fc.assert(
      fc.property(runnable, (source) => {
        const again = encode(file(source))
        assert.deepStrictEqual(decoded(again), decoded(source))
        assert.strictEqual(encode(file(again)), again)
      })
    )
  })

  it("is refused where a value is beyond what a plan may hold", () => {
    const value = file(written())
    assert.isTrue(Either.isLeft(Decode.encode({ ...value, planId: "" })))
    assert.isTrue(Either.isLeft(Decode.encode({ ...value, risk: { maxNotionalUSD: 0n } })))
    assert.isTrue(Either.isLeft(Decode.encode({ ...value, risk: { maxOrders: Number.NaN } })))
  })
})

describe("the hash of a plan", () => {
  const hash = (source: string) => decoded(source).hash

  it("does not see spelling, order, comments, defaults or $schema", () => {
    const plain = hash(written())
    assert.strictEqual(hash(written().replaceAll(" ", "\n")), plain)
    assert.strictEqual(hash(listing(instruction({ price: "0.4200", size: "5e2" }))), plain)
    assert.strictEqual(
      hash(listing(instruction({ marketId: undefined }).replace("{", '{"marketId": "sim-a", '))),
      plain
    )
    assert.strictEqual(hash(`/* a */ ${written({ $schema: '"./x.json"' })} // b`), plain)
    assert.strictEqual(
      hash(
        written({ onReject: '"stop"', defaults: "{}", simulation: '{"slippageTicks": 0, "liquidityFraction": 1.0}' })
      ),
      plain
    )
    assert.strictEqual(
      hash(listing(instruction({ timeInForce: '"GTC"', postOnly: "false", sizeUnit: '"USDC"' }))),
      plain
    )
  })

  it("sees every other change", () => {
    const changed = [
      written(),
      written({ planId: '"q"' }),
      written({ onReject: '"skip"' }),
      written({ simulation: '{"slippageTicks": 1}' }),
      written({ risk: '{"maxOrders": 1}' }),
      listing(instruction(), instruction()),
      ...[
        { marketId: '"sim-b"' },
        { outcome: '"NO"' },
        { side: '"SELL"' },
        { price: "0.4201" },
        { size: "500.000001" },
        { sizeUnit: '"SHARES"' },
        { feesInclusive: "true" },
        { timeInForce: '"FAK"' },
        { postOnly: "true" },
        { cancelAfterSec: "60" },
        { notes: '"a"' }
      ].map((fields) => listing(instruction(fields)))
    ].map(hash)
    assert.strictEqual(new Set(changed).size, changed.length)
  })

  it("stays what it was, or plans that run today would look changed", () => {
    assert.strictEqual(hash(written()), "3bbb361d62c9aa78c518d5c45810b4cb610668821f7477df1c447400e274989e")
  })
})
