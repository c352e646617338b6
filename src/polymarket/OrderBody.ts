import { checksummed } from "./Address.ts"
import type { OrderStruct } from "./OrderStruct.ts"

export type OrderType = "GTC" | "GTD" | "FOK" | "FAK"

/**
 * The signed order as the venue takes it, as its client writes it. Integers are text but for the salt, which is a number;
 * `expirationSeconds` is not signed, and 0 for everything but GTD.
 */
export const orderJson = (order: OrderStruct, signature: string, expirationSeconds: bigint): string =>
  JSON.stringify({
    salt: Number(order.salt),
    maker: checksummed(order.maker),
    signer: checksummed(order.signer),
    tokenId: `${order.tokenId}`,
    makerAmount: `${order.makerAmount}`,
    takerAmount: `${order.takerAmount}`,
    side: order.side,
    signatureType: order.signatureType,
    timestamp: `${order.timestamp}`,
    expiration: `${expirationSeconds}`,
    metadata: order.metadata,
    builder: order.builder,
    signature
  })

/** The body of POST /order around an order's JSON, byte for byte. `owner` is the API key, which is never stored with it. */
export const postBody = (
  order: string,
  owner: string,
  orderType: OrderType,
  options: { readonly postOnly: boolean; readonly deferExec: boolean }
): string =>
  `{"deferExec":${options.deferExec},"postOnly":${options.postOnly},"order":${order},` +
  `"owner":${JSON.stringify(owner)},"orderType":"${orderType}"}`
