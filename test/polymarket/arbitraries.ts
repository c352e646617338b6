import * as fc from "fast-check"
import { EXCHANGES } from "../../src/polymarket/Contracts.ts"
import type { OrderStruct, SignatureType } from "../../src/polymarket/OrderStruct.ts"

const digits = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((found) => `0x${Buffer.from(found).toString("hex")}` as const)

export const address = digits(20)
export const bytes32 = digits(32)

/** The order of secp256k1: private keys lie below it. */
export const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

export const privateKey = fc
  .oneof({ weight: 9, arbitrary: fc.bigInt(1n, CURVE_ORDER - 1n) }, fc.constantFrom(1n, CURVE_ORDER - 1n))
  .map((key) => `0x${key.toString(16).padStart(64, "0")}` as const)

export const exchange = fc.constantFrom(...Object.values(EXCHANGES))
export const signatureType: fc.Arbitrary<SignatureType> = fc.constantFrom(0, 1, 2, 3)

/** Of any size that the type allows, the largest included. */
const uint256 = fc.oneof(
  fc.bigInt(0n, (1n << 256n) - 1n),
  fc.bigInt(0n, (1n << 64n) - 1n),
  fc.constantFrom(0n, (1n << 64n) - 1n, 1n << 64n, (1n << 256n) - 1n)
)

/** An order with anything at all in its fields. */
export const order: fc.Arbitrary<OrderStruct> = fc.record({
  salt: fc.bigInt(0n, (1n << 53n) - 1n),
  maker: address,
  signer: address,
  tokenId: uint256,
  makerAmount: uint256,
  takerAmount: uint256,
  side: fc.constantFrom("BUY" as const, "SELL" as const),
  signatureType,
  timestamp: uint256,
  metadata: bytes32,
  builder: bytes32
})
