import { type Block, reserve } from "./Block.ts"

/** Most bytes a row takes before compression: 1 + 2 + 2 and three whole numbers of at most 53 bits. */
const MOST_BYTES = 30

// Sizes mostly have two decimals, so most are told in units of 0.01 share.
const CENT = 10_000

/** Writes a whole number of up to 53 bits, seven bits a byte, lowest first. */
const writeNumber = (out: Uint8Array, at: number, value: number): number => {
  let [rest, to] = [value, at]
  while (rest >= 0x8000_0000) {
    const next = Math.floor(rest / 128)
    out[to++] = (rest - next * 128) | 0x80
    rest = next
  }
  while (rest >= 128) {
    out[to++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out[to++] = rest
  return to
}

/** A buffer that is large enough for the rows of a block. */
export const bytesFor = (rows: number): number => rows * MOST_BYTES

/**
 * The columns of a block as bytes, before compression, and how many those are: first all kinds (with side and the unit of
 * the size in the higher bits), then low and high bytes of markets, of prices, then sizes, receipt times as differences to the row before,
 * and venue times as differences to the receipt times. -1 where a row is out of order of receipt.
 */
export const encode = (block: Block, first: number, out: Uint8Array): number => {
  const { kind, market, price, receipt, rows, side, size, venue } = block
  let at = 0
  for (let row = 0; row < rows; row++) {
    const inCents = (size[row] ?? 0) % CENT === 0 ? 16 : 0
    out[at++] = (kind[row] ?? 0) | ((side[row] ?? 0) << 3) | inCents
  }
  for (let row = 0; row < rows; row++) {
    out[at + row] = market[row] ?? 0
    out[at + rows + row] = (market[row] ?? 0) >> 8
    out[at + rows * 2 + row] = price[row] ?? 0
    out[at + rows * 3 + row] = (price[row] ?? 0) >> 8
  }
  at += rows * 4
  for (let row = 0; row < rows; row++) {
    const shares = size[row] ?? 0
    at = writeNumber(out, at, shares % CENT === 0 ? shares / CENT : shares)
  }
  let before = first
  for (let row = 0; row < rows; row++) {
    const now = receipt[row] ?? 0
    if (now < before) return -1
    at = writeNumber(out, at, now - before)
    before = now
  }
  for (let row = 0; row < rows; row++) {
    const late = (receipt[row] ?? 0) - (venue[row] ?? 0)
    at = writeNumber(out, at, late >= 0 ? late * 2 : late * -2 - 1)
  }
  return at
}

/** Reads the columns that `encode` wrote into a block; false where the bytes are not those of so many rows. */
export const decode = (bytes: Uint8Array, rows: number, first: number, block: Block): boolean => {
  reserve(block, rows)
  const { kind, market, price, receipt, side, size, venue } = block
  if (bytes.length < rows * 8) return false
  for (let row = 0; row < rows; row++) {
    const packed = bytes[row] ?? 0
    kind[row] = packed & 7
    side[row] = (packed >> 3) & 1
    // The unit, until the size itself is read.
    size[row] = (packed & 16) === 0 ? 1 : CENT
  }
  let at = rows
  for (let row = 0; row < rows; row++) {
    market[row] = (bytes[at + row] ?? 0) | ((bytes[at + rows + row] ?? 0) << 8)
    price[row] = (bytes[at + rows * 2 + row] ?? 0) | ((bytes[at + rows * 3 + row] ?? 0) << 8)
  }
  at += rows * 4
  for (let row = 0; row < rows; row++) {
    let value = bytes[at++] ?? 0
    if (value >= 128) {
      value -= 128
      for (let scale = 128; ; scale *= 128) {
        const next = bytes[at++] ?? 0
        value += (next & 0x7f) * scale
        if (next < 128) break
      }
    }
    size[row] = value * (size[row] ?? 1)
  }
  let now = first
  for (let row = 0; row < rows; row++) {
    let value = bytes[at++] ?? 0
    if (value >= 128) {
      value -= 128
      for (let scale = 128; ; scale *= 128) {
        const next = bytes[at++] ?? 0
        value += (next & 0x7f) * scale
        if (next < 128) break
      }
    }
    now += value
    receipt[row] = now
  }
  for (let row = 0; row < rows; row++) {
    let value = bytes[at++] ?? 0
    if (value >= 128) {
      value -= 128
      for (let scale = 128; ; scale *= 128) {
        const next = bytes[at++] ?? 0
        value += (next & 0x7f) * scale
        if (next < 128) break
      }
    }
    venue[row] = (receipt[row] ?? 0) - (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
  }
  block.rows = rows
  return at === bytes.length
}
