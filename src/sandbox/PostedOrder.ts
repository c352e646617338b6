import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { OrderStruct } from "../polymarket/OrderStruct.ts"

const Integer = Schema.String.pipe(Schema.pattern(/^\d{1,78}$/), Schema.compose(Schema.BigInt))
const Address = Schema.String.pipe(Schema.pattern(/^0x[0-9a-fA-F]{40}$/))
const Bytes32 = Schema.String.pipe(Schema.pattern(/^0x[0-9a-fA-F]{64}$/))

/** The body of a posted order (venue: `POST /order`). `salt` is a JSON number, every other integer a text. */
const Body = Schema.Struct({
  deferExec: Schema.optional(Schema.Boolean),
  postOnly: Schema.optional(Schema.Boolean),
  order: Schema.Struct({
    salt: Schema.Int.pipe(Schema.between(0, Number.MAX_SAFE_INTEGER)),
    maker: Address,
    signer: Address,
    tokenId: Integer,
    makerAmount: Integer,
    takerAmount: Integer,
    side: Schema.Literal("BUY", "SELL"),
    signatureType: Schema.Literal(0, 1, 2, 3),
    timestamp: Integer,
    expiration: Integer,
    metadata: Bytes32,
    builder: Bytes32,
    signature: Schema.String.pipe(Schema.pattern(/^0x[0-9a-fA-F]+$/))
  }),
  owner: Schema.String,
  orderType: Schema.Literal("GTC", "GTD", "FOK", "FAK")
})

export interface PostedOrder {
  readonly struct: OrderStruct
  readonly signature: string
  readonly owner: string
  readonly type: "GTC" | "GTD" | "FOK" | "FAK"
  readonly postOnly: boolean
  /** Unix seconds; 0 without. */
  readonly expiration: bigint
}

const decode = Schema.decodeUnknownEither(Body)

/** Reads one posted order, or says which field cannot be one. */
export const read = (value: unknown): Either.Either<PostedOrder, string> =>
  Either.mapBoth(decode(value), {
    onLeft: (error) => {
      const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
      return issue === undefined ? "" : issue.path.join(".")
    },
    onRight: ({ order: { expiration, salt, signature, ...rest }, orderType, owner, postOnly }) => ({
      struct: { ...rest, salt: BigInt(salt) },
      signature,
      owner,
      type: orderType,
      postOnly: postOnly === true,
      expiration
    })
  })
