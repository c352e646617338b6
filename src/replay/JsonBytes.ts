import { LARGEST } from "../exchange/Book.ts"
import * as Interned from "./Interned.ts"

// Parts of JSON read straight out of its bytes, by a cursor that moves behind what was taken.

/** Bytes that are being read, and where. */
export interface Cursor {
  bytes: Buffer
  at: number
  readonly interned: Interned.Interned
}

export const NEWLINE = 10
export const QUOTE = 34
export const COMMA = 44
export const POINT = 46
const ZERO = 48
const BACKSLASH = 92
export const OPEN_LIST = 91
export const CLOSE_LIST = 93
export const OPEN = 123
export const CLOSE = 125
const SCALE = [100_000, 10_000, 1_000, 100, 10, 1] as const

/** Takes the character at the cursor, if it is that one. */
export const takes = (cursor: Cursor, code: number): boolean => {
  if (cursor.bytes[cursor.at] !== code) return false
  cursor.at++
  return true
}

export const wordOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"))

/** Takes a word at the cursor, if it is that one. */
export const takeWord = (cursor: Cursor, word: Uint8Array): boolean => {
  const { at, bytes } = cursor
  for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word[index]) return false
  cursor.at = at + word.length
  return true
}

/** 1 for what stands in a plain text: ASCII without quotes and escapes. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 32 && byte < 127 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0
)

/** Passes over the plain text at the cursor, behind its quote; false where it is not plain. */
export const skipText = (cursor: Cursor): boolean => {
  const { bytes } = cursor
  let { at } = cursor
  while (PLAIN[bytes[at] ?? 0] === 1) at++
  cursor.at = at + 1
  return bytes[at] === QUOTE
}

/** The plain text at the cursor, behind its quote; undefined where it is not plain. */
export const takeText = (cursor: Cursor): string | undefined => {
  const from = cursor.at
  // Most often one of the two texts before it: then one look at its bytes is enough.
  const { bytes, interned } = cursor
  const known = Interned.recentAt(interned, bytes, from)
  if (known !== undefined && bytes[from + known.length] === QUOTE) {
    cursor.at = from + known.length + 1
    return known
  }
  return skipText(cursor) ? Interned.textAt(interned, bytes, from, cursor.at - 1) : undefined
}

/** Micro-units of the quoted decimal at the cursor; -1 where it is none, or written in a rare way. */
export const decimal = (cursor: Cursor): number => {
  const { bytes } = cursor
  let { at } = cursor
  if (bytes[at] !== QUOTE) return -1
  const start = ++at
  let digit = (bytes[at] ?? 0) - ZERO
  let whole = 0
  while (digit >= 0 && digit <= 9) {
    whole = whole * 10 + digit
    digit = (bytes[++at] ?? 0) - ZERO
  }
  if (at === start || at - start > 10) return -1
  let micro = whole * 1_000_000
  if (digit === POINT - ZERO) {
    const point = at
    digit = (bytes[++at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9) {
      const scale = SCALE[at - point - 1]
      if (scale === undefined) return -1
      micro += digit * scale
      digit = (bytes[++at] ?? 0) - ZERO
    }
    if (at === point + 1) return -1
  }
  if (bytes[at] !== QUOTE || micro > LARGEST) return -1
  cursor.at = at + 1
  return micro
}

/** Epoch milliseconds out of thirteen digits, quoted or not; -1 where the time is written in another way. */
export const time = (cursor: Cursor): number => {
  const quoted = takes(cursor, QUOTE)
  const { bytes } = cursor
  let { at } = cursor
  let millis = 0
  for (const end = at + 13; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return -1
    millis = millis * 10 + digit
  }
  cursor.at = at
  const after = bytes[at]
  return (quoted ? takes(cursor, QUOTE) : after === COMMA || after === CLOSE) ? millis : -1
}
