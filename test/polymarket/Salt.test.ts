import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { orderJson } from "../../src/polymarket/OrderBody.ts"
import { ZERO_32 } from "../../src/polymarket/OrderStruct.ts"
import { saltOf } from "../../src/polymarket/Salt.ts"

const attempt = fc.tuple(fc.string({ maxLength: 64 }), fc.nat(), fc.nat({ max: 100 }))

describe("the salt of an order", () => {
  it("P-65: is as it was yesterday: what may have been sent is built again to the byte", () => {
    assert.deepStrictEqual(
      [saltOf("btc-updown", 0, 1), saltOf("btc-updown", 0, 2), saltOf("btc-updown", 1, 1), saltOf("é", 0, 1)],
      [0x2570b9a8ed4f0n, 0x44b45b322b0e9n, 0x7765e0ad6fc13n, 0xd3c94f32fbd3bn]
    )
  })

  it("fits the number that the venue takes, exactly", () => {
    fc.assert(
      fc.property(attempt, (of) => {
        const salt = saltOf(...of)
        assert.isTrue(salt >= 0n && salt < 1n << 52n)
        const order = {
          salt,
          maker: "0x",
          signer: "0x",
          tokenId: 1n,
          makerAmount: 1n,
          takerAmount: 1n,
          side: "BUY",
          signatureType: 0,
          timestamp: 0n,
          metadata: ZERO_32,
          builder: ZERO_32
        } as const
        assert.include(orderJson(order, "0x", 0n), `{"salt":${salt},`)
      })
    )
  })

  it("differs between attempts, also where their parts run together to the same text", () => {
    fc.assert(
      fc.property(attempt, attempt, (one, other) => {
        fc.pre(one.some((part, index) => part !== other[index]))
        assert.notStrictEqual(saltOf(...one), saltOf(...other))
      })
    )
    const together = [saltOf("a", 1, 11), saltOf("a", 11, 1), saltOf("a1", 1, 1), saltOf("a1:11", 1, 1)]
    assert.strictEqual(new Set(together).size, together.length)
  })

  it("is spread over all its bits", () => {
    const salts = Array.from({ length: 2_000 }, (_, instruction) => saltOf("plan", instruction, 1))
    for (let bit = 0n; bit < 52n; bit++) {
      const set = salts.filter((salt) => ((salt >> bit) & 1n) === 1n).length
      assert.isTrue(set > 850 && set < 1_150, `bit ${bit}: ${set} of 2000`)
    }
  })
})
