import type { Exchange } from "./Contracts.ts"
import { domainSeparator, typedDataDigest } from "./TypedData.ts"
import { keccak, keccakText, putAddress, putBytes, putHex32, putNumber, words } from "./Words.ts"

export { hex, unhex } from "./Words.ts"

/** EOA, Polymarket proxy, Safe, deposit wallet (EIP-1271). */
export type SignatureType = 0 | 1 | 2 | 3

/** The eleven fields of an order that are signed, the same for every exchange. Each must fit its Solidity type. */
export interface OrderStruct {
  /** At most 2^53 - 1: it goes over the wire as a JSON number. */
  readonly salt: bigint
  /** The wallet that holds the funds. */
  readonly maker: string
  /** The key's own address; for type 3 the deposit wallet, as `maker`. */
  readonly signer: string
  readonly tokenId: bigint
  /** What the order gives, in micro-units: dollars of a BUY, shares of a SELL. */
  readonly makerAmount: bigint
  /** What the order wants, in micro-units: shares of a BUY, dollars of a SELL. */
  readonly takerAmount: bigint
  readonly side: "BUY" | "SELL"
  readonly signatureType: SignatureType
  /** Creation time in milliseconds. */
  readonly timestamp: bigint
  /** 32 bytes, zero when unused. */
  readonly metadata: string
  /** 32 bytes: a builder's code, zero when there is none. */
  readonly builder: string
}

export const ZERO_32 = `0x${"0".repeat(64)}`

export const ORDER_TYPE =
  "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount," +
  "uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"

const SIDES = { BUY: 0n, SELL: 1n } as const

// Every hash is made in one go, so one row serves them all.
const row = words(12)
putBytes(row, 0, keccakText(ORDER_TYPE))

const hashOf = (order: OrderStruct): Uint8Array => {
  putNumber(row, 1, order.salt)
  putAddress(row, 2, order.maker)
  putAddress(row, 3, order.signer)
  putNumber(row, 4, order.tokenId)
  putNumber(row, 5, order.makerAmount)
  putNumber(row, 6, order.takerAmount)
  putNumber(row, 7, SIDES[order.side])
  putNumber(row, 8, BigInt(order.signatureType))
  putNumber(row, 9, order.timestamp)
  putHex32(row, 10, order.metadata)
  putHex32(row, 11, order.builder)
  return keccak(row.bytes)
}

interface Hashes {
  readonly struct: Uint8Array
  digest: { readonly exchange: Exchange; readonly bytes: Uint8Array } | undefined
}

// An order's id, what is signed and the wire signature all need the same hashes, which are most of their work.
const hashes = new WeakMap<OrderStruct, Hashes>()

const hashesOf = (order: OrderStruct): Hashes => {
  const known = hashes.get(order)
  if (known !== undefined) return known
  const made = { struct: hashOf(order), digest: undefined }
  hashes.set(order, made)
  return made
}

/** The EIP-712 hash of an order apart from any exchange. Orders are values: one changed in place would keep its old hash. */
export const structHash = (order: OrderStruct): Uint8Array => hashesOf(order).struct

const NAME = "Polymarket CTF Exchange"
const separators = new WeakMap<Exchange, Uint8Array>()

/** The separator of an exchange's EIP-712 domain. */
export const separatorOf = (exchange: Exchange): Uint8Array => {
  const known = separators.get(exchange)
  if (known !== undefined) return known
  const { address: verifyingContract, chainId, domainVersion: version } = exchange
  const made = domainSeparator({ name: NAME, version, chainId, verifyingContract })
  separators.set(exchange, made)
  return made
}

/** The EIP-712 digest of an order, 32 bytes: in hexadecimal it is the venue's order id, whatever the signature type. */
export const orderHash = (exchange: Exchange, order: OrderStruct): Uint8Array => {
  const known = hashesOf(order)
  if (known.digest?.exchange !== exchange)
    known.digest = { exchange, bytes: typedDataDigest(separatorOf(exchange), known.struct) }
  return known.digest.bytes
}
