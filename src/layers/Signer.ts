import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** Who signs orders and logins. What the key is, and where it is kept, only the adapter knows. */
export class Signer extends Context.Tag("betteroms/layers/Signer")<
  Signer,
  {
    /** The key's own address, lower case. */
    readonly address: string
    /** Signs 32 bytes: r, s and v (27 or 28), 65 bytes. */
    readonly sign: (digest: Uint8Array) => Effect.Effect<Uint8Array>
  }
>() {}
