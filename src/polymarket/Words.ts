import { keccak_256 } from "@noble/hashes/sha3.js"
import type { Hex } from "./Contracts.ts"

/** Bytes as `0x` and lower-case digits. */
export const hex = (bytes: Uint8Array): Hex =>
  `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`

/**
 * The bytes of hexadecimal text, with or without `0x`, up to the first character that is no digit. In memory of their own:
 * they may be a key, and Node keeps short buffers side by side in memory that is shared.
 */
export const unhex = (text: string): Uint8Array => {
  const digits = text.startsWith("0x") ? text.slice(2) : text
  const bytes = new Uint8Array(digits.length >> 1)
  const written = Buffer.from(bytes.buffer).write(digits, "hex")
  return written === bytes.length ? bytes : bytes.slice(0, written)
}

export const keccak = (bytes: Uint8Array): Uint8Array => keccak_256(bytes)
export const keccakText = (text: string): Uint8Array => keccak_256(Buffer.from(text, "utf8"))

/** A row of 32-byte words, as Solidity's `abi.encode` lays out values of fixed size. */
export interface Words {
  readonly bytes: Buffer
  readonly view: DataView
}

export const words = (count: number): Words => {
  const bytes = Buffer.alloc(count * 32)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

const LIMB = (1n << 64n) - 1n

/** Writes a number below 2^256; of a larger one the lowest 256 bits. */
export const putNumber = ({ view }: Words, index: number, value: bigint): void => {
  const at = index * 32
  const small = value >= 0n && value <= LIMB
  view.setBigUint64(at, small ? 0n : value >> 192n)
  view.setBigUint64(at + 8, small ? 0n : value >> 128n)
  view.setBigUint64(at + 16, small ? 0n : value >> 64n)
  view.setBigUint64(at + 24, value)
}

/** Writes an address, `0x` and 40 digits of either case, behind 12 zero bytes. */
export const putAddress = ({ bytes }: Words, index: number, address: string): void => {
  bytes.fill(0, index * 32, index * 32 + 32)
  bytes.write(address.slice(2), index * 32 + 12, 20, "hex")
}

/** Writes 32 bytes given as `0x` and 64 digits. */
export const putHex32 = ({ bytes }: Words, index: number, text: string): void => {
  bytes.fill(0, index * 32, index * 32 + 32)
  bytes.write(text.slice(2), index * 32, 32, "hex")
}

export const putBytes = ({ bytes }: Words, index: number, value: Uint8Array): void => {
  bytes.set(value, index * 32)
}
