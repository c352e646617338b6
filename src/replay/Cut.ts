import * as Effect from "effect/Effect"
import { BID, type Block, CLEAR, LEVEL, push, RESOLUTION, SEAL, TICK } from "./Block.ts"
import { Level2, type MarketState } from "./Level2.ts"
import { fault } from "./TapeFault.ts"
import { type Entry, isNamed, type TapeMarket } from "./TapeMarket.ts"
import { output } from "./TapeOutput.ts"
import * as TapeReader from "./TapeReader.ts"
import type { TapeWriter } from "./TapeWriter.ts"

export interface Options {
  readonly tape: string
  readonly out: string
  readonly from: number | undefined
  readonly to: number | undefined
  /** Only these markets, by condition id, slug, id or token; all where there are none. */
  readonly markets: ReadonlyArray<string>
  readonly replace: boolean
}

/** Tells the state of a market as rows of one moment: tick, full book, resolution. */
const restate = (rows: Block, state: MarketState, record: TapeMarket, market: number, millis: number): void => {
  const { book, known, payout, tick } = state
  const add = (kind: number, side: number, price: number, size: number) =>
    push(rows, kind, market, side, price, size, millis, millis)
  if (tick * 100 !== Number(record.tick)) add(TICK, 0, 0, tick)
  if (known) {
    add(CLEAR, 0, 0, 0)
    for (let step = book.steps - 1; step > 0; step--) {
      const size = book.bids[step] ?? 0
      if (size > 0) add(LEVEL, BID, step * tick, size)
    }
    for (let step = 1; step < book.steps; step++) {
      const size = book.asks[step] ?? 0
      if (size > 0) add(LEVEL, 1, step * tick, size)
    }
    add(SEAL, 0, 0, 0)
  }
  if (payout !== undefined) add(RESOLUTION, 0, payout, 0)
}

interface Kept {
  /** Index in the new tape by index in the old one; -1 where the market is left out. */
  readonly indexes: Int32Array
}

const copyRows = (writer: TapeWriter, { indexes }: Kept, block: Block): void => {
  const { kind, market, price, receipt, side, size, venue } = block
  for (let row = 0; row < block.rows; row++) {
    const index = indexes[market[row] ?? 0] ?? -1
    if (index < 0) continue
    push(
      writer.rows,
      kind[row] ?? 0,
      index,
      side[row] ?? 0,
      price[row] ?? 0,
      size[row] ?? 0,
      venue[row] ?? 0,
      receipt[row] ?? 0
    )
  }
}

/**
 * A tape of the rows received from `from` (inclusive) to before `to`. It begins with what was known at that moment: every
 * book, tick and resolution as rows of the time `from`, so that it replays as the whole tape does from there on.
 */
export const cut = Effect.fn("Tape.cut")(function* (options: Options) {
  const { from = Number.NEGATIVE_INFINITY, markets, out, replace, tape: path, to = Number.POSITIVE_INFINITY } = options
  const tape = yield* TapeReader.open(path)
  const isKept = (market: TapeMarket) => markets.length === 0 || markets.some((name) => isNamed(market, name))
  const unknown = markets.filter((name) => !tape.markets.some((market) => isNamed(market, name)))
  if (unknown.length > 0) return yield* fault("unknown_market", path, `it holds no market ${unknown.join(", ")}`)
  return yield* output(out, replace, (writer) =>
    Effect.gen(function* () {
      const indexes = Int32Array.from(tape.markets, (market) =>
        isKept(market) ? (writer.table.put(market) ?? -1) : -1
      )
      // What records say from a block on, the tick of the beginning apart: rows change that.
      const relist = Effect.fnUntraced(function* (entries: ReadonlyArray<Entry>) {
        if (entries.length > 0) yield* writer.flush
        for (const { market } of entries) {
          const known = writer.table.all[writer.table.indexOf(market.conditionId) ?? -1]
          if (known !== undefined) writer.table.put({ ...market, tick: known.tick })
        }
      })
      if (tape.index.blocks.some((block) => block.inferred)) writer.infer()
      if (Number.isFinite(from)) {
        const before = new Level2(tape.markets)
        const earlier = tape.cursor({ to: from })
        for (let block = yield* earlier.next; block !== undefined; block = yield* earlier.next) {
          yield* relist(earlier.entries())
          before.run(block, () => undefined)
        }
        for (const state of before.states) {
          const [index, record] = [indexes[state.market] ?? -1, tape.markets[state.market]]
          if (index >= 0 && record !== undefined) restate(writer.rows, state, record, index, from)
        }
      }
      const { entries, next } = tape.cursor({ from, to })
      for (let block = yield* next; block !== undefined; block = yield* next) {
        yield* relist(entries())
        copyRows(writer, { indexes }, block)
        yield* writer.flushFull
      }
    })
  )
}, Effect.scoped)
