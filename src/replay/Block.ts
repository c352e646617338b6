/** What a row tells. Numbers of the file format: see docs/tape.md. */
export const LEVEL = 0
export const CLEAR = 1
export const SEAL = 2
export const TRADE = 3
export const TICK = 4
export const RESOLUTION = 5
export const GAP = 6

/** Names of the kinds, by number. */
export const KINDS = ["level", "clear", "seal", "trade", "tick", "resolution", "gap"] as const

/** `side` of a level; of a trade, what its taker did. Always as the first outcome sees it. */
export const BID = 0
export const ASK = 1

/** Pips in a dollar: prices are whole ten-thousandths. */
export const PIPS = 10_000

/** Rows after which a block is written. One message is never split over two blocks, so a block may be longer. */
export const BLOCK_ROWS = 65_536

/**
 * A run of events in order of receipt, as columns: element i of each is row i. The arrays may be longer than `rows`, and
 * the reader uses them again for the next block: copy what is to be kept.
 *
 * - `kind` 0 level (the side shows `size` at `price` from now on, 0 takes the level away), 1 clear (a full book begins: all
 *   levels are dropped), 2 seal (it is complete), 3 trade, 4 tick change (`size` = new tick in pips), 5 resolution
 *   (`price` = what a share of the first outcome pays, in pips), 6 gap (nothing is known until the next full book).
 * - `market` index into the tape's table of markets.
 * - `side` 0 bid or bought, 1 ask or sold; `price` in pips of the first outcome; `size` in micro-shares, whole numbers.
 * - `venue`, `receipt` epoch milliseconds, whole numbers; `receipt` never falls.
 *
 * Rows of one market with equal times that follow each other are one group: best prices mean something only after its
 * last row.
 */
export interface Block {
  kind: Uint8Array
  market: Uint16Array
  side: Uint8Array
  price: Uint16Array
  size: Float64Array
  venue: Float64Array
  receipt: Float64Array
  rows: number
}

/** A block with room for `capacity` rows. */
export const make = (capacity: number): Block => ({
  kind: new Uint8Array(capacity),
  market: new Uint16Array(capacity),
  side: new Uint8Array(capacity),
  price: new Uint16Array(capacity),
  size: new Float64Array(capacity),
  venue: new Float64Array(capacity),
  receipt: new Float64Array(capacity),
  rows: 0
})

/** Makes room for `capacity` rows, keeping those that are there. */
export const reserve = (block: Block, capacity: number): void => {
  if (capacity <= block.kind.length) return
  const grown = make(Math.max(capacity, block.kind.length * 2))
  grown.kind.set(block.kind)
  grown.market.set(block.market)
  grown.side.set(block.side)
  grown.price.set(block.price)
  grown.size.set(block.size)
  grown.venue.set(block.venue)
  grown.receipt.set(block.receipt)
  Object.assign(block, grown, { rows: block.rows })
}

/** Adds a row at the end. */
export const push = (
  block: Block,
  kind: number,
  market: number,
  side: number,
  price: number,
  size: number,
  venue: number,
  receipt: number
): void => {
  const row = block.rows
  if (row === block.kind.length) reserve(block, row + 1)
  block.kind[row] = kind
  block.market[row] = market
  block.side[row] = side
  block.price[row] = price
  block.size[row] = size
  block.venue[row] = venue
  block.receipt[row] = receipt
  block.rows = row + 1
}

/** Adds a copy of row `row` of another block, under a market index of this one. */
export const copy = (to: Block, from: Block, row: number, market: number): void =>
  push(
    to,
    from.kind[row] ?? 0,
    market,
    from.side[row] ?? 0,
    from.price[row] ?? 0,
    from.size[row] ?? 0,
    from.venue[row] ?? 0,
    from.receipt[row] ?? 0
  )

/** The row after the group that begins at `row`. */
export const groupEnd = (block: Block, row: number): number => {
  const { market, receipt, rows, venue } = block
  let end = row + 1
  while (end < rows && market[end] === market[row] && receipt[end] === receipt[row] && venue[end] === venue[row]) end++
  return end
}

/** The indexes of the markets that have rows in a block, rising. */
export const marketsOf = (block: Block): Uint16Array => {
  const seen = new Uint8Array(65_536)
  let count = 0
  for (let row = 0; row < block.rows; row++) {
    const market = block.market[row] ?? 0
    if (seen[market] === 0) {
      seen[market] = 1
      count++
    }
  }
  const found = new Uint16Array(count)
  for (let market = 0, at = 0; at < count; market++) if (seen[market] === 1) found[at++] = market
  return found
}

/** Keeps the rows from `from` to before `to` only. */
export const slice = (block: Block, from: number, to: number): void => {
  if (from > 0) {
    block.kind.copyWithin(0, from, to)
    block.market.copyWithin(0, from, to)
    block.side.copyWithin(0, from, to)
    block.price.copyWithin(0, from, to)
    block.size.copyWithin(0, from, to)
    block.venue.copyWithin(0, from, to)
    block.receipt.copyWithin(0, from, to)
  }
  block.rows = to - from
}
