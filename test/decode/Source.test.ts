import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { bytes, decode, decoded, lines, listing, refused, written } from "./written.ts"

describe("the text of a plan", () => {
  it("may hold comments, trailing commas and a byte order mark", () => {
    const text = written()
      .replace("{", "\ufeff{ // a plan\n /* in\n two lines */")
      .replace(/\}\]\}$/, ",},],}")
    assert.strictEqual(decoded(text).hash, decoded(written()).hash)
  })

  it("keeps every digit of a number", () => {
    assert.strictEqual(decoded(written().replace("0.42", "0.1")).instructions[0]?.price, 100_000n)
    for (const [number, micro] of [
      ["1e2", 100_000_000n],
      ["1.5E+1", 15_000_000n],
      ["999999999.123457", 999_999_999_123_457n],
      ["0.000001", 1n],
      ["500.000000000000", 500_000_000n],
      ["12300000e-5", 123_000_000n]
    ] as const)
      assert.strictEqual(decoded(written().replace("500", number)).instructions[0]?.size, micro)
  })

  it("refuses what only looks like a number", () => {
    for (const number of [
      "NaN",
      "Infinity",
      "-Infinity",
      "+1",
      ".5",
      "-.5",
      "1.",
      "0x10",
      "1_000",
      "01",
      "1e",
      "- 5"
    ]) {
      const refusal = refused(written().replace("500", number))
      assert.strictEqual(refusal.code, "invalid_json", number)
      assert.deepStrictEqual(lines(refusal), [
        `1:134 tradeInstructions[0].size: found ${number.split(" ")[0]}: expected a number such as 0.42, 500 or 1e3`
      ])
    }
  })

  it("tells several syntax errors at once, each with its place", () => {
    const refusal = refused(`{
  planId: "p",
  "mode": "paper" "onReject": "stop",
  "risk": { "maxOrders": },
  "notes": 'a',
  "defaults" 5,
  "x": True
`)
    assert.strictEqual(refusal.code, "invalid_json")
    assert.strictEqual(refusal.message, "the plan is not valid JSON: 6 problems")
    assert.deepStrictEqual(lines(refusal), [
      "2:3 : found planId: expected the field name in double quotes",
      '3:19 mode: found "onReject": expected a comma or the end of the object opened at line 1, column 1 before it',
      "4:26 risk.maxOrders: found }: expected a value",
      "5:12 notes: found 'a': expected text in straight double quotes",
      "6:14 defaults: found 5: expected a colon after the field name",
      "7:8 x: found True: expected true, false or a value"
    ])
  })

  it("says where a string, a comment, a list or the plan ends wrongly", () => {
    const messages = (text: string) => lines(refused(text))
    assert.deepStrictEqual(messages('{"planId": "p'), [
      "1:12 planId: found a string that is not closed on its line: expected a double quote at its end",
      '1:14 : found the end of the file inside the object opened at line 1, column 1: expected "}"'
    ])
    assert.deepStrictEqual(messages("{} /* a"), ['1:4 : found a comment that is never closed: expected "*/"'])
    assert.deepStrictEqual(messages("[[1]"), [
      '1:5 : found the end of the file inside the list opened at line 1, column 1: expected "]"'
    ])
    assert.deepStrictEqual(messages("{} {}"), ["1:4 : found { after the end of the plan: expected nothing more"])
    assert.deepStrictEqual(messages('{"planId": "\\q"}'), [
      '1:12 planId: found an unknown escape in a string: expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u'
    ])
  })

  it("refuses a field that is given twice, and names both places", () => {
    const text = written().replace('"mode"', '"mode": "live",\n"mode"')
    assert.deepStrictEqual(
      lines(refused(text))[0],
      '2:1 mode: field "mode" is given twice: it stands at line 1, column 17 already'
    )
  })

  it("refuses an empty file and one of comments only", () => {
    assert.strictEqual(refused("").message, "the plan is empty")
    assert.strictEqual(refused(" \n\t").code, "invalid_json")
    assert.deepStrictEqual(lines(refused("// soon\n")), ["2:1 : found the end of the file: expected a value"])
  })

  it("refuses a file that is not UTF-8 and names the byte", () => {
    const text = bytes('{"planId":\n"a?"}')
    const refusal = refused(text.map((byte) => (byte === 0x3f ? 0xff : byte)))
    assert.strictEqual(refusal.code, "invalid_utf8")
    assert.deepStrictEqual(lines(refusal), ["2:3 : byte 13 is not valid UTF-8: expected a file saved as UTF-8"])
    assert.match(lines(refused(Uint8Array.of(0xff, 0xfe, 0x7b, 0)))[0] ?? "", /byte 0 .* UTF-16/)
  })

  it("refuses more than 5 MB, and takes exactly 5 MB", () => {
    const text = written()
    assert.strictEqual(decoded(text.padEnd(5_000_000)).planId, "p")
    const refusal = refused(text.padEnd(5_000_001))
    assert.strictEqual(refusal.code, "too_large")
    assert.strictEqual(refusal.message, "the plan has 5,000,001 bytes: expected at most 5,000,000 (5 MB)")
  })

  it("refuses a million brackets without overflowing the stack", () => {
    const place = "found more than 32 levels of nesting: expected at most 32"
    assert.deepStrictEqual(lines(refused("[".repeat(1_000_000))), [`1:33 : ${place}`])
    assert.strictEqual(refused('{"a":'.repeat(900_000)).code, "invalid_json")
    assert.strictEqual(refused("[".repeat(32) + "]".repeat(32)).code, "invalid_plan")
    assert.strictEqual(refused("[".repeat(33) + "]".repeat(33)).message, "the plan is nested too deeply")
  })

  it("counts CR, LF and CRLF as one line each", () => {
    const text = written({ planId: undefined, planid: "1" }).replace('"planid"', '\r\n\r\n"planid"')
    assert.match(lines(refused(text))[1] ?? "", /^3:1 planid: unknown field/)
    assert.match(lines(refused(text.replaceAll("\r\n", "\r")))[1] ?? "", /^3:1 planid/)
  })

  it("never crashes the decoder, whatever the bytes", () => {
    const piece = fc.constantFrom(
      ...'{}[],:"\\ \n-+.eE0159',
      "true",
      "null",
      "//",
      "/*",
      "*/",
      '"price"',
      "\u2028",
      "é"
    )
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.array(piece, { maxLength: 60 })), (input) => {
        const text = input instanceof Uint8Array ? input : bytes(input.join(""))
        assert.isAbove(refused(text).issues.length, 0)
      }),
      { numRuns: 2000 }
    )
  })

  it("never crashes the decoder, whatever the JSON", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.json(), (whole, part) => {
        assert.isAbove(refused(whole).issues.length, 0)
        assert.isAbove(refused(listing(part)).issues.length, 0)
        assert.isAbove(refused(written({ risk: part, [part]: part })).issues.length, 0)
        return decode(whole)._tag === "Left"
      }),
      { numRuns: 500 }
    )
  })
})
