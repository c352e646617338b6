import { open } from "node:fs/promises"
import { inflateRawSync } from "node:zlib"
import * as Effect from "effect/Effect"
import { LARGEST } from "../exchange/Book.ts"
import {
  type Block,
  CLEAR,
  GAP,
  LEVEL,
  make as makeBlock,
  marketsOf,
  PIPS,
  RESOLUTION,
  SEAL,
  TICK,
  TRADE
} from "./Block.ts"
import * as Codec from "./Codec.ts"
import * as Frame from "./Frame.ts"
import { Level2 } from "./Level2.ts"
import { trying } from "./TapeFault.ts"
import * as TapeIndex from "./TapeIndex.ts"

/** What was found by checking a whole tape. */
export interface Verdict {
  readonly path: string
  readonly ok: boolean
  readonly blocks: number
  readonly rows: number
  /** What contradicts the form of tapes: a damaged block, rows that cannot be. */
  readonly problems: ReadonlyArray<string>
  /** What is in order and yet worth knowing: a tape whose writer did not finish it. */
  readonly notes: ReadonlyArray<string>
}

/** More problems of rows than this are counted, not told. */
const MOST_TOLD = 20

const problemOfRow = (block: Block, row: number, markets: number): string | undefined => {
  const [kind, market, price] = [block.kind[row] ?? 0, block.market[row] ?? 0, block.price[row] ?? 0]
  const [size, venue, receipt] = [block.size[row] ?? 0, block.venue[row] ?? 0, block.receipt[row] ?? 0]
  if (kind > GAP) return `kind ${kind} is none`
  if (market >= markets) return `market ${market} is not in the table of ${markets}`
  if (!Number.isSafeInteger(size) || size < 0 || size > LARGEST) return `size ${size} is none`
  if (!Number.isSafeInteger(venue) || !Number.isSafeInteger(receipt)) return "a time is no whole millisecond"
  if ((kind === LEVEL || kind === TRADE) && (price === 0 || price >= PIPS))
    return `price ${price} is not between 0 and 1`
  if (kind === TICK && (size === 0 || PIPS % size !== 0)) return `tick ${size} does not divide 1`
  if (kind === RESOLUTION && price > PIPS) return `payout ${price} is above 1`
  return undefined
}

/** Checks rows one after the other: what they say, and the order of full books. */
const rowChecker = (markets: number, tell: (problem: string) => void) => {
  const filling = new Uint8Array(markets)
  let last = Number.NEGATIVE_INFINITY
  return (block: Block, where: string) => {
    for (let row = 0; row < block.rows; row++) {
      const problem = problemOfRow(block, row, markets)
      if (problem !== undefined) {
        tell(`${where}, row ${row}: ${problem}`)
        continue
      }
      const [kind, market, receipt] = [block.kind[row] ?? 0, block.market[row] ?? 0, block.receipt[row] ?? 0]
      if (receipt < last) tell(`${where}, row ${row}: received before the row before it`)
      last = receipt
      const inside = filling[market] === 1
      if (inside && kind !== LEVEL && kind !== SEAL) tell(`${where}, row ${row}: a full book is not complete`)
      if (!inside && kind === SEAL) tell(`${where}, row ${row}: a full book ends that did not begin`)
      filling[market] = kind === CLEAR || (inside && kind === LEVEL) ? 1 : 0
    }
    const open = filling.indexOf(1)
    if (open >= 0) tell(`${where}: its last full book of market ${open} is not complete`)
    filling.fill(0)
  }
}

const sameMarkets = (a: Uint16Array, b: Uint16Array) => a.length === b.length && a.every((each, at) => each === b[at])

/** Reads every byte of a tape and checks checksums, rows and books. Fails only where the file cannot be read or is no tape. */
export const verify = Effect.fn("Tape.verify")(function* (path: string) {
  const handle = yield* Effect.acquireRelease(
    trying(path, "read", () => open(path, "r")),
    (handle) => Effect.promise(() => handle.close())
  )
  const { blocks, damage, end, finished, markets, torn } = yield* TapeIndex.find(handle, path)
  const problems: Array<string> = []
  let untold = 0
  const tell = (problem: string) => {
    if (problems.length < MOST_TOLD) problems.push(problem)
    else untold++
  }
  for (const { length, offset } of damage) tell(`${length} bytes from byte ${offset} on are no block`)
  const check = rowChecker(markets.length, tell)
  const books = new Level2(markets)
  const block = makeBlock(1)
  let rows = 0
  let expected = blocks[0]?.offset ?? end
  for (const [number, entry] of blocks.entries()) {
    const where = `block ${number} at byte ${entry.offset}`
    if (entry.offset !== expected && finished) tell(`${where}: the block before it ends at byte ${expected}`)
    expected = entry.offset + entry.length
    const content = Frame.readBlock(yield* TapeIndex.bytesAt(handle, path, entry.offset, entry.length))
    if (content === undefined) {
      tell(`${where}: its checksum differs`)
      continue
    }
    const unpacked = yield* Effect.option(Effect.try(() => inflateRawSync(content.packed)))
    if (unpacked._tag === "None" || !Codec.decode(unpacked.value, content.rows, content.first, block)) {
      tell(`${where}: its rows cannot be unpacked`)
      continue
    }
    rows += block.rows
    const { first, last } = content
    if (
      first !== block.receipt[0] ||
      last !== block.receipt[block.rows - 1] ||
      !sameMarkets(content.markets, marketsOf(block))
    ) {
      tell(`${where}: it holds other rows than its head says`)
    }
    if (
      entry.rows !== content.rows ||
      entry.first !== first ||
      entry.last !== last ||
      !sameMarkets(entry.markets, content.markets)
    ) {
      tell(`${where}: the index at the end says otherwise`)
    }
    check(block, where)
    books.run(block, (state, _, row) => {
      if (state.known && state.book.bestBid > 0 && state.book.bestBid >= state.book.bestAsk) {
        tell(`${where}, row ${row}: the book of market ${state.market} is crossed`)
      }
    })
  }
  if (untold > 0) problems.push(`and ${untold} more`)
  const notes = finished
    ? []
    : [
        "it was not finished: it has no index at its end, and is read block by block",
        ...(torn > 0 ? [`the last ${torn} bytes are no whole block and are left out`] : [])
      ]
  const verdict: Verdict = { path, ok: problems.length === 0, blocks: blocks.length, rows, problems, notes }
  return verdict
}, Effect.scoped)
