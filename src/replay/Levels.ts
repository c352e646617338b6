/**
 * The levels of a full book or the changes of one message, as columns, before they are believed: in the words of the token
 * that they were told of.
 */
export interface Levels {
  count: number
  /** 1 on the bid side. */
  bid: Uint8Array
  /** Micro-dollars. */
  price: Float64Array
  /** Micro-shares. */
  size: Float64Array
  /** 1 where it is told of the second outcome's token. */
  second: Uint8Array
  /** Micro-dollars, NaN where the message tells none. Best prices are those after the last change, of its token. */
  tick: number
  bestBid: number
  bestAsk: number
}

export const make = (capacity: number): Levels => ({
  count: 0,
  bid: new Uint8Array(capacity),
  price: new Float64Array(capacity),
  size: new Float64Array(capacity),
  second: new Uint8Array(capacity),
  tick: Number.NaN,
  bestBid: Number.NaN,
  bestAsk: Number.NaN
})

/** Forgets everything, to be used for the next message. */
export const reset = (levels: Levels): void => {
  levels.count = 0
  levels.tick = Number.NaN
  levels.bestBid = Number.NaN
  levels.bestAsk = Number.NaN
}

/** Makes room for one more. */
export const reserve = (levels: Levels): void => {
  const { bid, count, price, second, size } = levels
  if (count < bid.length) return
  const grown = make(count * 2)
  grown.bid.set(bid)
  grown.price.set(price)
  grown.size.set(size)
  grown.second.set(second)
  levels.bid = grown.bid
  levels.price = grown.price
  levels.size = grown.size
  levels.second = grown.second
}

/** Adds one at the end. */
export const add = (levels: Levels, bid: boolean, price: number, size: number, second: boolean): void => {
  reserve(levels)
  const row = levels.count++
  levels.bid[row] = bid ? 1 : 0
  levels.price[row] = price
  levels.size[row] = size
  levels.second[row] = second ? 1 : 0
}
