import type { OutcomeIndex } from "../domain/Market.ts"
import type { Price } from "../domain/Money.ts"
import { Shares, Usd } from "../domain/Money.ts"
import { amountsOf } from "../polymarket/Amounts.ts"
import { orderJson, postBody } from "../polymarket/OrderBody.ts"
import { type OrderStruct, unhex, ZERO_32 } from "../polymarket/OrderStruct.ts"
import { sign } from "../polymarket/Secp256k1.ts"
import { signingDigest, wireSignature } from "../polymarket/Signature.ts"
import type { Answer } from "./Answer.ts"
import type { House } from "./House.ts"
import type { Listing } from "./Listing.ts"
import type { Operator } from "./Operator.ts"
import { postOrder } from "./Posting.ts"
import type { OrderType } from "./VenueOrder.ts"

/** An order in plain words. */
export interface Wanted {
  readonly outcome: OutcomeIndex
  readonly side: "BUY" | "SELL"
  readonly price: Price
  /** Micro-shares; micro-dollars of a FOK or FAK BUY. */
  readonly amount: bigint
  readonly type: OrderType
  readonly postOnly?: boolean
  /** Unix seconds, of a GTD order. */
  readonly expiration?: bigint
}

/** The bytes that post an order for an operator, signed with its key. */
export const bodyOf = (house: House, operator: Operator, listing: Listing, wanted: Wanted, now: number): string => {
  const spends = wanted.side === "BUY" && (wanted.type === "FOK" || wanted.type === "FAK")
  const amounts = amountsOf(
    {
      price: wanted.price,
      side: wanted.side,
      timeInForce: wanted.type,
      quantity: spends ? { _tag: "Budget", usd: Usd(wanted.amount) } : { _tag: "Shares", shares: Shares(wanted.amount) }
    },
    listing.tick
  )
  const { signatureType } = operator.wallet
  const struct: OrderStruct = {
    ...amounts,
    salt: BigInt(house.counter++),
    maker: operator.wallet.address,
    signer: signatureType === 3 ? operator.wallet.address : operator.account.address,
    tokenId: BigInt(listing.tokens[wanted.outcome]),
    side: wanted.side,
    signatureType,
    timestamp: BigInt(now),
    metadata: ZERO_32,
    builder: ZERO_32
  }
  const signature = sign(signingDigest(listing.exchange, struct), unhex(operator.privateKey))
  const json = orderJson(struct, wireSignature(listing.exchange, struct, signature), wanted.expiration ?? 0n)
  return postBody(json, operator.key.id, wanted.type, { postOnly: wanted.postOnly === true, deferExec: false })
}

/** Posts an order for an operator from inside the venue, by the rules for everybody. */
export const place = (house: House, operator: Operator, listing: Listing, wanted: Wanted, now: number): Answer => {
  const body = bodyOf(house, operator, listing, wanted, now)
  const value: unknown = JSON.parse(body)
  return postOrder(house, operator.key, value, body, [], now)
}
