import * as Effect from "effect/Effect"
import { BLOCK_ROWS, type Block, CLEAR, copy, GAP, groupEnd, LEVEL, push, SEAL, TICK } from "./Block.ts"
import { fault } from "./TapeFault.ts"
import type { Entry, TapeMarket } from "./TapeMarket.ts"
import { output } from "./TapeOutput.ts"
import * as TapeReader from "./TapeReader.ts"
import type { TapeWriter } from "./TapeWriter.ts"

/** One of the tapes being merged, and how far it has been taken. */
interface Head {
  readonly tape: TapeReader.Tape
  readonly cursor: TapeReader.Cursor
  /** Index in the new tape by index in this one. */
  readonly indexes: Int32Array
  /** Its tick of each market at the row, in pips. */
  readonly ticks: Float64Array
  block: Block
  row: number
  /** What its market records say from the block at hand on, until the first of its rows is taken. */
  fresh: ReadonlyArray<Entry>
}

const pipsOf = (markets: ReadonlyArray<TapeMarket>): Float64Array =>
  Float64Array.from(markets, ({ tick }) => Number(tick) / 100)

const tellsBook = (kind: number | undefined): boolean => kind === LEVEL || kind === CLEAR || kind === SEAL

/** Receipt times between which a tape tells the book of each market, by condition id. */
const bookSpans = Effect.fnUntraced(function* (tape: TapeReader.Tape) {
  const first = new Float64Array(tape.markets.length).fill(Number.NaN)
  const last = new Float64Array(tape.markets.length)
  yield* tape.each(({ kind, market, receipt, rows }) => {
    for (let row = 0; row < rows; row++) {
      if (!tellsBook(kind[row])) continue
      const index = market[row] ?? 0
      if (Number.isNaN(first[index])) first[index] = receipt[row] ?? 0
      last[index] = receipt[row] ?? 0
    }
  })
  return tape.markets.flatMap(({ conditionId, slug }, index) =>
    Number.isNaN(first[index]) ? [] : [{ conditionId, slug, tape, first: first[index] ?? 0, last: last[index] ?? 0 }]
  )
})

type Span = Effect.Effect.Success<ReturnType<typeof bookSpans>>[number]

/** The spans of each market in order of time; fails where two tapes tell a book at the same time. */
const apart = Effect.fnUntraced(function* (spans: ReadonlyArray<Span>) {
  const byMarket = new Map<string, Array<Span>>()
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const known = byMarket.get(span.conditionId) ?? []
    const before = known.at(-1)
    if (before !== undefined && span.first <= before.last) {
      return yield* fault(
        "overlapping_tapes",
        span.tape.path,
        `both it and ${before.tape.path} tell the book of ${span.slug} at the same time; cut one of them`
      )
    }
    byMarket.set(span.conditionId, [...known, span])
  }
  return byMarket
})

const earliest = (heads: ReadonlyArray<Head>): Head | undefined => {
  let [first] = heads
  for (const head of heads) {
    if (first !== undefined && (head.block.receipt[head.row] ?? 0) < (first.block.receipt[first.row] ?? 0)) first = head
  }
  return first
}

/** Takes over what a tape's records say of fees, for the rows from here on. One that knows none changes nothing. */
const relist = Effect.fnUntraced(function* (writer: TapeWriter, { fresh, indexes }: Head) {
  const { table } = writer
  const news = fresh.flatMap(({ index, market: { fees } }) => {
    const known = table.all[indexes[index] ?? -1]
    const isSame = known?.fees?.rate === fees?.rate && known?.fees?.exponent === fees?.exponent
    return known === undefined || fees === null || isSame ? [] : [{ ...known, fees }]
  })
  if (news.length === 0) return
  yield* writer.flush
  for (const market of news) table.put(market)
})

/**
 * One tape of several, in order of receipt; where two rows were received at the same time, the tape that is named first
 * goes first. Two tapes may tell different things of one market, as books and trades; books of one market must not
 * overlap in time, and between two tapes nothing is known of it.
 */
export const merge = Effect.fn("Tape.merge")(function* (paths: ReadonlyArray<string>, out: string, replace: boolean) {
  const tapes = yield* Effect.forEach(paths, TapeReader.open)
  const spans = yield* apart((yield* Effect.forEach(tapes, bookSpans)).flat())
  return yield* output(out, replace, (writer) =>
    Effect.gen(function* () {
      const heads: Array<Head> = []
      for (const tape of tapes) {
        if (tape.index.blocks.some((block) => block.inferred)) writer.infer()
        const indexes = Int32Array.from(tape.markets, (market) => {
          const known = writer.table.indexOf(market.conditionId)
          return known ?? writer.table.put(market) ?? -1
        })
        if (indexes.includes(-1)) return yield* fault("too_many_markets", out, "a tape holds 65535 markets at most")
        const cursor = tape.cursor()
        const block = yield* cursor.next
        if (block === undefined) continue
        heads.push({ tape, cursor, indexes, ticks: pipsOf(tape.markets), block, row: 0, fresh: cursor.entries() })
      }
      // Where one tape's book of a market ends and another tape goes on with it.
      const ends = [...spans.values()]
        .flatMap((each) => each.slice(0, -1))
        .map(({ conditionId, last }) => ({ market: writer.table.indexOf(conditionId) ?? 0, last }))
        .sort((a, b) => a.last - b.last)
      const ticks = pipsOf(writer.table.all)
      while (heads.length > 0) {
        const head = earliest(heads)
        if (head === undefined) return
        const { block, indexes } = head
        const now = block.receipt[head.row] ?? 0
        for (let end = ends[0]; end !== undefined && end.last < now; end = ends[0]) {
          push(writer.rows, GAP, end.market, 0, 0, 0, end.last, end.last)
          ends.shift()
        }
        if (head.fresh.length > 0) {
          yield* relist(writer, head)
          head.fresh = []
        }
        const to = groupEnd(block, head.row)
        const [theirs, ours] = [block.market[head.row] ?? 0, indexes[block.market[head.row] ?? 0] ?? 0]
        for (let row = head.row; row < to; row++) {
          if (block.kind[row] === TICK) {
            head.ticks[theirs] = block.size[row] ?? 0
            ticks[ours] = block.size[row] ?? 0
          } else if (tellsBook(block.kind[row]) && ticks[ours] !== head.ticks[theirs]) {
            // The tapes' records differ, or the tick changed between them.
            ticks[ours] = head.ticks[theirs] ?? 0
            push(writer.rows, TICK, ours, 0, 0, ticks[ours] ?? 0, block.venue[row] ?? 0, now)
          }
        }
        for (; head.row < to; head.row++) copy(writer.rows, block, head.row, ours)
        if (writer.rows.rows >= BLOCK_ROWS) yield* writer.flush
        if (head.row < block.rows) continue
        const next = yield* head.cursor.next
        if (next === undefined) heads.splice(heads.indexOf(head), 1)
        else {
          head.block = next
          head.row = 0
          head.fresh = head.cursor.entries()
        }
      }
    })
  )
}, Effect.scoped)
