// Orders of a busy market, the book that they make, and what its exchange publishes of it: the flow on which our engine,
// which follows an exchange, and engines that are one can be compared. All see the same orders, and all must end with the
// same depth.
import { columns, random, START, TICKS, upTo } from "./flow.mjs"

/** Orders that rest before cancels come. */
const DEPTH = 1_500
const MILLIS = 10

const LIMIT = 0
const CANCEL = 1
const TAKE = 2

/**
 * Operations around a middle that drifts: 40 % limits behind it, 40 % cancels of an earlier order (one in three has been
 * filled by then and is no order any more), 20 % that take what they can at once. `of` is the order that a cancel is about.
 */
export const operations = (count) => {
  const next = random(7)
  const kind = new Uint8Array(count)
  const side = new Uint8Array(count)
  const index = new Uint16Array(count)
  const shares = new Uint32Array(count)
  const of = new Int32Array(count)
  const sent = []
  let middle = TICKS >> 1
  for (let i = 0; i < count; i++) {
    if (next() % 200 === 0) middle += middle < 80 ? 1 : middle > TICKS - 80 ? -1 : (next() & 1) * 2 - 1
    const r = next() % 100
    side[i] = next() & 1
    if (r < 40 && sent.length > DEPTH) {
      const which = next() % sent.length
      kind[i] = CANCEL
      of[i] = sent[which]
      sent[which] = sent[sent.length - 1]
      sent.pop()
    } else if (r >= 80 && sent.length > 200) {
      kind[i] = TAKE
      index[i] = side[i] === 0 ? middle + 3 : middle - 2
      shares[i] = 10 + (next() % 50)
    } else {
      const away = next() % 20
      kind[i] = LIMIT
      index[i] = side[i] === 0 ? middle - away : middle + 1 + away
      shares[i] = 10 + (next() % 90)
      sent.push(i)
    }
  }
  return { kind, side, index, shares, of }
}

/** The depth of a book as text, bids before asks, by price. */
export const depthText = (bids, asks) => {
  const told = (levels) =>
    [...levels]
      .filter(([, shares]) => shares > 0)
      .sort(([a], [b]) => a - b)
      .map(([price, shares]) => `${price}:${shares}`)
      .join(" ")
  return `${told(bids)} | ${told(asks)}`
}

/** Matches the operations by price and time, and writes down the level changes and prints that come of them. */
export const published = ({ index, kind, of, shares, side }) => {
  const count = kind.length
  const room = columns(count * 4)
  const left = new Uint32Array(count)
  // Orders of a price in order of arrival: what has ended is skipped when its turn comes.
  const lines = [0, 1].map(() => Array.from({ length: TICKS + 1 }, () => ({ orders: [], first: 0, total: 0 })))
  let row = 0
  const tell = (what, s, p, size, i) => {
    room.kind[row] = what
    room.side[row] = s
    room.index[row] = p
    room.size[row] = size * 1_000_000
    room.at[row++] = START + i * MILLIS
  }
  const take = (i, wanted) => {
    const against = 1 - side[i]
    let rest = wanted
    let p = against === 1 ? 1 : TICKS - 1
    const step = against === 1 ? 1 : -1
    for (; rest > 0 && (against === 1 ? p <= index[i] : p >= index[i]); p += step) {
      const line = lines[against][p]
      if (line.total === 0) continue
      const before = line.total
      while (rest > 0 && line.total > 0) {
        const order = line.orders[line.first]
        const part = Math.min(rest, left[order])
        left[order] -= part
        line.total -= part
        rest -= part
        if (left[order] === 0) line.first++
      }
      tell(1, side[i], p, before - line.total, i)
      tell(0, against, p, line.total, i)
    }
    return rest
  }
  const ends = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    if (kind[i] === CANCEL) {
      const order = of[i]
      if (left[order] > 0) {
        const line = lines[side[order]][index[order]]
        line.total -= left[order]
        left[order] = 0
        tell(0, side[order], index[order], line.total, i)
      }
    } else {
      const rest = take(i, shares[i])
      if (rest > 0 && kind[i] === LIMIT) {
        const line = lines[side[i]][index[i]]
        left[i] = rest
        line.orders.push(i)
        line.total += rest
        tell(0, side[i], index[i], line.total, i)
      }
    }
    ends[i] = row
  }
  const depth = (s) => lines[s].map(({ total }, p) => [p, total])
  return { events: upTo(room, row), ends, depth: depthText(depth(0), depth(1)) }
}

const WAYS = ["buy", "sell"]

/** Hands the operations to a matching engine of npm (those two share their interface), and tells the depth it ends with. */
export const matchedBy = (OrderBook, { index, kind, of, shares, side }) => {
  const book = new OrderBook()
  for (let i = 0; i < kind.length; i++) {
    if (kind[i] === CANCEL) book.cancel(String(of[i]))
    else {
      const order = { side: WAYS[side[i]], id: String(i), size: shares[i], price: index[i] }
      book.limit(kind[i] === TAKE ? { ...order, timeInForce: "IOC" } : order)
    }
  }
  return book
}

export const depthOf = (book) => {
  const [asks, bids] = book.depth()
  return depthText(bids, asks)
}
