import { readdir, readFile, stat } from "node:fs/promises"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { MarketDataUnavailable } from "../../domain/Failure.ts"
import { type Label, labelOf } from "../../domain/Label.ts"

/** Larger recordings are refused, not half read: they are held in memory as a whole. */
const MOST_BYTES = 256 * 1024 * 1024

const RECORDING = /\.(json|jsonl|ndjson)(\.gz)?$/i
const LINES = /\.(jsonl|ndjson)(\.gz)?$/i

/** One JSON value of a recording, and where it stands. */
export interface Entry {
  readonly value: unknown
  readonly place: string
}

/** One file of a recording, as text. */
export interface TapeFile {
  readonly path: string
  readonly label: Label
  readonly entries: Iterable<Either.Either<Entry, string>>
}

const unavailable = (path: string) => (message: string) =>
  new MarketDataUnavailable({ source: `file:${path}`, message })

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  if (code === "ENOENT") return "there is no such file"
  if (code === "EACCES") return "it may not be read"
  if (code === "ERR_BUFFER_TOO_LARGE") return "it is larger than 256 MB: cut it first"
  return error instanceof Error ? error.message : String(error)
}

const trying = <A>(path: string, action: () => Promise<A>): Effect.Effect<A, MarketDataUnavailable> =>
  Effect.tryPromise({ try: action, catch: (error) => unavailable(path)(`${path}: ${reasonOf(error)}`) })

const parse = (text: string, place: string): Either.Either<Entry, string> =>
  Either.try({
    try: (): Entry => ({ value: JSON.parse(text), place }),
    catch: (error) => `${place}: no JSON (${reasonOf(error)})`
  })

// Line by line out of the bytes: a text of the whole tape is never made.
function* lines(bytes: Buffer, path: string): Iterable<Either.Either<Entry, string>> {
  let [from, number] = [0, 0]
  while (from < bytes.length) {
    const end = bytes.indexOf(10, from)
    const to = end < 0 ? bytes.length : end
    const text = bytes.toString("utf8", from, to).trim()
    from = to + 1
    number++
    // The stream's keep-alive is text between the messages.
    if (text !== "" && text !== "PONG") yield parse(text, `${path}:${number}`)
  }
}

const isCompressed = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b
const inflate = promisify(gunzip)

const load = Effect.fnUntraced(function* (path: string) {
  const stored = yield* trying(path, () => readFile(path))
  const bytes = isCompressed(stored)
    ? yield* trying(path, () => inflate(stored, { maxOutputLength: MOST_BYTES }))
    : stored
  const file: TapeFile = {
    path,
    label: labelOf(path),
    entries: LINES.test(path) ? lines(bytes, path) : [parse(bytes.toString("utf8"), path)]
  }
  return file
})

/** Reads a recorded file, or one after the other all `.json` and `.jsonl` files (`.gz` too) of a directory, by name. */
export const files = Effect.fn("MarketData.TapeFile.files")(function* (given: string) {
  const path = resolve(given)
  const about = yield* trying(path, () => stat(path))
  const paths = about.isDirectory()
    ? (yield* trying(path, () => readdir(path)))
        .filter((name) => RECORDING.test(name))
        .toSorted()
        .map((name) => join(path, name))
    : [path]
  if (paths.length === 0) return yield* unavailable(path)(`${path}: no .json or .jsonl file is in it`)
  let total = 0
  for (const file of paths) total += (yield* trying(file, () => stat(file))).size
  if (total > MOST_BYTES) return yield* unavailable(path)(`${path}: it is larger than 256 MB: cut it first`)
  return paths.map(load)
})
