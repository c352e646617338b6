import { createRequire } from "node:module"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { hex, keccak } from "./Words.ts"

/** One implementation of the curve. Signatures are r and s, 64 bytes, with a low s; public keys are 65 bytes. */
export interface Curve {
  readonly name: "native" | "portable"
  readonly isPrivateKey: (key: Uint8Array) => boolean
  readonly publicKey: (key: Uint8Array) => Uint8Array
  /** Deterministic (RFC 6979). Writes r and s, and returns the recovery bit. */
  readonly sign: (digest: Uint8Array, key: Uint8Array, into: Uint8Array) => number
  readonly recover: (digest: Uint8Array, signature: Uint8Array, recovery: number) => Uint8Array
}

interface Bindings {
  readonly privateKeyVerify: (key: Uint8Array) => boolean
  readonly publicKeyCreate: (key: Uint8Array, compressed: boolean) => Uint8Array
  readonly ecdsaSign: (
    digest: Uint8Array,
    key: Uint8Array,
    options: object,
    output: Uint8Array
  ) => { readonly recid: number }
  readonly ecdsaRecover: (
    signature: Uint8Array,
    recovery: number,
    digest: Uint8Array,
    compressed: boolean
  ) => Uint8Array
}

interface Recoverable {
  readonly recoverPublicKey: (digest: Uint8Array) => { readonly toRawBytes: (compressed: boolean) => Uint8Array }
}

interface Portable {
  readonly utils: { readonly isValidPrivateKey: (key: Uint8Array) => boolean }
  readonly getPublicKey: (key: Uint8Array, compressed: boolean) => Uint8Array
  readonly sign: (
    digest: Uint8Array,
    key: Uint8Array
  ) => { readonly recovery: number; readonly toCompactRawBytes: () => Uint8Array }
  readonly Signature: {
    readonly fromCompact: (bytes: Uint8Array) => { readonly addRecoveryBit: (bit: number) => Recoverable }
  }
}

const isBindings = (found: unknown): found is Bindings =>
  ["privateKeyVerify", "publicKeyCreate", "ecdsaSign", "ecdsaRecover"].every((name) =>
    Predicate.hasProperty(found, name)
  )

const isPortable = (found: unknown): found is { readonly secp256k1: Portable } =>
  Predicate.hasProperty(found, "secp256k1") &&
  ["utils", "getPublicKey", "sign", "Signature"].every((name) => Predicate.hasProperty(found.secp256k1, name))

const load = createRequire(import.meta.url)
const loaded = (from: () => unknown): unknown => Either.getOrUndefined(Either.try(from))

/**
 * Bitcoin's own C library; undefined where it is not built for this machine. Its bindings are named themselves, because
 * the package's front door falls back to an implementation in which signing has had leaks.
 */
export const native = (): Curve | undefined => {
  const found = loaded(() => load("secp256k1/bindings.js"))
  if (!isBindings(found)) return undefined
  return {
    name: "native",
    isPrivateKey: (key) => found.privateKeyVerify(key),
    publicKey: (key) => found.publicKeyCreate(key, false),
    sign: (digest, key, into) => found.ecdsaSign(digest, key, {}, into).recid,
    recover: (digest, signature, recovery) => found.ecdsaRecover(signature, recovery, digest, false)
  }
}

/** The curve in JavaScript that viem signs with: the same bytes, some eight times slower. */
export const portable = (): Curve | undefined => {
  const found = loaded(() => createRequire(load.resolve("viem"))("@noble/curves/secp256k1"))
  if (!isPortable(found)) return undefined
  const { secp256k1 } = found
  return {
    name: "portable",
    isPrivateKey: (key) => secp256k1.utils.isValidPrivateKey(key),
    publicKey: (key) => secp256k1.getPublicKey(key, false),
    sign: (digest, key, into) => {
      const made = secp256k1.sign(digest, key)
      into.set(made.toCompactRawBytes())
      return made.recovery
    },
    recover: (digest, signature, recovery) =>
      secp256k1.Signature.fromCompact(signature).addRecoveryBit(recovery).recoverPublicKey(digest).toRawBytes(false)
  }
}

let chosen: Curve | undefined

/** The curve in use, loaded at its first use. A defect when neither can be: the installation is not whole. */
export const curve = (): Curve => {
  chosen ??= native() ?? portable()
  return Either.getOrThrowWith(
    Either.fromNullable(chosen, () => "neither secp256k1 nor viem can be loaded: run npm ci"),
    (message) => new Error(message)
  )
}

const addressOfPublicKey = (publicKey: Uint8Array): string => hex(keccak(publicKey.subarray(1)).subarray(12))

/** Whether 32 bytes are a private key: not zero, and below the order of the curve. */
export const isPrivateKey = (bytes: Uint8Array): boolean => bytes.length === 32 && curve().isPrivateKey(bytes)

/** The address (lower case) of a private key; a defect when it is none. */
export const addressOf = (privateKey: Uint8Array): string => addressOfPublicKey(curve().publicKey(privateKey))

/** Signs 32 bytes: r, s and v (27 or 28), 65 bytes. The same digest and key always give the same signature. */
export const sign = (digest: Uint8Array, privateKey: Uint8Array): Uint8Array => {
  const signature = new Uint8Array(65)
  signature[64] = 27 + curve().sign(digest, privateKey, signature.subarray(0, 64))
  return signature
}

const HALF_ORDER = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"

const isLow = (s: Uint8Array): boolean => Buffer.from(s).toString("hex") <= HALF_ORDER

/**
 * The address (lower case) of the key that signed a digest; undefined when the 65 bytes are no signature. A high s is none:
 * it would be a second signature of the same key under the same digest (EIP-2).
 */
export const recover = (digest: Uint8Array, signature: Uint8Array): string | undefined => {
  const v = signature[64]
  if (signature.length !== 65 || (v !== 27 && v !== 28) || !isLow(signature.subarray(32, 64))) return undefined
  return Either.getOrUndefined(
    Either.try(() => addressOfPublicKey(curve().recover(digest, signature.subarray(0, 64), v - 27)))
  )
}
