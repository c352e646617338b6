// The event-driven matching: level changes and prints of a stream, with 1,000 own orders that rest.
//
// The plain side is the loop that every order book is at least: two typed arrays and two best prices, one write and a
// short scan for a change, nothing for a print. It knows no orders, queues, bands or fees, so its ratio says what those cost.
//
// Matching engines of npm match orders that are handed to them one by one; a simulator replays a book of others and asks
// where ours would have stood. What compares is the same stream with the same own orders: on such an engine a level is one
// order of the market's, replaced when the level changes, a print is an order that takes at once, and ours rest among them.
// That tells queues of nothing and forgets our place at every change, and so does less than what it is held against. They are
// no dependencies: they are measured where they are found, in the folder BETTEROMS_PEERS or the project's.
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"
import { orderOf, random, stream, TICKS, wish } from "./flow.mjs"
import { interleaved, result } from "./measure.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const OUT = join(root, "node_modules", ".cache", "betteroms-bench", "matching.js")

const EVENTS = 1_000_000
/** Engines that take a hundred times as long see the beginning of the same stream. */
const FEWER = 60_000
const LIVE = 1_000
/** Own orders come once there is a book for them. */
const FIRST = 2_000
const PEERS = ["nodejs-order-book", "hft-limit-order-book"]

const load = async () => {
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `export * as Matching from "./src/exchange/EventMatching.ts"
        export * as EventMarket from "./src/exchange/EventMarket.ts"
        export * as EventRules from "./src/exchange/EventRules.ts"
        export * as Latency from "./src/exchange/Latency.ts"`,
      resolveDir: root
    },
    outfile: OUT,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning"
  })
  return import(pathToFileURL(OUT).href)
}

const timed = (events, work) => {
  const started = process.hrtime.bigint()
  const checksum = work()
  return { nanos: Number(process.hrtime.bigint() - started) / events, checksum }
}

const ladder = ({ index, kind, side, size }) => {
  const bids = new Float64Array(TICKS + 1)
  const asks = new Float64Array(TICKS + 1)
  let [bid, ask, sum] = [0, TICKS, 0]
  for (let i = 0; i < kind.length; i++) {
    if (kind[i] === 0) {
      const p = index[i]
      const q = size[i]
      if (side[i] === 0) {
        bids[p] = q
        if (q > 0) {
          if (p > bid) bid = p
        } else if (p === bid) while (bid > 0 && bids[bid] === 0) bid--
      } else {
        asks[p] = q
        if (q > 0) {
          if (p < ask) ask = p
        } else if (p === ask) while (ask < TICKS && asks[ask] === 0) ask++
      }
    }
    sum = (sum * 31 + bid * 1_009 + ask) >>> 0
  }
  return sum
}

/** Every market sees the whole stream in turn with its part of the orders; an order that fills is followed by another. */
const ours = ({ EventMarket, EventRules, Latency, Matching }, { at, index, kind, side, size }, markets) => {
  const next = random(5)
  const share = LIVE / markets
  let [sum, named] = [0, 0]
  const filled = new Array(markets).fill(0)
  const all = filled.map((_, number) => {
    const rules = EventRules.rulesOf("sim-bench", 1_000n, [{ fromMillis: 0, fees: { rate: 70_000n, exponent: 1 } }])
    const market = EventMarket.make(
      { ...rules, latency: Latency.ZERO },
      {
        answer: ({ status }) => {
          if (status === "filled") filled[number]++
        },
        fill: () => {}
      }
    )
    Matching.clear(market, 0)
    Matching.seal(market, 0)
    return market
  })
  const most = kind.length / markets
  for (let number = 0; number < markets; number++) {
    const market = all[number]
    const { book } = market
    for (let i = 0; i < most; i++) {
      if (kind[i] === 0) Matching.level(market, side[i], index[i], size[i], at[i])
      else Matching.trade(market, index[i], size[i], at[i])
      if (i === FIRST) filled[number] += share
      for (; filled[number] > 0; filled[number]--) {
        Matching.submit(market, orderOf(`${named++}`, wish(next, book.bestBid, book.bestAsk)), at[i])
      }
      sum = (sum * 31 + book.bestBid * 1_009 + book.bestAsk) >>> 0
    }
  }
  for (const market of all) if (market.orders.size !== share) throw new Error(`${market.orders.size} orders are left`)
  return sum
}

const npmBook = (OrderBook, { index, kind, side, size }) => {
  const book = new OrderBook()
  const next = random(5)
  let [named, missing] = [0, 0]
  const send = (order) => {
    const { done } = book.limit(order)
    for (const each of done ?? []) if (each.id[0] === "o" && each.id !== order.id) missing++
  }
  for (let i = 0; i < FEWER; i++) {
    const way = side[i] === 0 ? "buy" : "sell"
    if (kind[i] === 0) {
      const id = `${way}${index[i]}`
      book.cancel(id)
      if (size[i] > 0) send({ side: way, id, size: size[i] / 100_000, price: index[i] })
    } else {
      const taker = side[i] === 0 ? "sell" : "buy"
      send({ side: taker, id: `t${i}`, size: size[i] / 100_000, price: index[i], timeInForce: "IOC" })
    }
    if (i === FIRST) missing = LIVE
    for (; missing > 0; missing--) {
      const { buys, index: price } = wish(next, index[i], index[i] + 1)
      book.limit({ side: buys ? "buy" : "sell", id: `o${named++}`, size: 1_000, price })
    }
  }
}

const peers = () => {
  const require = createRequire(join(process.env.BETTEROMS_PEERS || root, "package.json"))
  return PEERS.flatMap((name) => {
    try {
      return [[name, require(name).OrderBook]]
    } catch {
      return []
    }
  })
}

export const simulator = async () => {
  const engine = await load()
  const events = stream(EVENTS)
  const eighth = Object.fromEntries(
    Object.entries(events).map(([name, column]) => [name, column.subarray(0, EVENTS / 8)])
  )
  // Several times, so that the compiler has seen all of it.
  for (let warm = 0; warm < 4; warm++) {
    if (ladder(events) !== ours(engine, events, 1)) throw new Error("the books differ")
  }
  const known = peers()
  const { of, spread } = await interleaved(7, {
    plain: async () => timed(EVENTS, () => ladder(events)),
    one: async () => timed(EVENTS, () => ours(engine, events, 1)),
    many: async () => timed(EVENTS, () => ours(engine, events, 8)),
    fewPlain: async () => timed(EVENTS, () => Array.from({ length: 8 }, () => ladder(eighth))),
    ...Object.fromEntries(
      known.map(([name, OrderBook]) => [name, async () => timed(FEWER, () => npmBook(OrderBook, events))])
    )
  })
  const against = (name, key, other, what, goal) =>
    result({
      name,
      unit: "ns/event",
      ours: of(`${key}.nanos`),
      other: of(`${other}.nanos`),
      against: what,
      goal,
      note: `ours ${spread(`${key}.nanos`)}, other ${spread(`${other}.nanos`)}`
    })
  const plain = "a plain loop over two typed arrays that knows no orders"
  return [
    against("simulator", "one", "plain", plain, 1 / 0.15),
    against("simulator-8-markets", "many", "fewPlain", plain, 1 / 0.15),
    ...known.map(([name]) => against(`simulator-${name}`, "one", name, `${name}, the same stream as orders`, 1 / 15))
  ]
}
