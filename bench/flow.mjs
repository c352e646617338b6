// The stream that the matching is measured on, and the own orders that rest in it.

export const TICKS = 1_000

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

/**
 * Changes of single levels around a middle that drifts, as on a real book; what would cross is taken away first. Every
 * other fall of a best price is a match: its print comes before it. Columns: kind (0 level, 1 print), side, index, size, time.
 */
export const stream = (count) => {
  const next = random(42)
  const kind = new Uint8Array(count)
  const side = new Uint8Array(count)
  const index = new Uint16Array(count)
  const size = new Float64Array(count)
  const at = new Float64Array(count)
  const shown = [new Float64Array(TICKS + 1), new Float64Array(TICKS + 1)]
  let [middle, millis, i] = [TICKS >> 1, 1_700_000_000_000, 0]
  const push = (of, s, p, q) => {
    if (i === count) return
    kind[i] = of
    side[i] = s
    index[i] = p
    size[i] = q
    at[i++] = millis
  }
  const put = (s, p, q) => {
    const lost = shown[s][p] - q
    if (lost > 0 && Math.abs(p - middle) < 2 && (next() & 1) === 1) push(1, s, p, lost)
    shown[s][p] = q
    push(0, s, p, q)
  }
  while (i < count) {
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
    put(s, p, shown[s][p] > 0 && next() % 100 < 30 ? 0 : (50 + (next() % 5_000)) * 100_000)
  }
  return { kind, side, index, size, at }
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
