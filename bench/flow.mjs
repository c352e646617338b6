// The streams that replay and matching are measured on, and the own orders that rest in them.

/** Prices of the book: 0.001 to 0.999. */
export const TICKS = 1_000
export const START = 1_790_000_000_000

/** xorshift32: the same numbers everywhere. */
export const random = (seed) => {
  let x = seed
  return () => {
    x ^= x << 13
    x >>>= 0
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x
  }
}

/** Room for events: kind (0 level, 1 print), side (0 bid, 1 ask), price in ticks, size in micro-shares, time. */
export const columns = (count) => ({
  kind: new Uint8Array(count),
  side: new Uint8Array(count),
  index: new Uint16Array(count),
  size: new Float64Array(count),
  at: new Float64Array(count)
})

/**
 * Changes of single levels around a middle that drifts, as on a real book; what would cross is taken away first. With
 * prints, every other fall near the best prices is a match: its print comes before it, at the same time; without them, no
 * two events are at the same time. A call writes the next rows of the stream into columns, from 0 on, and returns how many:
 * all but one at most.
 */
export const source = ({ prints }) => {
  const next = random(42)
  const shown = [new Float64Array(TICKS + 1), new Float64Array(TICKS + 1)]
  let [middle, millis] = [TICKS >> 1, START]
  return ({ at, index, kind, side, size }) => {
    let row = 0
    const push = (of, s, p, q) => {
      kind[row] = of
      side[row] = s
      index[row] = p
      size[row] = q
      at[row++] = millis
      if (!prints) millis++
    }
    const put = (s, p, q) => {
      const lost = shown[s][p] - q
      if (prints && lost > 0 && Math.abs(p - middle) < 2 && (next() & 1) === 1) push(1, s, p, lost)
      shown[s][p] = q
      push(0, s, p, q)
    }
    while (row < kind.length - 1) {
      millis += next() % 20
      if (next() % 50 === 0) {
        const up = next() & 1
        const to = middle + (up === 1 ? 1 : -1)
        if (to > 60 && to < TICKS - 60) {
          if (up === 1 && shown[1][middle + 1] > 0) put(1, middle + 1, 0)
          if (up === 0 && shown[0][middle] > 0) put(0, middle, 0)
          middle = to
          continue
        }
      }
      const s = next() & 1
      const r = next() % 1_000
      const away = r < 700 ? r % 8 : r < 950 ? r % 25 : r % 55
      const p = s === 0 ? middle - away : middle + 1 + away
      put(s, p, shown[s][p] > 0 && next() % 100 < 30 ? 0 : (500 + (next() % 50_000)) * 10_000)
    }
    return row
  }
}

/** The first rows of a column each, without a copy. */
export const upTo = (events, rows) =>
  Object.fromEntries(Object.entries(events).map(([name, column]) => [name, column.subarray(0, rows)]))

/** The beginning of a stream, a row less than asked for at most. */
export const stream = (count, options) => {
  const room = columns(count)
  return upTo(room, source(options)(room))
}

/**
 * The least that a book is: two typed arrays and two best prices, one write and a short scan for a change, nothing for a
 * print. Returns a checksum of all best prices, and the last ones.
 */
export const ladder = ({ index, kind, side, size }) => {
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
  return { sum, bid, ask }
}

/** Where an own order goes: to either side, up to 50 ticks behind the best price. */
export const wish = (next, bid, ask) => {
  const buys = (next() & 1) === 0
  const away = next() % 50
  return buys
    ? { buys, index: Math.max(1, (bid > 0 ? bid : 500) - away) }
    : { buys, index: Math.min(TICKS - 1, (ask < TICKS ? ask : 501) + away) }
}

export const orderOf = (id, { buys, index }) => ({
  id,
  planId: "bench",
  instruction: 0,
  attempt: 1,
  mode: "paper",
  marketId: "sim-bench",
  conditionId: "sim-bench",
  tokenId: "sim-bench-0",
  outcomeIndex: 0,
  outcome: "Yes",
  side: buys ? "BUY" : "SELL",
  price: BigInt(index) * 1_000n,
  quantity: { _tag: "Shares", shares: 100_000_000n },
  size: 100_000_000n,
  sizeUnit: "SHARES",
  feesInclusive: false,
  timeInForce: "GTC",
  postOnly: false,
  worstFee: 0n,
  placedMillis: 0,
  cancelAfterMillis: undefined,
  notes: undefined
})

/** Nanoseconds an event of a plain call, and what it returned. */
export const timed = (events, work) => {
  const started = process.hrtime.bigint()
  const value = work()
  return { nanos: Number(process.hrtime.bigint() - started) / events, value }
}
