import { isAscii } from "node:buffer"
import { createReadStream } from "node:fs"
import { open } from "node:fs/promises"
import { pipeline } from "node:stream"
import { createGunzip } from "node:zlib"
import * as Effect from "effect/Effect"
import type { InvalidInput } from "../../domain/Failure.ts"
import { trying } from "../TapeFault.ts"

const CHUNK = 1 << 20

/** Puts the next bytes of a file, a chunk of them at most, into a buffer from an offset on; how many, 0 at the end. */
type Read = (buffer: Buffer, offset: number) => Effect.Effect<number, InvalidInput>

const unpacked = Effect.fnUntraced(function* (path: string) {
  const stream = yield* Effect.acquireRelease(
    Effect.sync(() =>
      // What goes wrong is told by the last stream of the line, which is the one read from.
      pipeline(createReadStream(path, { highWaterMark: CHUNK }), createGunzip({ chunkSize: CHUNK }), () => undefined)
    ),
    (stream) => Effect.sync(() => stream.destroy())
  )
  const chunks: AsyncIterator<unknown> = stream[Symbol.asyncIterator]()
  const read: Read = (buffer, offset) =>
    Effect.map(
      trying(path, "read", () => chunks.next()),
      ({ value }) => (Buffer.isBuffer(value) ? value.copy(buffer, offset) : 0)
    )
  return read
})

const reader = Effect.fnUntraced(function* (path: string) {
  const handle = yield* Effect.acquireRelease(
    trying(path, "read", () => open(path, "r")),
    (handle) => Effect.promise(() => handle.close())
  )
  const head = Buffer.alloc(2)
  yield* trying(path, "read", () => handle.read(head, 0, 2, 0))
  if (head[0] === 0x1f && head[1] === 0x8b) return yield* unpacked(path)
  let position = 0
  const read: Read = (buffer, offset) =>
    Effect.map(
      trying(path, "read", () => handle.read(buffer, offset, CHUNK, position)),
      ({ bytesRead }) => {
        position += bytesRead
        return bytesRead
      }
    )
  return read
})

// Several times as fast as UTF-8, and the same where there are no other letters.
const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? "latin1" : "utf8")

const NEWLINE = 10
/** Texts up to this length are young garbage; larger ones would be moved aside and collected at a cost. */
const PIECE = 1 << 16

/** The text of a file, piece by piece. */
export interface Pieces {
  /** The next whole lines of what has been read, with or without a newline at the end; undefined where more must be read. */
  readonly next: () => string | undefined
  /** Reads more; false at the end of the file. */
  readonly more: Effect.Effect<boolean, InvalidInput>
}

/** Opens the text of a file; gzip is told by its first bytes. */
export const pieces = Effect.fn("Import.Bytes.pieces")(function* (path: string) {
  const read = yield* reader(path)
  // What has been read and not handed out lies from `at` to `filled`; whole lines go to `end`.
  let bytes = Buffer.allocUnsafe(CHUNK * 2)
  let [at, end, filled, over] = [0, 0, 0, false]
  const next = () => {
    if (at >= end) return undefined
    let to = end
    if (end - at > PIECE) {
      const before = bytes.lastIndexOf(NEWLINE, at + PIECE)
      to = before >= at ? before + 1 : bytes.indexOf(NEWLINE, at + PIECE) + 1
      if (to <= at || to > end) to = end
    }
    const text = textOf(bytes.subarray(at, to))
    at = to
    return text
  }
  const more = Effect.gen(function* () {
    if (over) return false
    const rest = filled - at
    if (bytes.length < rest + CHUNK) {
      const larger = Buffer.allocUnsafe(bytes.length * 2)
      bytes.copy(larger, 0, at, filled)
      bytes = larger
    } else bytes.copyWithin(0, at, filled)
    const count = yield* read(bytes, rest)
    over = count === 0
    at = 0
    filled = rest + count
    end = over ? filled : bytes.subarray(0, filled).lastIndexOf(NEWLINE) + 1
    return !over || at < end
  })
  const found: Pieces = { next, more }
  return found
})

/** The whole text of a file. */
export const text = Effect.fn("Import.Bytes.text")(function* (path: string) {
  const { more, next } = yield* pieces(path)
  const parts: Array<string> = []
  while (yield* more) for (let part = next(); part !== undefined; part = next()) parts.push(part)
  return parts.join("")
}, Effect.scoped)
