import * as Effect from "effect/Effect"
import { GAP, LEVEL, RESOLUTION, SEAL, TRADE } from "./Block.ts"
import { Level2 } from "./Level2.ts"
import type { TapeMarket } from "./TapeMarket.ts"
import * as TapeReader from "./TapeReader.ts"

/** What a tape holds of one market. */
export interface MarketInfo {
  readonly market: TapeMarket
  rows: number
  books: number
  levels: number
  trades: number
  /** Micro-shares. */
  volume: number
  gaps: number
  resolved: boolean
  /** Receipt times of its first and last row; milliseconds of them with a known book. */
  first: number
  last: number
  knownMillis: number
}

/** What a tape holds. */
export interface Info {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly blocks: number
  /** Receipt times of the first and last row; undefined where there is none. */
  readonly first: number | undefined
  readonly last: number | undefined
  readonly receipt: "recorded" | "venue" | "mixed"
  readonly finished: boolean
  /** Bytes at the end that are no whole block. */
  readonly torn: number
  readonly markets: ReadonlyArray<MarketInfo>
}

const noInfo = (market: TapeMarket): MarketInfo => ({
  market,
  rows: 0,
  books: 0,
  levels: 0,
  trades: 0,
  volume: 0,
  gaps: 0,
  resolved: false,
  first: 0,
  last: 0,
  knownMillis: 0
})

/** Reads all of a tape and tells what is in it, market by market. */
export const info = Effect.fn("Tape.info")(function* (path: string) {
  const tape = yield* TapeReader.open(path)
  const { blocks, end, finished, torn } = tape.index
  const markets = tape.markets.map(noInfo)
  const since = new Float64Array(markets.length).fill(Number.NaN)
  const states = new Level2(tape.markets)
  yield* tape.each((block) =>
    states.run(block, (state, { kind, receipt, size }, from, to) => {
      const found = markets[state.market]
      if (found === undefined) return
      const now = receipt[from] ?? 0
      if (found.rows === 0) found.first = now
      const knownSince = since[state.market] ?? Number.NaN
      if (!Number.isNaN(knownSince)) found.knownMillis += now - found.last
      since[state.market] = state.known ? now : Number.NaN
      found.last = now
      found.rows += to - from
      for (let row = from; row < to; row++) {
        const what = kind[row]
        if (what === LEVEL) found.levels++
        else if (what === SEAL) found.books++
        else if (what === TRADE) {
          found.trades++
          found.volume += size[row] ?? 0
        } else if (what === GAP) found.gaps++
        else if (what === RESOLUTION) found.resolved = true
      }
    })
  )
  const inferred = blocks.filter((each) => each.inferred).length
  const result: Info = {
    path,
    rows: blocks.reduce((sum, each) => sum + each.rows, 0),
    bytes: end,
    blocks: blocks.length,
    first: blocks[0]?.first,
    last: blocks.at(-1)?.last,
    receipt: inferred === 0 ? "recorded" : inferred === blocks.length ? "venue" : "mixed",
    finished,
    torn,
    markets
  }
  return result
}, Effect.scoped)
