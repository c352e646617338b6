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

const NEWLINE = 10

/** The bytes of a file in runs of whole lines. */
export interface Lines {
  /** What has been read: whole lines from `at` to `end`, of which the last may lack its newline. Who takes a line moves `at`. */
  bytes: Buffer
  at: number
  end: number
  /** Reads more, once all lines have been taken; false at the end of the file. The bytes before are then gone. */
  readonly more: Effect.Effect<boolean, InvalidInput>
}

/** Opens the lines of a file; gzip is told by its first bytes. */
export const lines = Effect.fn("Import.Bytes.lines")(function* (path: string) {
  const read = yield* reader(path)
  let [filled, over] = [0, false]
  const more = Effect.gen(function* () {
    if (over) return false
    const { at, bytes } = found
    const rest = filled - at
    if (bytes.length < rest + CHUNK) {
      found.bytes = Buffer.allocUnsafe(bytes.length * 2)
      bytes.copy(found.bytes, 0, at, filled)
    } else bytes.copyWithin(0, at, filled)
    const count = yield* read(found.bytes, rest)
    over = count === 0
    filled = rest + count
    found.at = 0
    found.end = over ? filled : found.bytes.subarray(0, filled).lastIndexOf(NEWLINE) + 1
    return !over || found.end > 0
  })
  const found: Lines = { bytes: Buffer.allocUnsafe(CHUNK * 2), at: 0, end: 0, more }
  return found
})

/** Takes the next line as text; undefined where more must be read. */
export const takeLine = (lines: Lines): string | undefined => {
  const { at, bytes, end } = lines
  if (at >= end) return undefined
  const found = bytes.indexOf(NEWLINE, at)
  const to = found < 0 || found > end ? end : found
  lines.at = to + 1
  return bytes.toString("utf8", at, to)
}

/** The whole text of a file. */
export const text = Effect.fn("Import.Bytes.text")(function* (path: string) {
  const found = yield* lines(path)
  const parts: Array<string> = []
  while (yield* found.more) {
    parts.push(found.bytes.toString("utf8", found.at, found.end))
    found.at = found.end
  }
  return parts.join("")
}, Effect.scoped)
