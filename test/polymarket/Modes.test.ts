import { assert, describe, it } from "@effect/vitest"
import * as Modes from "../../src/polymarket/Modes.ts"

const plain = { postOnly: false }
const quote = { postOnly: true }

describe("what the matching engine takes", () => {
  it("P-50: is nothing while it restarts, for as long as it asks to wait, and then two minutes of post-only orders", () => {
    const restarting = Modes.afterError(Modes.RUNNING, "restart", 7_000, 1_000)
    assert.match(Modes.obstacle(restarting, quote, 1_000) ?? "", /restarting, for about 7 s/)
    assert.deepStrictEqual(Modes.at(restarting, 7_999), restarting)
    const back = Modes.at(restarting, 8_000)
    assert.strictEqual(back._tag, "PostOnly")
    assert.isUndefined(Modes.obstacle(back, quote, 8_000))
    assert.match(Modes.obstacle(back, plain, 8_000) ?? "", /only post-only orders, for about 120 s/)
    assert.strictEqual(Modes.at(back, 127_999)._tag, "PostOnly")
    assert.deepStrictEqual(Modes.at(back, 128_000), Modes.RUNNING)
    assert.deepStrictEqual(Modes.at(restarting, 1_000_000), Modes.RUNNING)
  })

  it("P-50: is post-only orders alone for as long as the venue says, or two minutes", () => {
    const told = Modes.afterError(Modes.RUNNING, "postOnlyMode", 79_000, 0)
    assert.strictEqual(Modes.at(told, 78_999)._tag, "PostOnly")
    assert.deepStrictEqual(Modes.at(told, 79_000), Modes.RUNNING)
    const untold = Modes.afterError(Modes.RUNNING, "postOnlyMode", undefined, 0)
    assert.strictEqual(Modes.at(untold, Modes.POST_ONLY_MILLIS - 1)._tag, "PostOnly")
  })

  it("P-50: is nothing when it is disabled or takes cancels alone, and is tried again before long", () => {
    for (const of of ["disabled", "cancelOnly"] as const) {
      const mode = Modes.afterError(Modes.RUNNING, of, undefined, 0)
      assert.isDefined(Modes.obstacle(mode, quote, 0))
      assert.deepStrictEqual(Modes.at(mode, Modes.RECHECK_MILLIS), Modes.RUNNING)
    }
  })

  it("is everything once an order that is not post-only was taken; a post-only one proves nothing", () => {
    const mode = Modes.afterError(Modes.RUNNING, "postOnlyMode", undefined, 0)
    assert.deepStrictEqual(Modes.afterAcceptance(mode, true), mode)
    assert.deepStrictEqual(Modes.afterAcceptance(mode, false), Modes.RUNNING)
  })

  it("does not change by errors of one order", () => {
    for (const of of ["funds", "tick", "rateLimit", "server", "unknown"] as const) {
      assert.deepStrictEqual(Modes.afterError(Modes.RUNNING, of, 1_000, 0), Modes.RUNNING)
    }
  })
})
