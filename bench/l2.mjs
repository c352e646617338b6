// How fast recorded changes of a book are replayed, with its best prices read after each: out of blocks in memory, and out of
// a file. Held against the loop that every order book is at least, and beside books of npm on the same changes.
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { ladder, START, stream, TICKS, timed } from "./flow.mjs"
import { interleaved, result } from "./measure.mjs"
import { peers } from "./peers.mjs"
import { chunked, MARKET, tapes, writeTape } from "./tape.mjs"

const EVENTS = 1_000_000
const ROUNDS = 7

/** Books of npm, each with what it does for a change and how it tells its best prices. */
const BOOKS = {
  "sorted-btree": ({ require }) => {
    const BTree = require("sorted-btree").default
    return () => {
      const sides = [new BTree(), new BTree()]
      return {
        apply: (s, p, q) => (q > 0 ? sides[s].set(p, q) : sides[s].delete(p)),
        bid: () => sides[0].maxKey() ?? 0,
        ask: () => sides[1].minKey() ?? TICKS
      }
    }
  },
  ccxt: async ({ load }) => {
    // Its order book is not among what the package exports.
    const { OrderBook } = await load("ccxt/js/src/base/ws/OrderBook.js")
    return () => {
      const book = new OrderBook({ bids: [], asks: [] })
      return {
        apply: (s, p, q) => (s === 0 ? book.bids : book.asks).storeArray([p, q]),
        bid: () => book.bids[0]?.[0] ?? 0,
        ask: () => book.asks[0]?.[0] ?? TICKS
      }
    }
  },
  "tardis-dev": ({ require }) => {
    const { OrderBook } = require("tardis-dev")
    return () => {
      const book = new OrderBook()
      book.update({ isSnapshot: true, bids: [], asks: [] })
      return {
        apply: (s, p, q) => {
          const level = [{ price: p, amount: q }]
          book.update({ isSnapshot: false, bids: s === 0 ? level : [], asks: s === 1 ? level : [] })
        },
        bid: () => book.bestBid()?.price ?? 0,
        ask: () => book.bestAsk()?.price ?? TICKS
      }
    }
  }
}

const through = (make, { index, side, size }) => {
  const book = make()
  let sum = 0
  for (let i = 0; i < index.length; i++) {
    book.apply(side[i], index[i], size[i])
    sum = (sum * 31 + book.bid() * 1_009 + book.ask()) >>> 0
  }
  return sum
}

export const l2Replay = async ({ base }) => {
  const { Block, Effect, Level2, TapeReader } = await tapes()
  const events = stream(EVENTS, { prints: false })
  const count = events.kind.length
  const blocks = []
  await writeTape(join(base, "l2.tape"), chunked(events), (block) => {
    const kept = Block.make(block.rows)
    for (let row = 0; row < block.rows; row++) Block.copy(kept, block, row, 0)
    blocks.push(kept)
  })
  const reading = () => {
    const books = new Level2.Level2([MARKET])
    const sum = new Uint32Array(1)
    const onGroup = ({ book }, { receipt }, from) => {
      // The full book that stands before the first change counts for nothing.
      if (receipt[from] >= START) sum[0] = sum[0] * 31 + book.bestBid * 1_009 + book.bestAsk
    }
    return { sum, use: (block) => books.run(block, onGroup) }
  }
  const { sum: checksum } = ladder(events)
  const check = ({ nanos, value }) => {
    if (value !== checksum) throw new Error("the books differ")
    return { nanos }
  }
  const npm = peers()
  const made = await Promise.all(
    npm.missing === undefined ? Object.entries(BOOKS).map(async ([name, make]) => [name, await make(npm)]) : []
  )
  const taken = await interleaved(ROUNDS, {
    ladder: () => check(timed(count, () => ladder(events).sum)),
    ours: () => {
      const { sum, use } = reading()
      return check(
        timed(count, () => {
          for (const block of blocks) use(block)
          return sum[0]
        })
      )
    },
    file: async () => {
      const { sum, use } = reading()
      const started = performance.now()
      const read = Effect.flatMap(TapeReader.open(join(base, "l2.tape")), (tape) => tape.each(use))
      await Effect.runPromise(Effect.scoped(read))
      return check({ nanos: ((performance.now() - started) * 1e6) / count, value: sum[0] })
    },
    ...Object.fromEntries(made.map(([name, make]) => [name, () => check(timed(count, () => through(make, events)))]))
  })
  const line = (name, against, other, goal, ours = "ours") =>
    result({
      name,
      unit: "ns/event",
      ours: taken.of(`${ours}.nanos`),
      other: taken.of(`${other}.nanos`),
      against,
      goal,
      note: `ours ${taken.spread(`${ours}.nanos`)}, other ${taken.spread(`${other}.nanos`)}${name === "l2-replay" && npm.missing ? `; books of npm ${npm.missing}` : ""}`
    })
  return [
    line("l2-replay", "a loop over two typed arrays", "ladder", 2),
    line("l2-replay-file", "the same loop; ours reads and unpacks the file", "ladder", 20, "file"),
    ...made.map(([name]) => line(`l2-replay-${name}`, `${name}, the same changes`, name, 1))
  ]
}
