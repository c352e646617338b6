import type { FileHandle } from "node:fs/promises"
import { crc32 } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { InvalidInput } from "../domain/Failure.ts"
import * as Frame from "./Frame.ts"
import { MarketTable } from "./MarketTable.ts"
import { fault, trying } from "./TapeFault.ts"

/** Bytes of a tape that are no block although blocks follow them. */
export interface Damage {
  readonly offset: number
  readonly length: number
}

/** What a tape holds, and how it ends. */
export interface Found extends Frame.Index {
  /** It was closed: its index stands at the end. Otherwise it was found by reading every block. */
  readonly finished: boolean
  /** Where the last whole block ends: from here on it may be written further. */
  readonly end: number
  /** Bytes after that which are no whole block: what was being written when the writer died. */
  readonly torn: number
  readonly damage: ReadonlyArray<Damage>
}

/** Bytes of a file, fewer at its end. */
export const bytesAt = Effect.fnUntraced(function* (handle: FileHandle, path: string, offset: number, length: number) {
  const buffer = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = yield* trying(path, "read", () => handle.read(buffer, read, length - read, offset + read))
    if (bytesRead === 0) break
    read += bytesRead
  }
  return buffer.subarray(0, read)
})

const noTape = (path: string, why: string) => fault("not_a_tape", path, `it is no tape: ${why}`)

/** Where the first block begins. */
const start = Effect.fnUntraced(function* (handle: FileHandle, path: string) {
  const head = yield* bytesAt(handle, path, 0, 20)
  if (head.length < 20 || !head.subarray(0, 8).equals(Frame.MAGIC)) {
    return yield* noTape(path, `it does not begin with ${Frame.MAGIC.toString("latin1")}`)
  }
  const version = head.readUInt32LE(8)
  if (version !== Frame.VERSION) return yield* noTape(path, `version ${version} of its form is not known here`)
  const json = yield* bytesAt(handle, path, 20, Math.min(head.readUInt32LE(12), 65_536))
  if (crc32(json) !== head.readUInt32LE(16)) return yield* noTape(path, "its first bytes are damaged")
  return 20 + json.length
})

const footerOf = Effect.fnUntraced(function* (handle: FileHandle, path: string, size: number) {
  const trailer = yield* bytesAt(handle, path, Math.max(0, size - Frame.TRAILER), Frame.TRAILER)
  const length = Frame.lengthOfFooter(trailer)
  const offset = size - Frame.TRAILER - (length ?? size)
  if (length === undefined || offset < 0) return undefined
  const index = Frame.readFooter(yield* bytesAt(handle, path, offset, length))
  return index === undefined ? undefined : { index, offset }
})

/** The whole block at an offset, or undefined where there is none. */
const blockAt = Effect.fnUntraced(function* (handle: FileHandle, path: string, offset: number, size: number) {
  const length = Frame.lengthOfBlock(yield* bytesAt(handle, path, offset, 8))
  if (length === undefined || offset + length > size) return undefined
  const found = Frame.readBlock(yield* bytesAt(handle, path, offset, length))
  return found === undefined ? undefined : { ...found, length }
})

const STRIDE = 1 << 20

/** Where the next whole block begins after something that is none. */
const nextBlock = Effect.fnUntraced(function* (handle: FileHandle, path: string, from: number, size: number) {
  for (let base = from; base < size; base += STRIDE) {
    // A mark may lie across two strides.
    const bytes = yield* bytesAt(handle, path, base, STRIDE + 3)
    for (let at = bytes.indexOf(Frame.BLOCK_MARK); at >= 0; at = bytes.indexOf(Frame.BLOCK_MARK, at + 1)) {
      if (at < STRIDE && (yield* blockAt(handle, path, base + at, size)) !== undefined) return base + at
    }
  }
  return undefined
})

const scan = Effect.fnUntraced(function* (handle: FileHandle, path: string, from: number, size: number) {
  const table = new MarketTable([])
  const blocks: Array<Frame.BlockEntry> = []
  const damage: Array<Damage> = []
  let [offset, end] = [from, from]
  while (offset < size) {
    const found = yield* blockAt(handle, path, offset, size)
    if (found === undefined) {
      const next = yield* nextBlock(handle, path, offset + 1, size)
      if (next === undefined) break
      damage.push({ offset, length: next - offset })
      offset = next
      continue
    }
    const { first, inferred, last, length, markets, rows } = found
    if (found.table !== "") {
      for (const { market } of Either.getOrElse(Frame.readTable(found.table), () => [])) table.put(market)
    }
    blocks.push({ offset, length, rows, first, last, inferred, markets })
    offset += length
    end = offset
  }
  return { markets: table.all, blocks, finished: false, end, torn: size - end, damage } satisfies Found
})

/**
 * What is in a tape: out of the index at its end, or, where its writer died before it wrote one, by reading all blocks. A
 * block that was not written to its end is left out; damage with blocks behind it is told.
 */
export const find = Effect.fn("TapeIndex.find")(function* (handle: FileHandle, path: string) {
  const from = yield* start(handle, path)
  const { size } = yield* trying(path, "read", () => handle.stat())
  const footer = yield* footerOf(handle, path, size)
  if (footer === undefined) return yield* scan(handle, path, from, size)
  return { ...footer.index, finished: true, end: footer.offset, torn: 0, damage: [] } satisfies Found
})

/** Damage that a tape must not have if it is to be read or written further. */
export const undamaged = (path: string, found: Found): Effect.Effect<void, InvalidInput> => {
  const [first] = found.damage
  return first === undefined
    ? Effect.void
    : Effect.fail(
        fault(
          "damaged_tape",
          path,
          `${first.length} bytes from byte ${first.offset} on are damaged; betteroms tape verify tells all`
        )
      )
}
