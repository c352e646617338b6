import { crc32 } from "node:zlib"
import * as Schema from "effect/Schema"
import { Entry, TapeMarket } from "./TapeMarket.ts"

/** First bytes of a tape, and the version of its form. */
export const MAGIC = Buffer.from("BOMSTAPE", "latin1")
export const VERSION = 1
const END = Buffer.from("TAPE-END", "latin1")
const BLOCK = 0x314b_4c42
const FOOTER = 0x3152_5446

/** Bytes of a frame before its content, and of the pointer to the footer at the end of the file. */
export const HEAD = 40
export const TRAILER = 12

/** A longer frame is none: no block of ours comes near. */
const MOST_BYTES = 0x2000_0000

/** Where a block stands in the file and what is in it. */
export interface BlockEntry {
  readonly offset: number
  readonly length: number
  readonly rows: number
  /** Receipt times of its first and last row. */
  readonly first: number
  readonly last: number
  /** Some of its receipt times are not known and taken from the venue's. */
  readonly inferred: boolean
  /** Indexes of the markets that have rows in it, rising. */
  readonly markets: Uint16Array
}

/** A block as it is written: its entry but for the place, the new entries of the table of markets, and the packed columns. */
export interface Content {
  readonly rows: number
  readonly first: number
  readonly last: number
  readonly inferred: boolean
  readonly markets: Uint16Array
  readonly table: ReadonlyArray<Entry>
  readonly packed: Uint8Array
}

const Table = Schema.parseJson(Schema.Array(Entry))
const writeTable = Schema.encodeSync(Table)
/** Reads the entries of the table of markets that came with a block. */
export const readTable = Schema.decodeUnknownEither(Table)

const Footer = Schema.parseJson(
  Schema.Struct({
    markets: Schema.Array(TapeMarket),
    blocks: Schema.Array(
      Schema.Struct({
        offset: Schema.Number,
        length: Schema.Number,
        rows: Schema.Number,
        first: Schema.Number,
        last: Schema.Number,
        inferred: Schema.Boolean,
        markets: Schema.Uint8ArrayFromBase64
      })
    )
  })
)
const writeFooter = Schema.encodeSync(Footer)
const parseFooter = Schema.decodeUnknownOption(Footer)

/** The first bytes of the file. */
export const header = (): Buffer => {
  const json = Buffer.from(JSON.stringify({ about: "BetterOMS market-data tape; docs/tape.md tells its form" }))
  const head = Buffer.alloc(20)
  MAGIC.copy(head)
  head.writeUInt32LE(VERSION, 8)
  head.writeUInt32LE(json.length, 12)
  head.writeUInt32LE(crc32(json), 16)
  return Buffer.concat([head, json])
}

const bytesOf = (words: Uint16Array): Buffer => {
  const bytes = Buffer.alloc(words.length * 2)
  words.forEach((word, index) => {
    bytes.writeUInt16LE(word, index * 2)
  })
  return bytes
}

const wordsOf = (bytes: Uint8Array): Uint16Array =>
  Uint16Array.from({ length: bytes.length >> 1 }, (_, at) => (bytes[at * 2] ?? 0) | ((bytes[at * 2 + 1] ?? 0) << 8))

const seal = (mark: number, frame: Buffer): Buffer => {
  frame.writeUInt32LE(mark, 0)
  frame.writeUInt32LE(frame.length, 4)
  frame.writeUInt32LE(crc32(frame.subarray(12)), 8)
  return frame
}

/** A block as bytes of the file. */
export const block = (content: Content): Buffer => {
  const table = content.table.length === 0 ? Buffer.alloc(0) : Buffer.from(writeTable(content.table))
  const head = Buffer.alloc(HEAD)
  head.writeUInt32LE(content.rows, 12)
  head.writeDoubleLE(content.first, 16)
  head.writeDoubleLE(content.last, 24)
  head.writeUInt32LE(table.length, 32)
  head.writeUInt16LE(content.markets.length, 36)
  head.writeUInt16LE(content.inferred ? 1 : 0, 38)
  return seal(BLOCK, Buffer.concat([head, table, bytesOf(content.markets), content.packed]))
}

/** What a whole block of the file says, or undefined where the bytes are none: another mark, or a checksum that differs. */
export const readBlock = (frame: Buffer): (Omit<Content, "table"> & { readonly table: string }) | undefined => {
  if (frame.length < HEAD || frame.readUInt32LE(0) !== BLOCK || frame.readUInt32LE(4) !== frame.length) return undefined
  if (frame.readUInt32LE(8) !== crc32(frame.subarray(12))) return undefined
  const tableEnd = HEAD + frame.readUInt32LE(32)
  const marketsEnd = tableEnd + frame.readUInt16LE(36) * 2
  return {
    rows: frame.readUInt32LE(12),
    first: frame.readDoubleLE(16),
    last: frame.readDoubleLE(24),
    inferred: (frame.readUInt16LE(38) & 1) === 1,
    table: frame.toString("utf8", HEAD, tableEnd),
    markets: wordsOf(frame.subarray(tableEnd, marketsEnd)),
    packed: frame.subarray(marketsEnd)
  }
}

/** Length of the block whose first bytes these are; undefined where no block begins here. */
export const lengthOfBlock = (head: Buffer): number | undefined => {
  if (head.length < 8 || head.readUInt32LE(0) !== BLOCK) return undefined
  const length = head.readUInt32LE(4)
  return length >= HEAD && length <= MOST_BYTES ? length : undefined
}

/** Whether entries of the table of markets come with the block whose first `HEAD` bytes these are. */
export const hasTable = (head: Buffer): boolean => head.length < HEAD || head.readUInt32LE(32) > 0

/** The mark that a block begins with, to look for one after damage. */
export const BLOCK_MARK = Buffer.from([0x42, 0x4c, 0x4b, 0x31])

/** What the end of a finished tape holds: the table of markets and the list of blocks. */
export interface Index {
  readonly markets: ReadonlyArray<TapeMarket>
  readonly blocks: ReadonlyArray<BlockEntry>
}

/** The end of the file: the index, and how far before the end it begins. */
export const footer = (index: Index): Buffer => {
  const blocks = index.blocks.map((entry) => ({ ...entry, markets: bytesOf(entry.markets) }))
  const json = Buffer.from(writeFooter({ markets: index.markets, blocks }))
  const frame = seal(FOOTER, Buffer.concat([Buffer.alloc(12), json]))
  const trailer = Buffer.alloc(TRAILER)
  trailer.writeUInt32LE(frame.length, 0)
  END.copy(trailer, 4)
  return Buffer.concat([frame, trailer])
}

/** Length of the footer, out of the last bytes of the file; undefined where they are no end of a finished tape. */
export const lengthOfFooter = (trailer: Buffer): number | undefined =>
  trailer.length === TRAILER && trailer.subarray(4).equals(END) ? trailer.readUInt32LE(0) : undefined

/** The index out of the footer's bytes; undefined where they are damaged. */
export const readFooter = (frame: Buffer): Index | undefined => {
  if (frame.length < 12 || frame.readUInt32LE(0) !== FOOTER) return undefined
  if (frame.readUInt32LE(8) !== crc32(frame.subarray(12))) return undefined
  const found = parseFooter(frame.toString("utf8", 12))
  if (found._tag === "None") return undefined
  const blocks = found.value.blocks.map((entry) => ({ ...entry, markets: wordsOf(entry.markets) }))
  return { markets: found.value.markets, blocks }
}
