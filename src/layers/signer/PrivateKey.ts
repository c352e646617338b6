import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { InvalidInput } from "../../domain/Failure.ts"
import { unhex } from "../../polymarket/OrderStruct.ts"
import * as Secp256k1 from "../../polymarket/Secp256k1.ts"
import { Signer } from "../Signer.ts"

const KEY = /^(0[xX])?[0-9a-fA-F]{64}$/

// Neither the key nor a part of it is ever in the message.
const unusable = new InvalidInput({
  code: "invalid_private_key",
  message: "the private key is not one: 64 hexadecimal digits, above zero and below the order of secp256k1",
  issues: []
})

/** Signs with a key held in this process: 64 hexadecimal digits, with or without `0x`. Fails when it is no private key. */
export const layer = (key: Redacted.Redacted): Layer.Layer<Signer, InvalidInput> =>
  Layer.effect(
    Signer,
    Effect.gen(function* () {
      const text = Redacted.value(key)
      const bytes = KEY.test(text) ? unhex(text.slice(-64)) : new Uint8Array()
      if (!Secp256k1.isPrivateKey(bytes)) return yield* unusable
      return Signer.of({
        address: Secp256k1.addressOf(bytes),
        sign: Effect.fn("Signer.PrivateKey.sign")((digest) => Effect.sync(() => Secp256k1.sign(digest, bytes)))
      })
    })
  )
