import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { uuidOf } from "../../src/domain/Identity.ts"

describe("an id that follows from what it names", () => {
  it("is a version 8 UUID", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) =>
        assert.match(uuidOf(...parts), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      )
    )
  })

  it("stays the same from process to process", () => {
    assert.strictEqual(uuidOf("order", "paper", "demo", "0", "1"), "021cd428-b747-8eb1-bafc-aab315084c3e")
  })

  it("differs when the parts differ, also where they are cut", () => {
    assert.notStrictEqual(uuidOf("ab", "c"), uuidOf("a", "bc"))
    assert.notStrictEqual(uuidOf("a", ""), uuidOf("a"))
    const parts = fc.array(fc.string({ maxLength: 3 }), { maxLength: 4 })
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        assert.strictEqual(uuidOf(...a) === uuidOf(...b), JSON.stringify(a) === JSON.stringify(b))
      })
    )
  })
})
