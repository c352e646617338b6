// Tapes: how fast recorded changes of a book are replayed, and how fast recorded JSON lines become a tape.
//
// Replaying is held against the loop that every order book is at least: two typed arrays and two best prices. Books of npm
// are measured where they are found, in the folder BETTEROMS_PEERS or the project's; they are no dependencies.
// Importing is held against JSON.parse of the same lines, which are in memory already: what it makes is thrown away.
import { readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"
import { interleaved, result } from "./measure.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const OUT = join(root, "node_modules", ".cache", "betteroms-bench", "tapes.js")

const EVENTS = 1_000_000
const ROUNDS = 7
const TICKS = 1_000
const PIPS_PER_TICK = 10
const START = 1_790_000_000_000
const MARKET = `0x${"a".repeat(64)}`
const TOKENS = ["7".repeat(77), "8".repeat(77)]

const load = async () => {
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `export * as Effect from "effect/Effect"
        export * as Block from "./src/replay/Block.ts"
        export * as Level2 from "./src/replay/Level2.ts"
        export * as FeedMarket from "./src/replay/FeedMarket.ts"
        export * as TapeOutput from "./src/replay/TapeOutput.ts"
        export * as TapeReader from "./src/replay/TapeReader.ts"
        export * as Import from "./src/replay/import/Import.ts"
        export * as MarketRecords from "./src/layers/marketdata/MarketRecords.ts"
        export { labelOfSlug } from "./src/domain/Label.ts"`,
      resolveDir: root
    },
    outfile: OUT,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    external: ["hyparquet", "hyparquet-compressors"]
  })
  return import(pathToFileURL(OUT).href)
}

const random = (seed) => {
  let state = seed
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

/** Changes within a few ticks of a mid that drifts, never crossed: [side, price in ticks, size in micro-shares]. */
const changes = (count) => {
  const next = random(42)
  const side = new Uint8Array(count)
  const tick = new Uint16Array(count)
  const size = new Float64Array(count)
  const shown = [new Float64Array(TICKS + 1), new Float64Array(TICKS + 1)]
  let mid = TICKS >> 1
  let at = 0
  const put = (s, t, q) => {
    side[at] = s
    tick[at] = t
    size[at++] = q
    shown[s][t] = q
  }
  while (at < count) {
    if (next() % 50 === 0) {
      const up = next() & 1
      const to = up ? mid + 1 : mid - 1
      if (to > 60 && to < TICKS - 60) {
        if (up && shown[1][mid + 1] > 0) put(1, mid + 1, 0)
        else if (!up && shown[0][mid] > 0) put(0, mid, 0)
        mid = to
        continue
      }
    }
    const s = next() & 1
    const r = next() % 1000
    const away = r < 700 ? r % 8 : r < 950 ? r % 25 : r % 55
    const t = s === 0 ? mid - away : mid + 1 + away
    const gone = shown[s][t] > 0 && next() % 100 < 30
    put(s, t, gone ? 0 : (500 + (next() % 50_000)) * 10_000)
  }
  return { side, tick, size }
}

const timed = (work) => {
  const started = process.hrtime.bigint()
  const checksum = work()
  return { nanos: Number(process.hrtime.bigint() - started) / EVENTS, checksum }
}

const ladder = ({ side, size, tick }) => {
  const bids = new Float64Array(TICKS + 1)
  const asks = new Float64Array(TICKS + 1)
  let [bid, ask, sum] = [0, TICKS, 0]
  for (let i = 0; i < side.length; i++) {
    const t = tick[i]
    const q = size[i]
    if (side[i] === 0) {
      bids[t] = q
      if (q > 0) {
        if (t > bid) bid = t
      } else if (t === bid) while (bid > 0 && bids[bid] === 0) bid--
    } else {
      asks[t] = q
      if (q > 0) {
        if (t < ask) ask = t
      } else if (t === ask) while (ask < TICKS && asks[ask] === 0) ask++
    }
    sum = (sum * 31 + bid * 1_009 + ask) >>> 0
  }
  return sum
}

/** Books of npm, each with what it does for a change and how it tells its best prices. */
const PEERS = {
  "sorted-btree": (require) => {
    const BTree = require("sorted-btree").default
    const sides = [new BTree(), new BTree()]
    return {
      apply: (s, t, q) => (q > 0 ? sides[s].set(t, q) : sides[s].delete(t)),
      bid: () => sides[0].maxKey() ?? 0,
      ask: () => sides[1].minKey() ?? TICKS
    }
  },
  "tardis-dev": (require) => {
    const { OrderBook } = require("tardis-dev")
    const book = new OrderBook()
    book.update({ isSnapshot: true, bids: [], asks: [] })
    return {
      apply: (s, t, q) => {
        const level = [{ price: t, amount: q }]
        book.update({ isSnapshot: false, bids: s === 0 ? level : [], asks: s === 1 ? level : [] })
      },
      bid: () => book.bestBid()?.price ?? 0,
      ask: () => book.bestAsk()?.price ?? TICKS
    }
  }
}

const peers = () => {
  const require = createRequire(join(process.env.BETTEROMS_PEERS ?? root, "package.json"))
  return Object.entries(PEERS).filter(([name]) => {
    try {
      require.resolve(name)
      return true
    } catch {
      return false
    }
  })
}

const replayPeer = (make, { side, size, tick }) => {
  const book = make(createRequire(join(process.env.BETTEROMS_PEERS ?? root, "package.json")))
  let sum = 0
  for (let i = 0; i < side.length; i++) {
    book.apply(side[i], tick[i], size[i])
    sum = (sum * 31 + book.bid() * 1_009 + book.ask()) >>> 0
  }
  return sum
}

/** The changes as blocks of a tape, each its own group, after an empty full book. */
const blocksOf = (Block, { side, size, tick }) => {
  const blocks = []
  for (let i = 0; i < side.length; ) {
    const block = Block.make(Block.BLOCK_ROWS)
    if (i === 0) for (const kind of [Block.CLEAR, Block.SEAL]) Block.push(block, kind, 0, 0, 0, 0, START, START)
    for (; i < side.length && block.rows < Block.BLOCK_ROWS; i++) {
      Block.push(block, Block.LEVEL, 0, side[i], tick[i] * PIPS_PER_TICK, size[i], START + 1 + i, START + 6 + i)
    }
    blocks.push(block)
  }
  return blocks
}

/** Replays changes of one book, with its best prices read after each, out of blocks in memory and out of a file. */
export const l2Replay = async ({ base }) => {
  const { Block, Effect, FeedMarket, labelOfSlug, Level2, TapeOutput, TapeReader } = await load()
  const events = changes(EVENTS)
  const blocks = blocksOf(Block, events)
  const market = { ...FeedMarket.unrecorded(MARKET, labelOfSlug("bench", 0, ["Yes", "No"]), "bench"), tick: 1_000n }
  const path = join(base, "l2.tape")
  await Effect.runPromise(
    TapeOutput.output(path, true, (writer) =>
      Effect.gen(function* () {
        writer.table.put(market)
        for (const block of blocks) {
          for (let row = 0; row < block.rows; row++) Block.copy(writer.rows, block, row, 0)
          yield* writer.flush
        }
      })
    )
  )
  const reading = () => {
    const books = new Level2.Level2([market])
    const sum = new Uint32Array(1)
    // The group of the full book comes before the first change.
    let first = true
    const onGroup = ({ book }) => {
      if (first) first = false
      else sum[0] = sum[0] * 31 + book.bestBid * 1_009 + book.bestAsk
    }
    return { sum, use: (block) => books.run(block, onGroup) }
  }
  const checksum = ladder(events)
  const check = (found) => {
    if (found.checksum !== checksum) throw new Error("the books differ")
    return { nanos: found.nanos }
  }
  const found = peers()
  const taken = await interleaved(ROUNDS, {
    ladder: () => check(timed(() => ladder(events))),
    ours: () => {
      const { sum, use } = reading()
      return check(
        timed(() => {
          for (const block of blocks) use(block)
          return sum[0]
        })
      )
    },
    file: async () => {
      const { sum, use } = reading()
      const started = performance.now()
      await Effect.runPromise(Effect.scoped(Effect.flatMap(TapeReader.open(path), (tape) => tape.each(use))))
      return check({ nanos: ((performance.now() - started) * 1e6) / EVENTS, checksum: sum[0] })
    },
    ...Object.fromEntries(found.map(([name, make]) => [name, () => check(timed(() => replayPeer(make, events)))]))
  })
  const ours = taken.of("ours.nanos")
  const line = (name, against, other, goal, value = ours) =>
    result({ name, unit: "ns/event", ours: value, other: taken.of(`${other}.nanos`), against, goal })
  return [
    line("l2-replay", "a loop over typed arrays", "ladder", 2),
    line("l2-replay-file", "the same loop; ours reads and unpacks the file", "ladder", 20, taken.of("file.nanos")),
    ...found.map(([name]) => line(`l2-replay-${name}`, name, name, 1))
  ]
}

const LINES = 200_000
const BOOKS = 20_000
const decimal = (ticks) => (ticks / TICKS).toFixed(3)

const changeLines = () => {
  const { side, size, tick } = changes(LINES)
  const empty = {
    event_type: "book",
    asset_id: TOKENS[0],
    market: MARKET,
    timestamp: String(START),
    hash: "",
    bids: [],
    asks: []
  }
  const line = (_, i) => {
    const told = (token, price, buys) => ({
      asset_id: token,
      price: decimal(price),
      size: String(size[i] / 1e6),
      side: buys ? "BUY" : "SELL",
      hash: "b".repeat(40),
      best_bid: "0.5",
      best_ask: "0.501"
    })
    const both = [told(TOKENS[0], tick[i], side[i] === 0), told(TOKENS[1], TICKS - tick[i], side[i] === 1)]
    return { market: MARKET, price_changes: both, timestamp: String(START + i), event_type: "price_change" }
  }
  return [empty, ...Array.from({ length: LINES }, line)].map((each) => JSON.stringify(each))
}

const bookLines = () =>
  Array.from({ length: BOOKS }, (_, i) =>
    JSON.stringify({
      event_type: "book",
      asset_id: TOKENS[0],
      market: MARKET,
      timestamp: String(START + i),
      hash: "b".repeat(40),
      bids: Array.from({ length: 20 }, (_, k) => ({ price: decimal(481 + k), size: String(100 + k + (i % 7)) })),
      asks: Array.from({ length: 20 }, (_, k) => ({ price: decimal(520 - k), size: String(100 + k) }))
    })
  )

const importOf = async (name, world, lines, against) => {
  const { Effect, Import, MarketRecords } = await load()
  const file = join(world.base, `${name}.jsonl`)
  writeFileSync(file, `${lines.join("\n")}\n`)
  const kept = readFileSync(file, "utf8").trimEnd().split("\n")
  const options = {
    files: [file],
    out: join(world.base, `${name}.tape`),
    marketInfo: [],
    markets: [],
    quoteShares: "5",
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
  const note = `${Math.round(lines.length / ours)} thousand lines a second, from file to tape`
  return result({ name, unit: "ms", ours, other, against, goal: 1.3, note })
}

/** Makes tapes of the venue's two commonest messages, from file to file. */
export const jsonImport = async (world) => [
  await importOf("json-import", world, changeLines(), `JSON.parse of ${LINES} price changes`),
  await importOf("json-import-books", world, bookLines(), `JSON.parse of ${BOOKS} books of 40 levels`)
]
