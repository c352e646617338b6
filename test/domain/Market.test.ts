import { assert, describe, it } from "@effect/vitest"
import { instrumentKey, isSimulated, outcomeIndex } from "../../src/domain/Market.ts"

describe("the outcome a plan names", () => {
  it("is found by its own name, whatever the case", () => {
    assert.strictEqual(outcomeIndex(["Yes", "No"], "YES"), 0)
    assert.strictEqual(outcomeIndex(["Yes", "No"], " no "), 1)
    assert.strictEqual(outcomeIndex(["Up", "Down"], "down"), 1)
    assert.strictEqual(outcomeIndex(["Lakers", "Celtics"], "CELTICS"), 1)
  })

  it("may be YES or NO for the first or second outcome of a market with other names", () => {
    assert.strictEqual(outcomeIndex(["Up", "Down"], "YES"), 0)
    assert.strictEqual(outcomeIndex(["Up", "Down"], "NO"), 1)
  })

  it("is not misread where the second outcome is called Yes", () => {
    assert.strictEqual(outcomeIndex(["No", "Yes"], "YES"), 1)
    assert.strictEqual(outcomeIndex(["No", "Yes"], "NO"), 0)
    assert.strictEqual(outcomeIndex(["Maybe", "Yes"], "NO"), undefined)
    assert.strictEqual(outcomeIndex(["No", "Maybe"], "YES"), undefined)
  })

  it("is unknown when the market has no outcome of that name", () => {
    assert.strictEqual(outcomeIndex(["Up", "Down"], "Sideways"), undefined)
  })
})

describe("markets", () => {
  it("simulated ones are told by their condition id", () => {
    assert.isTrue(isSimulated({ conditionId: "sim-coin" }))
    assert.isFalse(isSimulated({ conditionId: `0x${"0".repeat(64)}` }))
  })

  it("the two outcomes are two instruments", () => {
    const conditionId = "sim-coin"
    assert.notStrictEqual(
      instrumentKey({ conditionId, outcomeIndex: 0 }),
      instrumentKey({ conditionId, outcomeIndex: 1 })
    )
  })
})
