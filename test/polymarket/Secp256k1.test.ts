import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { hex, unhex } from "../../src/polymarket/OrderStruct.ts"
import * as Secp256k1 from "../../src/polymarket/Secp256k1.ts"
import { bytes32, CURVE_ORDER, privateKey } from "./arbitraries.ts"

const curves = [Secp256k1.native(), Secp256k1.portable()].filter((each) => each !== undefined)

describe("the curve", () => {
  it("is native where it can be loaded, and there is always the portable one", () => {
    assert.include(
      curves.map(({ name }) => name),
      "portable"
    )
    assert.strictEqual(Secp256k1.curve().name, curves[0]?.name)
  })

  it("comes to the same bytes in either implementation", () => {
    fc.assert(
      fc.property(bytes32, privateKey, (digest, key) => {
        const results = curves.map((curve) => {
          const signature = new Uint8Array(64)
          const recovery = curve.sign(unhex(digest), unhex(key), signature)
          const publicKey = curve.publicKey(unhex(key))
          assert.strictEqual(hex(curve.recover(unhex(digest), signature, recovery)), hex(publicKey))
          return [hex(signature), recovery, hex(publicKey)]
        })
        for (const result of results) assert.deepStrictEqual(result, results[0])
      })
    )
  })

  it("knows its private keys alike in either implementation", () => {
    const value = fc.oneof(fc.bigInt(0n, (1n << 256n) - 1n), fc.constantFrom(0n, 1n, CURVE_ORDER - 1n, CURVE_ORDER))
    fc.assert(
      fc.property(value, (key) => {
        const bytes = unhex(key.toString(16).padStart(64, "0"))
        for (const curve of curves) assert.strictEqual(curve.isPrivateKey(bytes), key > 0n && key < CURVE_ORDER)
      })
    )
    for (const length of [0, 31, 33]) assert.isFalse(Secp256k1.isPrivateKey(new Uint8Array(length).fill(1)))
  })
})

describe("a signature", () => {
  it("tells the key that made it", () => {
    fc.assert(
      fc.property(bytes32, privateKey, (digest, key) => {
        const signature = Secp256k1.sign(unhex(digest), unhex(key))
        assert.strictEqual(Secp256k1.recover(unhex(digest), signature), Secp256k1.addressOf(unhex(key)))
      })
    )
  })

  it("with the high s of the same key is none, nor one with another v", () => {
    fc.assert(
      fc.property(bytes32, privateKey, fc.integer({ min: 0, max: 255 }), (digest, key, v) => {
        const signature = Secp256k1.sign(unhex(digest), unhex(key))
        const s = BigInt(hex(signature.subarray(32, 64)))
        const high = signature.slice()
        high.set(unhex((CURVE_ORDER - s).toString(16).padStart(64, "0")), 32)
        high[64] = 27 + 28 - (signature[64] ?? 0)
        assert.isUndefined(Secp256k1.recover(unhex(digest), high))
        const other = signature.slice()
        other[64] = v
        if (v !== 27 && v !== 28) assert.isUndefined(Secp256k1.recover(unhex(digest), other))
      })
    )
  })

  it("of anything else, or of another length, is none: no bytes make it fail", () => {
    fc.assert(
      fc.property(bytes32, fc.uint8Array({ minLength: 0, maxLength: 70 }), (digest, bytes) => {
        const found = Secp256k1.recover(unhex(digest), bytes)
        if (bytes.length !== 65) assert.isUndefined(found)
      })
    )
    for (const fill of [0, 255]) {
      const signature = new Uint8Array(65).fill(fill)
      signature[64] = 27
      assert.isUndefined(Secp256k1.recover(new Uint8Array(32), signature))
    }
  })
})
