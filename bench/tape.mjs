// Tapes of the benches' streams.
import { load } from "./bundle.mjs"
import { START } from "./flow.mjs"

let loaded

/** What writes and reads tapes. */
export const tapes = () => {
  loaded ??= load("tapes", {
    Effect: "effect/Effect",
    Block: "./src/replay/Block.ts",
    Level2: "./src/replay/Level2.ts",
    TapeOutput: "./src/replay/TapeOutput.ts",
    TapeReader: "./src/replay/TapeReader.ts",
    Import: "./src/replay/import/Import.ts",
    MarketRecords: "./src/layers/marketdata/MarketRecords.ts"
  })
  return loaded
}

/** Rows of a block. */
export const CHUNK = 65_536
const PIPS_PER_TICK = 10

/** The one market of these tapes. */
export const MARKET = {
  marketId: "bench",
  slug: "bench",
  conditionId: `0x${"be".repeat(32)}`,
  question: "How fast?",
  outcomes: ["Yes", "No"],
  tokenIds: ["7".repeat(77), "8".repeat(77)],
  tick: 1_000n,
  minSize: 5_000_000n,
  fees: { rate: 70_000n, exponent: 1 },
  negRisk: false,
  version: "v2",
  takerDelayMillis: 0,
  source: "bench"
}

/**
 * Writes a tape of an empty full book and events that come in chunks of at most a block, each event received 5 ms after it
 * happened. Holds one chunk at a time.
 */
export const writeTape = async (path, chunks, onBlock = () => {}) => {
  const { Block, Effect, TapeOutput } = await tapes()
  return Effect.runPromise(
    TapeOutput.output(path, true, (writer) =>
      Effect.gen(function* () {
        writer.table.put(MARKET)
        const { rows } = writer
        for (const kind of [Block.CLEAR, Block.SEAL]) Block.push(rows, kind, 0, 0, 0, 0, START - 1, START - 1)
        for (const { at, index, kind, side, size } of chunks) {
          for (let i = 0; i < kind.length; i++) {
            const what = kind[i] === 0 ? Block.LEVEL : Block.TRADE
            Block.push(rows, what, 0, side[i], index[i] * PIPS_PER_TICK, size[i], at[i], at[i] + 5)
          }
          onBlock(rows)
          yield* writer.flush
        }
      })
    )
  )
}

/** Events in chunks of a block. */
export const chunked = function* (events) {
  const { length } = events.kind
  for (let from = 0; from < length; from += CHUNK) {
    yield Object.fromEntries(
      Object.entries(events).map(([name, column]) => [name, column.subarray(from, from + CHUNK)])
    )
  }
}
