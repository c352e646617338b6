import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { VenueUnavailable } from "../../domain/Failure.ts"
import type { ConditionId, Market } from "../../domain/Market.ts"
import { type Order, SIGNATURE_LIFE_MILLIS } from "../../domain/Order.ts"
import { checksummed } from "../../polymarket/Address.ts"
import { amountsOf } from "../../polymarket/Amounts.ts"
import { exchangeOf } from "../../polymarket/Contracts.ts"
import { type OrderType, orderJson } from "../../polymarket/OrderBody.ts"
import { hex, type OrderStruct, orderHash, ZERO_32 } from "../../polymarket/OrderStruct.ts"
import { saltOf } from "../../polymarket/Salt.ts"
import { signingDigest, wireSignature } from "../../polymarket/Signature.ts"
import type { Wallet } from "../clob/Account.ts"
import type { Signer } from "../Signer.ts"

/** The venue ends a GTD order so long before the second it is told, and takes none that is nearer than that (venue: order types). */
const EARLY_SECONDS = 60
const LEAST_SECONDS = 180
/** The shortest lifetime the venue can keep by itself. */
export const LEAST_LIFETIME_SECONDS = LEAST_SECONDS - EARLY_SECONDS

const seconds = (millis: number) => Math.ceil(millis / 1000)

/**
 * The second that ends an order at the venue, so that it ends even when nobody is left to cancel it; 0 for what has no
 * lifetime. Never before our own expiry; a short one is told a little later, or the venue would refuse it once its
 * signature has waited to be sent.
 */
export const expirationOf = ({ cancelAfterMillis, placedMillis }: Order): bigint => {
  if (cancelAfterMillis === undefined) return 0n
  const least = seconds(placedMillis + SIGNATURE_LIFE_MILLIS) + LEAST_SECONDS + 1
  const exact = seconds(cancelAfterMillis) + EARLY_SECONDS
  return BigInt(seconds(cancelAfterMillis - placedMillis) >= LEAST_LIFETIME_SECONDS ? Math.max(exact, least) : 0)
}

/** The order type as it goes over the wire: whatever has a lifetime is GTD there. */
export const wireType = (order: Order): OrderType => {
  if (order.timeInForce === "FOK" || order.timeInForce === "FAK") return order.timeInForce
  return expirationOf(order) > 0n ? "GTD" : "GTC"
}

const structOf = (order: Order, market: Market, wallet: Wallet): OrderStruct => ({
  salt: saltOf(order.planId, order.instruction, order.attempt),
  maker: checksummed(wallet.wallet),
  // A deposit wallet signs for itself; every other wallet is signed for by its key (venue: signature types).
  signer: checksummed(wallet.signatureType === 3 ? wallet.wallet : wallet.signer),
  tokenId: BigInt(order.tokenId),
  ...amountsOf(order, market.tick),
  side: order.side,
  signatureType: wallet.signatureType,
  timestamp: BigInt(order.placedMillis),
  metadata: ZERO_32,
  builder: ZERO_32
})

/** Signs an order for the exchange of its market. Refused, in words, where it is not certain which one that is. */
export const seal = Effect.fn("Venue.Live.seal")(function* (
  signer: typeof Signer.Service,
  wallet: Wallet,
  order: Order,
  markets: ReadonlyMap<ConditionId, Market>
) {
  const market = markets.get(order.conditionId)
  const exchange = market === undefined ? Either.left("its market is not known") : exchangeOf(market, order.tokenId)
  if (market === undefined || Either.isLeft(exchange)) {
    const why = Either.isLeft(exchange) ? exchange.left : ""
    return yield* new VenueUnavailable({
      message: `instruction ${order.instruction + 1} cannot be signed: ${why}; nothing was sent`
    })
  }
  const struct = structOf(order, market, wallet)
  const signature = yield* signer.sign(signingDigest(exchange.right, struct))
  return {
    ...order,
    sealed: {
      externalOrderId: hex(orderHash(exchange.right, struct)),
      signed: orderJson(struct, wireSignature(exchange.right, struct, signature), expirationOf(order)),
      signedMillis: order.placedMillis,
      fees: market.fees
    }
  } satisfies Order
})
