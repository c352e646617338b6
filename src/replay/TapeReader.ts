import { open as openFile } from "node:fs/promises"
import { inflateRaw } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { InvalidInput } from "../domain/Failure.ts"
import { BLOCK_ROWS, type Block, make as makeBlock, push, slice, TICK } from "./Block.ts"
import * as Codec from "./Codec.ts"
import * as Frame from "./Frame.ts"
import { fault, trying } from "./TapeFault.ts"
import * as TapeIndex from "./TapeIndex.ts"
import type { Entry, TapeMarket } from "./TapeMarket.ts"

/** Which rows are wanted: of receipt times from `from` (inclusive) to before `to`, epoch milliseconds. */
export interface Range {
  readonly from?: number
  readonly to?: number
}

/** An open tape. */
export interface Tape {
  readonly path: string
  readonly markets: ReadonlyArray<TapeMarket>
  readonly index: TapeIndex.Found
  /** A way through the rows of a range, in order. Each call begins anew. */
  readonly cursor: (range?: Range) => Cursor
  /**
   * A way through all rows of some markets. Blocks that hold none of them are passed over without being read: one row of
   * another market, with the last time of receipt of those blocks, stands in their place.
   */
  readonly cursorOf: (wants: (market: number) => boolean) => Cursor
  /** Hands every block of a range to a plain function, which must be done with it when it returns. */
  readonly each: (use: (block: Block) => void, range?: Range) => Effect.Effect<void, InvalidInput>
}

export interface Cursor {
  /** The next block, undefined after the last. Its arrays are used again for the one after it. */
  readonly next: Effect.Effect<Block | undefined, InvalidInput>
  /** Rows of the blocks that were passed over before it. */
  readonly passed: () => number
  /** What of the table of markets came with that block: new markets, and what is true of others from then on. */
  readonly entries: () => ReadonlyArray<Entry>
}

const inflate = (bytes: Uint8Array) =>
  Effect.async<Buffer | undefined>((resume) =>
    inflateRaw(bytes, { chunkSize: 1 << 20 }, (error, found) =>
      resume(Effect.succeed(error === null ? found : undefined))
    )
  )

/** The first row whose receipt time is `millis` or later. */
const rowAt = ({ receipt, rows }: Block, millis: number): number => {
  let [low, high] = [0, rows]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((receipt[middle] ?? 0) < millis) low = middle + 1
    else high = middle
  }
  return low
}

/** Opens a tape for reading. Fails with `InvalidInput` where the file is no tape, or is damaged before its end. */
export const open = Effect.fn("TapeReader.open")(function* (path: string) {
  const handle = yield* Effect.acquireRelease(
    trying(path, "read", () => openFile(path, "r")),
    (handle) => Effect.promise(() => handle.close())
  )
  const index = yield* TapeIndex.find(handle, path)
  yield* TapeIndex.undamaged(path, index)

  const scope = yield* Effect.scope
  const damaged = (number: number, { offset }: Frame.BlockEntry) =>
    fault("damaged_tape", path, `block ${number} at byte ${offset} is damaged; betteroms tape verify tells all`)

  const unpack = Effect.fnUntraced(function* (number: number) {
    const entry = index.blocks[number]
    if (entry === undefined) return undefined
    const content = Frame.readBlock(yield* TapeIndex.bytesAt(handle, path, entry.offset, entry.length))
    const bytes = content === undefined ? undefined : yield* inflate(content.packed)
    return content === undefined || bytes === undefined ? undefined : { bytes, content }
  })

  const isTold = (entry: Frame.BlockEntry) =>
    Effect.map(TapeIndex.bytesAt(handle, path, entry.offset, Frame.HEAD), Frame.hasTable)

  const through = (
    { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: Range,
    wants: (entry: Frame.BlockEntry) => boolean
  ): Cursor => {
    const block = makeBlock(
      Math.min(BLOCK_ROWS * 2, Math.max(1, ...index.blocks.slice(0, 64).map((each) => each.rows)))
    )
    let number = 0
    let table = ""
    let over: Frame.BlockEntry | undefined
    let passed = 0
    // While a block is used the one after it is read and unpacked.
    let ahead: ReturnType<typeof unpack> = Effect.succeed(undefined)
    const next: Cursor["next"] = Effect.gen(function* () {
      passed = 0
      table = ""
      for (;;) {
        const entry = index.blocks[number]
        const isLeft = entry === undefined || entry.first >= to
        const isPassed = !isLeft && !wants(entry) && !(yield* isTold(entry))
        if (over !== undefined && !isPassed) {
          block.rows = 0
          push(block, TICK, over.markets[0] ?? 0, 0, 0, 0, over.last, over.last)
          over = undefined
          return block
        }
        if (isLeft) return undefined
        const at = number++
        if (isPassed) {
          over = entry
          passed += entry.rows
          continue
        }
        if (entry.last < from) continue
        const found = (yield* ahead) ?? (yield* unpack(at))
        const following = index.blocks[number]
        ahead =
          following !== undefined && wants(following)
            ? Fiber.join(yield* Effect.forkIn(unpack(number), scope))
            : Effect.succeed(undefined)
        if (found === undefined || !Codec.decode(found.bytes, found.content.rows, found.content.first, block))
          return yield* damaged(at, entry)
        table = found.content.table
        if (entry.first < from || entry.last >= to) slice(block, rowAt(block, from), rowAt(block, to))
        if (block.rows > 0) return block
      }
    })
    const entries = () => (table === "" ? [] : Either.getOrElse(Frame.readTable(table), () => []))
    return { next, entries, passed: () => passed }
  }
  const cursor = (range: Range = {}): Cursor => through(range, () => true)
  const cursorOf: Tape["cursorOf"] = (wants) => through({}, ({ markets }) => markets.some(wants))

  const each: Tape["each"] = Effect.fnUntraced(function* (use, range) {
    const { next } = cursor(range)
    for (let block = yield* next; block !== undefined; block = yield* next) use(block)
  })
  const tape: Tape = { path, markets: index.markets, index, cursor, cursorOf, each }
  return tape
}) satisfies (path: string) => Effect.Effect<Tape, InvalidInput, Scope.Scope>
