import { type FileHandle, open } from "node:fs/promises"
import { deflateRaw } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { InvalidInput } from "../domain/Failure.ts"
import { BLOCK_ROWS, type Block, make as makeBlock, marketsOf } from "./Block.ts"
import * as Codec from "./Codec.ts"
import * as Frame from "./Frame.ts"
import { MarketTable } from "./MarketTable.ts"
import { fault, reasonOf, trying } from "./TapeFault.ts"
import * as TapeIndex from "./TapeIndex.ts"

/** Writes one tape. Memory does not grow with its length but for the list of blocks. */
export interface TapeWriter {
  /** Where rows are pushed; a flush takes them all away. */
  readonly rows: Block
  readonly table: MarketTable
  /** Says that receipt times among the rows at hand are not known and taken from the venue's. */
  readonly infer: () => void
  /** Receipt time of the last row of the tape so far, 0 where it has none. */
  readonly last: () => number
  /** Rows and bytes written, without those at hand. */
  readonly written: () => { readonly rows: number; readonly bytes: number; readonly blocks: number }
  /** Writes the rows at hand as one block. To be called between messages only. */
  readonly flush: Effect.Effect<void, InvalidInput>
  /** The same once there are enough of them. */
  readonly flushFull: Effect.Effect<void, InvalidInput>
  /** Writes what is left and the index. Happens by itself when the scope closes. */
  readonly finish: Effect.Effect<void, InvalidInput>
}

const compress = (bytes: Uint8Array, path: string) =>
  Effect.async<Buffer, InvalidInput>((resume) =>
    deflateRaw(bytes, { level: 1, memLevel: 9, chunkSize: 1 << 20 }, (error, packed) =>
      resume(error === null ? Effect.succeed(packed) : Effect.fail(fault("unusable_file", path, reasonOf(error))))
    )
  )

const writeAll = Effect.fnUntraced(function* (handle: FileHandle, path: string, bytes: Buffer, offset: number) {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = yield* trying(path, "written", () =>
      handle.write(bytes, done, bytes.length - done, offset + done)
    )
    done += bytesWritten
  }
})

interface Options {
  /** Goes on after the last whole block of a tape that is there; otherwise the file must not be there. */
  readonly append: boolean
  /** Waits at each block until the disk has it: for recordings, which cannot be made again. */
  readonly durable: boolean
}

const openFor = Effect.fnUntraced(function* (path: string, append: boolean) {
  const fresh = Effect.acquireRelease(
    trying(path, "written", () => open(path, "wx+")),
    (handle) => Effect.promise(() => handle.close())
  )
  if (!append) return { handle: yield* fresh, found: undefined }
  const known = yield* Effect.either(
    Effect.acquireRelease(
      Effect.tryPromise(() => open(path, "r+")),
      (handle) => Effect.promise(() => handle.close())
    )
  )
  if (known._tag === "Left") return { handle: yield* fresh, found: undefined }
  const handle = known.right
  const { size } = yield* trying(path, "read", () => handle.stat())
  const header = Frame.header()
  const begun = yield* TapeIndex.bytesAt(handle, path, 0, header.length)
  // The writer died in the first bytes, or never wrote one.
  if (size < header.length && header.subarray(0, size).equals(begun)) return { handle, found: undefined }
  const found = yield* TapeIndex.find(handle, path)
  yield* TapeIndex.undamaged(path, found)
  return { handle, found }
})

/**
 * Opens a tape for writing. Blocks are packed and written while the caller goes on; a crash at any moment leaves a tape of
 * all blocks that were whole. Fails with `InvalidInput` where the file cannot be written, is no tape or is damaged.
 */
export const make = Effect.fn("TapeWriter.make")(function* (path: string, { append, durable }: Options) {
  const { found, handle } = yield* openFor(path, append)
  const rows = makeBlock(BLOCK_ROWS * 2)
  const table = new MarketTable(found?.markets ?? [])
  const blocks: Array<Frame.BlockEntry> = [...(found?.blocks ?? [])]
  const scratch = [Buffer.alloc(0), Buffer.alloc(0)]
  let offset = found?.end ?? 0
  let last = blocks.at(-1)?.last ?? 0
  let [turn, inferred, finished] = [0, false, false]
  let writing: Fiber.Fiber<void, InvalidInput> = Fiber.void

  yield* trying(path, "written", () => handle.truncate(offset))
  if (found === undefined) {
    const header = Frame.header()
    yield* writeAll(handle, path, header, 0)
    offset = header.length
  }

  const write = Effect.fnUntraced(function* (content: Omit<Frame.Content, "packed">, bytes: Uint8Array) {
    const frame = Frame.block({ ...content, packed: yield* compress(bytes, path) })
    yield* writeAll(handle, path, frame, offset)
    if (durable) yield* trying(path, "written", () => handle.datasync())
    const { first, inferred, last, markets, rows } = content
    blocks.push({ offset, length: frame.length, rows, first, last, inferred, markets })
    offset += frame.length
  })

  const flush = Effect.gen(function* () {
    if (rows.rows === 0) return
    const first = rows.receipt[0] ?? 0
    turn = 1 - turn
    let room = scratch[turn]
    if (room === undefined || room.length < Codec.bytesFor(rows.rows)) {
      room = Buffer.allocUnsafe(Codec.bytesFor(rows.rows))
      scratch[turn] = room
    }
    const length = first < last ? -1 : Codec.encode(rows, first, room)
    if (length < 0) return yield* Effect.dieMessage(`${path}: rows are not in order of receipt`)
    last = rows.receipt[rows.rows - 1] ?? 0
    const content = { rows: rows.rows, first, last, inferred, markets: marketsOf(rows), table: table.takeFresh() }
    inferred = false
    rows.rows = 0
    // One block is packed while the next is being filled; no third one waits.
    yield* Fiber.join(writing)
    writing = yield* Effect.forkDaemon(write(content, room.subarray(0, length)))
  }).pipe(Effect.uninterruptible)

  const finish = Effect.gen(function* () {
    if (finished) return
    finished = true
    yield* flush
    yield* Fiber.join(writing)
    yield* writeAll(handle, path, Frame.footer({ markets: table.all, blocks }), offset)
    yield* trying(path, "written", () => handle.datasync())
  }).pipe(Effect.uninterruptible)

  yield* Effect.addFinalizer(() => Effect.catchAll(finish, (error) => Effect.logError(error.message)))
  const writer: TapeWriter = {
    rows,
    table,
    infer: () => {
      inferred = true
    },
    last: () => (rows.rows > 0 ? (rows.receipt[rows.rows - 1] ?? last) : last),
    written: () => ({ rows: blocks.reduce((sum, each) => sum + each.rows, 0), bytes: offset, blocks: blocks.length }),
    flush,
    flushFull: Effect.suspend(() => (rows.rows >= BLOCK_ROWS ? flush : Effect.void)),
    finish
  }
  return writer
}) satisfies (path: string, options: Options) => Effect.Effect<TapeWriter, InvalidInput, Scope.Scope>
