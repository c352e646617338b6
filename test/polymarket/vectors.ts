import { readFileSync } from "node:fs"
import * as Schema from "effect/Schema"
import { Micro, PriceText } from "../../src/domain/Money.ts"
import { shared } from "../shared.ts"

/** Schemas of signatures, logins and contracts that others computed, and the files they are in where those are at hand. */

const Side = Schema.Union(Schema.transformLiterals([0, "BUY"], [1, "SELL"]), Schema.Literal("BUY", "SELL"))

const Order = Schema.Struct({
  salt: Schema.BigInt,
  maker: Schema.String,
  signer: Schema.String,
  tokenId: Schema.BigInt,
  makerAmount: Schema.BigInt,
  takerAmount: Schema.BigInt,
  side: Side,
  signatureType: Schema.Literal(0, 1, 2, 3),
  timestamp: Schema.BigInt,
  metadata: Schema.String,
  builder: Schema.String
})

const Login = Schema.Struct({ timestamp: Schema.NumberFromString, nonce: Schema.Number, signature: Schema.String })

const Request = Schema.Struct({
  timestamp: Schema.Union(Schema.Number, Schema.NumberFromString),
  method: Schema.String,
  path: Schema.String,
  body: Schema.NullOr(Schema.String),
  signature: Schema.String
})

export const Signing = Schema.Struct({
  privateKey: Schema.String,
  address: Schema.String,
  orders: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      chainId: Schema.Number,
      domain: Schema.Struct({ version: Schema.String, verifyingContract: Schema.String }),
      message: Order,
      orderHash: Schema.String,
      signature: Schema.String,
      signatureBytes: Schema.Number
    })
  ),
  l1: Schema.Struct({ chainId: Schema.Number, ...Login.fields }),
  l2: Schema.Struct({ secret: Schema.String, cases: Schema.Array(Request) }),
  wire: Schema.Unknown
})

export const OtherSigning = Schema.Struct({
  vectors: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      private_key: Schema.String,
      chain_id: Schema.Number,
      verifying_contract: Schema.String,
      domain_version: Schema.String,
      order: Order,
      signature: Schema.String,
      order_hash: Schema.optional(Schema.String)
    })
  )
})

export const OtherAuth = Schema.Struct({
  l1_clob_auth: Schema.Array(
    Schema.Struct({
      private_key: Schema.String,
      address: Schema.String,
      chain_id: Schema.Number,
      ...Login.fields
    })
  ),
  l2_hmac: Schema.Array(Schema.Struct({ secret: Schema.String, ...Request.fields }))
})

export const FILES = {
  signing: shared("venue/data/signing-vectors.json"),
  otherSigning: shared("data/vectors/order_signing_v2.json"),
  otherAuth: shared("data/vectors/auth.json"),
  rounding: shared("venue/data/rounding.json"),
  otherAmounts: shared("data/vectors/order_amounts.json"),
  contracts: shared("venue/data/contracts.json")
} as const

/** Reads a file of vectors; the tests that do are skipped where it is absent. */
export const read = <A, I>(schema: Schema.Schema<A, I>, file: string | undefined): A =>
  Schema.decodeUnknownSync(Schema.parseJson(schema))(readFileSync(file ?? "", "utf8"))

const asked = { side: Schema.Literal("BUY", "SELL"), price: PriceText }
const signed = { tick: PriceText, makerAmount: Schema.BigInt, takerAmount: Schema.BigInt }

export const Rounding = Schema.Struct({
  limitVectors: Schema.Array(Schema.Struct({ ...asked, ...signed, size: Micro })),
  marketVectors: Schema.Array(Schema.Struct({ ...asked, ...signed, amount: Micro }))
})

const renamed = {
  tick: Schema.propertySignature(PriceText).pipe(Schema.fromKey("tick_size")),
  makerAmount: Schema.propertySignature(Schema.BigInt).pipe(Schema.fromKey("maker_amount")),
  takerAmount: Schema.propertySignature(Schema.BigInt).pipe(Schema.fromKey("taker_amount"))
}

export const OtherAmounts = Schema.Struct({
  vectors: Schema.Array(
    Schema.Union(
      Schema.Struct({ kind: Schema.Literal("limit"), size: Micro, ...asked, ...renamed }),
      Schema.Struct({ kind: Schema.Literal("market"), amount: Micro, ...asked, ...renamed })
    )
  )
})
