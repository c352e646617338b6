// How fast recorded JSON lines become a tape, held against JSON.parse of the same lines, which are in memory already: what it
// makes is thrown away.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { START, stream, TICKS } from "./flow.mjs"
import { interleaved, result } from "./measure.mjs"
import { MARKET, tapes } from "./tape.mjs"

const ROUNDS = 7
const LINES = 200_000
const BOOKS = 20_000
const [YES, NO] = MARKET.tokenIds
const decimal = (ticks) => (ticks / TICKS).toFixed(3)

const changeLines = () => {
  const { index, side, size } = stream(LINES + 1, { prints: false })
  const empty = { event_type: "book", asset_id: YES, market: MARKET.conditionId, timestamp: String(START), hash: "" }
  const told = (token, price, shares, buys) => ({
    asset_id: token,
    price: decimal(price),
    size: String(shares / 1e6),
    side: buys ? "BUY" : "SELL",
    hash: "b".repeat(40),
    best_bid: "0.5",
    best_ask: "0.501"
  })
  const line = (_, i) => ({
    market: MARKET.conditionId,
    price_changes: [told(YES, index[i], size[i], side[i] === 0), told(NO, TICKS - index[i], size[i], side[i] === 1)],
    timestamp: String(START + i),
    event_type: "price_change"
  })
  const lines = [{ ...empty, bids: [], asks: [] }, ...Array.from({ length: LINES }, line)]
  return lines.map((each) => JSON.stringify(each))
}

const bookLines = () =>
  Array.from({ length: BOOKS }, (_, i) =>
    JSON.stringify({
      event_type: "book",
      asset_id: YES,
      market: MARKET.conditionId,
      timestamp: String(START + i),
      hash: "b".repeat(40),
      bids: Array.from({ length: 20 }, (_, k) => ({ price: decimal(481 + k), size: String(100 + k + (i % 7)) })),
      asks: Array.from({ length: 20 }, (_, k) => ({ price: decimal(520 - k), size: String(100 + k) }))
    })
  )

const importOf = async (name, { base }, lines, against) => {
  const { Effect, Import, MarketRecords } = await tapes()
  const file = join(base, `${name}.jsonl`)
  writeFileSync(file, `${lines.join("\n")}\n`)
  const kept = readFileSync(file, "utf8").trimEnd().split("\n")
  const options = {
    files: [file],
    out: join(base, `${name}.tape`),
    marketInfo: [],
    markets: [],
    quoteShares: undefined,
    replace: true,
    readMarkets: MarketRecords.read
  }
  const taken = await interleaved(ROUNDS, {
    parse: () => {
      const started = performance.now()
      let length = 0
      for (const line of kept) length += JSON.parse(line).timestamp.length
      return { millis: performance.now() - started, length }
    },
    ours: async () => {
      const started = performance.now()
      const { counts } = await Effect.runPromise(Import.run(options))
      if (counts.messages !== lines.length || counts.gaps > 0) throw new Error("the import differs")
      return { millis: performance.now() - started }
    }
  })
  const [ours, other] = [taken.of("ours.millis"), taken.of("parse.millis")]
  const rate = `${Math.round(lines.length / ours)} thousand lines a second, from file to tape`
  const note = `${rate}; ours ${taken.spread("ours.millis")}, other ${taken.spread("parse.millis")}`
  return result({ name, unit: "ms", ours, other, against, goal: 1.3, note })
}

/** Makes tapes of the venue's two commonest messages, from file to file. */
export const jsonImport = async (world) => [
  await importOf("json-import", world, changeLines(), `JSON.parse of ${LINES} price changes`),
  await importOf("json-import-books", world, bookLines(), `JSON.parse of ${BOOKS} books of 40 levels`)
]
