// The event-driven matching: level changes and prints of a stream, with 1,000 own orders that rest, their queues, deficits,
// fees and three bands.
//
// The plain side is the loop that every order book is at least: two typed arrays and two best prices. It knows no orders,
// so its ratio says what those cost.
//
// Matching engines of npm are exchanges; ours follows one. They compare on the same orders of a market: theirs match them,
// ours is fed what an exchange that matches them publishes, and keeps its 1,000 own orders in it besides. All must end with
// the same depth.
import { load } from "./bundle.mjs"
import { ladder, orderOf, random, stream, TICKS, timed, upTo, wish } from "./flow.mjs"
import { interleaved, result } from "./measure.mjs"
import { depthOf, depthText, matchedBy, operations, published } from "./orders.mjs"
import { peers } from "./peers.mjs"

const EVENTS = 1_000_000
const OPERATIONS = 250_000
const LIVE = 1_000
/** Own orders come once there is a book for them. */
const FIRST = 2_000
const ENGINES = ["nodejs-order-book", "hft-limit-order-book"]

const engine = () =>
  load("matching", {
    Matching: "./src/exchange/EventMatching.ts",
    EventMarket: "./src/exchange/EventMarket.ts",
    EventRules: "./src/exchange/EventRules.ts",
    Latency: "./src/exchange/Latency.ts"
  })

/** Each of the markets sees its part of the stream, with its part of the orders; an order that fills is followed by another. */
const simulated = ({ EventMarket, EventRules, Latency, Matching }, { at, index, kind, side, size }, markets) => {
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
  const most = Math.floor(kind.length / markets)
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
  return { sum, book: all[0].book, named }
}

const shownDepth = ({ asks, bids }) => {
  const shares = (sizes) => [...sizes].slice(0, TICKS).map((size, price) => [price, size / 1_000_000])
  return depthText(shares(bids), shares(asks))
}

export const simulator = async () => {
  const ours = await engine()
  const events = stream(EVENTS, { prints: true })
  const count = events.kind.length
  const eighth = upTo(events, Math.floor(count / 8))
  const orders = operations(OPERATIONS)
  const exchange = published(orders)
  const npm = peers()
  const books = npm.missing === undefined ? ENGINES.map((name) => [name, npm.require(name).OrderBook]) : []
  const same = (depth, whose) => {
    if (depth !== exchange.depth) throw new Error(`${whose} ends with another depth`)
  }
  // Several times, so that the compiler has seen all of it.
  for (let warm = 0; warm < 4; warm++) {
    if (ladder(events).sum !== simulated(ours, events, 1).sum) throw new Error("the books differ")
  }
  const { of, spread } = await interleaved(7, {
    plain: () => timed(count, () => ladder(events)),
    one: () => timed(count, () => simulated(ours, events, 1)),
    many: () => timed(count, () => simulated(ours, events, 8)),
    fewPlain: () => timed(count, () => Array.from({ length: 8 }, () => ladder(eighth))),
    flow: () => {
      const found = timed(OPERATIONS, () => simulated(ours, exchange.events, 1))
      same(shownDepth(found.value.book), "our book")
      return found
    },
    ...Object.fromEntries(
      books.map(([name, OrderBook]) => [
        name,
        () => {
          const found = timed(OPERATIONS, () => matchedBy(OrderBook, orders))
          same(depthOf(found.value), name)
          return found
        }
      ])
    )
  })
  const against = (name, key, other, what, goal, unit = "ns/event") =>
    result({
      name,
      unit,
      ours: of(`${key}.nanos`),
      other: of(`${other}.nanos`),
      against: what,
      goal,
      note: `ours ${spread(`${key}.nanos`)}, other ${spread(`${other}.nanos`)}${name === "simulator" && npm.missing ? `; engines of npm ${npm.missing}` : ""}`
    })
  const plain = "a loop over two typed arrays that knows no orders"
  return [
    against("simulator", "one", "plain", plain, 1 / 0.15),
    against("simulator-8-markets", "many", "fewPlain", plain, 1 / 0.15),
    ...books.map(([name]) =>
      against(`simulator-${name}`, "flow", name, `${name}, the same orders of a market`, 1 / 15, "ns/order")
    )
  ]
}
