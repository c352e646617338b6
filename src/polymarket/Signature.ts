import type { Exchange, Hex } from "./Contracts.ts"
import { hex, ORDER_TYPE, type OrderStruct, orderHash, separatorOf, structHash, unhex } from "./OrderStruct.ts"
import * as Secp256k1 from "./Secp256k1.ts"
import { typedDataDigest } from "./TypedData.ts"
import { keccak, keccakText, putAddress, putBytes, putNumber, words } from "./Words.ts"

const NESTED_TYPE =
  "TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)" +
  ORDER_TYPE

// Every digest is made in one go, so one row serves them all. The last word, the salt, stays zero.
const nested = words(7)
putBytes(nested, 0, keccakText(NESTED_TYPE))
putBytes(nested, 2, keccakText("DepositWallet"))
putBytes(nested, 3, keccakText("1"))

/**
 * What the key signs: the order's own digest, or for a deposit wallet the digest of ERC-7739's nested `TypedDataSign`,
 * which binds the order to the wallet that will be asked whether the signature is good.
 */
export const signingDigest = (exchange: Exchange, order: OrderStruct): Uint8Array => {
  if (order.signatureType !== 3) return orderHash(exchange, order)
  putBytes(nested, 1, structHash(order))
  putNumber(nested, 4, BigInt(exchange.chainId))
  putAddress(nested, 5, order.signer)
  return typedDataDigest(separatorOf(exchange), keccak(nested.bytes))
}

const SIGNATURE = 65
const TYPE_BYTES = Buffer.from(ORDER_TYPE, "utf8")
const LENGTH_BYTES = 2
const NESTED = SIGNATURE + 32 + 32 + TYPE_BYTES.length + LENGTH_BYTES

/** What follows the key's 65 bytes for a deposit wallet: separator, hash of the order, its type and the type's length. */
const trailer = (exchange: Exchange, order: OrderStruct): string => {
  const bytes = Buffer.alloc(NESTED - SIGNATURE)
  bytes.set(separatorOf(exchange), 0)
  bytes.set(structHash(order), 32)
  bytes.set(TYPE_BYTES, 64)
  bytes.writeUInt16BE(TYPE_BYTES.length, 64 + TYPE_BYTES.length)
  return bytes.toString("hex")
}

/** The signature as it goes over the wire: the key's 65 bytes, or 317 bytes for a deposit wallet. */
export const wireSignature = (exchange: Exchange, order: OrderStruct, signature: Uint8Array): Hex =>
  order.signatureType === 3 ? hex(signature) + trailer(exchange, order) : hex(signature)

const WIRE = /^0x([0-9a-fA-F]{2})+$/

/**
 * The address (lower case) of the key that made a wire signature of this order, undefined when the signature is malformed.
 * Whether that key may sign for the order's `signer` is for the caller to say.
 */
export const signedBy = (exchange: Exchange, order: OrderStruct, wire: string): string | undefined => {
  const end = 2 + 2 * SIGNATURE
  const wanted = order.signatureType === 3 ? trailer(exchange, order) : ""
  if (!WIRE.test(wire) || wire.length < end || wire.slice(end).toLowerCase() !== wanted) return undefined
  return Secp256k1.recover(signingDigest(exchange, order), unhex(wire.slice(0, end)))
}
