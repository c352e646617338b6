import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { labelOfSlug } from "../../../src/domain/Label.ts"
import * as MarketRecords from "../../../src/layers/marketdata/MarketRecords.ts"
import * as Block from "../../../src/replay/Block.ts"
import * as FeedMarket from "../../../src/replay/FeedMarket.ts"
import * as Import from "../../../src/replay/import/Import.ts"
import type { TapeMarket } from "../../../src/replay/TapeMarket.ts"
import * as TapeReader from "../../../src/replay/TapeReader.ts"
import * as TapeWriter from "../../../src/replay/TapeWriter.ts"

/** A folder for one test, which is removed afterwards. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "betteroms-tape-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A market of a slug, with ids made of it. */
export const marketOf = (slug: string): TapeMarket => {
  const label = labelOfSlug(slug, 0, ["Up", "Down"])
  return FeedMarket.unrecorded(label.market, label, "test")
}

/** One row, as a test writes it down. */
export interface Row {
  readonly kind: number
  readonly market: number
  readonly side: number
  readonly price: number
  readonly size: number
  readonly venue: number
  readonly receipt: number
}

/** The rows of a block as objects. */
export const rowsOf = (block: Block.Block): ReadonlyArray<Row> =>
  Array.from({ length: block.rows }, (_, at) => ({
    kind: block.kind[at] ?? -1,
    market: block.market[at] ?? -1,
    side: block.side[at] ?? -1,
    price: block.price[at] ?? -1,
    size: block.size[at] ?? -1,
    venue: block.venue[at] ?? -1,
    receipt: block.receipt[at] ?? -1
  }))

export const pushRow = (block: Block.Block, row: Row): void =>
  Block.push(block, row.kind, row.market, row.side, row.price, row.size, row.venue, row.receipt)

/** All rows of a tape, or those of a range. */
export const readRows = (path: string, range: TapeReader.Range = {}) =>
  Effect.scoped(
    Effect.gen(function* () {
      const tape = yield* TapeReader.open(path)
      const rows: Array<Row> = []
      yield* tape.each((block) => rows.push(...rowsOf(block)), range)
      return rows
    })
  )

/** Writes rows into a new tape, a block for each list. */
export const writeTape = (
  path: string,
  markets: ReadonlyArray<TapeMarket>,
  blocks: ReadonlyArray<ReadonlyArray<Row>>
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const writer = yield* TapeWriter.make(path, { append: false, durable: false })
      for (const market of markets) writer.table.put(market)
      for (const rows of blocks) {
        for (const row of rows) pushRow(writer.rows, row)
        yield* writer.flush
      }
      yield* writer.finish
    })
  )

/** A full book as rows: levels are [side, price in pips, size]. */
export const fullBook = (
  market: number,
  millis: number,
  levels: ReadonlyArray<readonly [number, number, number]>
): ReadonlyArray<Row> => {
  const at = { market, venue: millis, receipt: millis }
  const bare = { ...at, side: 0, price: 0, size: 0 }
  return [
    { ...bare, kind: Block.CLEAR },
    ...levels.map(([side, price, size]) => ({ ...at, kind: Block.LEVEL, side, price, size })),
    { ...bare, kind: Block.SEAL }
  ]
}

/** A change of one level. */
export const level = (market: number, millis: number, side: number, price: number, size: number): Row => ({
  kind: Block.LEVEL,
  market,
  side,
  price,
  size,
  venue: millis,
  receipt: millis
})

/** Any row that a tape can hold, but for its times. */
const anyRow = fc.record({
  kind: fc.integer({ min: 0, max: 6 }),
  market: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 65_534 })),
  side: fc.integer({ min: 0, max: 1 }),
  price: fc.integer({ min: 0, max: 10_000 }),
  size: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 100_000 }).map((cents) => cents * 10_000),
    fc.integer({ min: 0, max: 9_000_000_000_000_000 })
  ),
  // Venues' clocks go before and after ours.
  late: fc.oneof(fc.integer({ min: -50, max: 500 }), fc.integer({ min: -1_000_000_000_000, max: 1_700_000_000_000 })),
  after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 10_000_000_000 }))
})

/** Rows in order of receipt. */
export const anyRows = (most: number, least = 0) =>
  fc.array(anyRow, { minLength: least, maxLength: most }).map((rows) => {
    let receipt = 1_700_000_000_000
    return rows.map(({ after, late, ...row }): Row => {
      receipt += after
      return { ...row, receipt, venue: receipt - late }
    })
  })

/** Imports files with what is usual. */
export const importing = (files: ReadonlyArray<string>, out: string, more: Partial<Import.Options> = {}) =>
  Import.run({
    files,
    out,
    marketInfo: [],
    markets: [],
    quoteShares: undefined,
    replace: false,
    readMarkets: MarketRecords.read,
    ...more
  })
