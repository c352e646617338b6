import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "fast-check"
import { plainly } from "../../src/decode/Plain.ts"
import { decode, instruction, listing, written } from "./written.ts"

/** A text that is JSON as JSON.parse sees it, without numbers: those lose digits there. */
const json = fc.json({ maxDepth: 4 }).filter((text) => !/\d/.test(text))

const right = fc.record(
  {
    price: fc.constantFrom("0.42", "4.2e-1", "0.42000", "4200E-4"),
    size: fc.constantFrom("500", "5E2", "0.000001", "900719925.4740993e-1"),
    timeInForce: fc.constantFrom('"GTC"', '"GTT"', '"FOK"'),
    feesInclusive: fc.constantFrom("true", "false"),
    notes: fc.constantFrom('"a \\"note\\""', '"tab\\there"', '"\\ud83d\\ude00 é"')
  },
  { requiredKeys: [] }
)
/** One field more, mostly wrong: by itself, beside another, or because nothing can be done with it yet. */
const wrong = fc.constantFrom(
  {},
  {},
  {},
  { side: '"sell"' },
  { side: '"SELL"', sizeUnit: '"USDC"' },
  { price: "1" },
  { price: "-0" },
  { price: "0.123456" },
  { price: "042" },
  { price: '"0.42"' },
  { size: "1e400" },
  { size: "9007199254740993" },
  { sizeUnit: '"SHARES"' },
  { postOnly: "true" },
  { cancelAfterSec: "60" },
  { cancelAfterSec: "1.5" },
  { stopLoss: "0.3" },
  { notes: '"\\x"' },
  { notes: "null" },
  { sise: "1" },
  { '__proto__"x': "1" }
)
const fields = fc.tuple(right, wrong).map(([all, but]) => ({ ...all, ...but }))
const header = fc.constantFrom(
  {},
  {},
  { defaults: '{"goodForSeconds": 60}' },
  { defaults: "{}" },
  { defaults: '{"goodFor": 60}' },
  { mode: '"live"' },
  { repeat: '{"times": 2}' },
  { strategy: '"market-making-tilt"' }
)

describe("a plan that is read at once", () => {
  it("is read as it would be with care, and refused where care finds something to say", () => {
    let [read, refused] = [0, 0]
    fc.assert(
      fc.property(header, fc.array(fields, { minLength: 1, maxLength: 2 }), (above, below) => {
        const text = written({ tradeInstructions: `[${below.map(instruction).join(", ")}]`, ...above })
        // A comment asks for the careful way, and changes nothing else.
        const [atOnce, careful] = [decode(text), decode(`${text} // with care`)]
        if (Either.isRight(atOnce)) read += 1
        else refused += 1
        assert.deepStrictEqual(
          Either.mapLeft(atOnce, (refusal) => [refusal.message, refusal.issues]),
          Either.mapLeft(careful, (refusal) => [refusal.message, refusal.issues])
        )
      }),
      { numRuns: 1_000 }
    )
    assert.isAbove(Math.min(read, refused), 20)
  })

  it("is JSON and nothing more: anything else asks for a closer look", () => {
    fc.assert(fc.property(json, (text) => assert.deepStrictEqual(plainly(text), JSON.parse(text))))
    for (const text of [
      "",
      " ",
      "{",
      "[1,]",
      '{"a": 1,}',
      '{"a": 1, "a": 1}',
      '{"__proto__": 1}',
      "// no\n1",
      "1 2",
      "01",
      "+1",
      ".5",
      "nul",
      '"\n"',
      '"open',
      '"\\x"',
      '{"a" 1}',
      "{a: 1}",
      "[".repeat(40) + "]".repeat(40)
    ])
      assert.isUndefined(plainly(text), text)
  })

  it("keeps every digit of a number", () => {
    const long = "0.1234567890123456789"
    const [found] = [plainly(`[${long}]`)]
    assert.isTrue(Array.isArray(found) && typeof found[0] === "symbol" && found[0].description === long)
    assert.isTrue(Either.isLeft(decode(listing(instruction({ price: "0.42000000000000000001" })))))
  })
})
