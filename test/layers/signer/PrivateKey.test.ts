import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Signer } from "../../../src/layers/Signer.ts"
import * as PrivateKey from "../../../src/layers/signer/PrivateKey.ts"
import { unhex } from "../../../src/polymarket/OrderStruct.ts"
import * as Secp256k1 from "../../../src/polymarket/Secp256k1.ts"

/** The development key of local chains that everybody knows. */
const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
const ADDRESS = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"

const ORDER_OF_CURVE = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

const signerOf = (text: string) => Effect.provide(Signer, PrivateKey.layer(Redacted.make(text)))

/** Every way a value gets into a message or a log. */
const shown = (value: unknown) => `${value} ${JSON.stringify(value)} ${inspect(value, { depth: 9, showHidden: true })}`

/** Whether a part of the key is told, in any notation: its digits, or its bytes as numbers. */
const tells = (text: string, key: string): boolean => {
  const bare = text.toLowerCase().replaceAll(/\s/g, "")
  return bare.includes(key.slice(8, 24)) || bare.includes([...unhex(key)].slice(2, 8).join(","))
}

describe("a signer of a private key", () => {
  it.effect.each([KEY, `0x${KEY}`, `0X${KEY.toUpperCase()}`])("has the key's address: %#", (text) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* signerOf(text)).address, ADDRESS)
    })
  )

  it.effect("signs what it is given, always alike", () =>
    Effect.gen(function* () {
      const signer = yield* signerOf(KEY)
      const digest = new Uint8Array(32).fill(7)
      const signature = yield* signer.sign(digest)
      assert.strictEqual(signature.length, 65)
      assert.strictEqual(Secp256k1.recover(digest, signature), ADDRESS)
      assert.deepStrictEqual(yield* signer.sign(digest), signature)
    })
  )

  it.effect.each([
    "",
    "0x",
    KEY.slice(1),
    `${KEY}0`,
    KEY.replace("a", "g"),
    ` ${KEY}`,
    "0".repeat(64),
    ORDER_OF_CURVE,
    "f".repeat(64)
  ])("refuses what is no key, without showing it: %#", (text) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(signerOf(text))
      assert.strictEqual(error.code, "invalid_private_key")
      if (text.length > 8) assert.isFalse(shown(error).includes(text))
      assert.isFalse(tells(shown(error), KEY))
    })
  )

  it.effect("never shows its key, neither itself nor when it fails", () =>
    Effect.gen(function* () {
      const signer = yield* signerOf(KEY)
      for (const shows of [KEY, unhex(KEY), new Uint8Array(unhex(KEY))]) assert.isTrue(tells(shown({ shows }), KEY))
      assert.isFalse(tells(shown(signer), KEY))
      const exit = yield* Effect.exit(signer.sign(new Uint8Array(31)))
      assert.strictEqual(exit._tag, "Failure")
      if (exit._tag === "Success") return
      assert.isFalse(tells(shown(exit.cause), KEY))
      assert.isFalse(tells(shown(Cause.squash(exit.cause)), KEY))
      assert.isFalse(tells(Cause.pretty(exit.cause, { renderErrorCause: true }), KEY))
    })
  )
})
