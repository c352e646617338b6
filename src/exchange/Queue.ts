/** Sides and bands as indices, for the arrays of the hot path. */
export const BID = 0
export const ASK = 1
export type SideIndex = typeof BID | typeof ASK
export const PESSIMISTIC = 0
export const NEUTRAL = 1
export const OPTIMISTIC = 2
export const BANDS = 3

/** The neutral band's share of a cancellation: as much of it as of the level stood ahead, or always the same part. */
export type Share = "proportional" | number

/**
 * Where own resting orders of one market stand: for each price a list in order of time, for each order and band the
 * displayed shares ahead of it, what is left of it, and what its queue was given by cancellations that a trade may yet
 * explain. Slots of columns, so that an event at a price reads a few numbers per order there and nothing else. All in
 * micro-shares; slot 0 is no slot.
 *
 * Own orders ahead of an order are not in `ahead`: they are not displayed. They stand before it in the list, and a
 * trade reaches them first.
 */
export interface Queue {
  readonly steps: number
  /** First and last slot of each price: bids, then asks. */
  readonly first: Int32Array
  readonly last: Int32Array
  /** Index of the highest own bid, 0 where there is none, and of the lowest own ask, `steps` where there is none. */
  highest: number
  lowest: number
  next: Int32Array
  previous: Int32Array
  ahead: Float64Array
  rest: Float64Array
  given: Float64Array
  /** Size that left the level before the order came, and that a late print may yet explain. */
  stale: Float64Array
  entered: Float64Array
  /** First free slot. */
  free: number
  live: number
  /** What the last call gave to a slot, by band. */
  readonly fills: Float64Array
}

const chain = (next: Int32Array, from: number): void => {
  for (let slot = from; slot < next.length - 1; slot++) next[slot] = slot + 1
}

export const make = (steps: number, slots = 64): Queue => {
  const next = new Int32Array(slots)
  chain(next, 1)
  return {
    steps,
    first: new Int32Array(2 * (steps + 1)),
    last: new Int32Array(2 * (steps + 1)),
    highest: 0,
    lowest: steps,
    next,
    previous: new Int32Array(slots),
    ahead: new Float64Array(slots * BANDS),
    rest: new Float64Array(slots * BANDS),
    given: new Float64Array(slots * BANDS),
    stale: new Float64Array(slots),
    entered: new Float64Array(slots),
    free: 1,
    live: 0,
    fills: new Float64Array(BANDS)
  }
}

const longer = (column: Float64Array): Float64Array => {
  const grown = new Float64Array(column.length * 2)
  grown.set(column)
  return grown
}

const grow = (queue: Queue): void => {
  const slots = queue.next.length
  const next = new Int32Array(slots * 2)
  next.set(queue.next)
  chain(next, slots)
  const previous = new Int32Array(slots * 2)
  previous.set(queue.previous)
  queue.next = next
  queue.previous = previous
  queue.ahead = longer(queue.ahead)
  queue.rest = longer(queue.rest)
  queue.given = longer(queue.given)
  queue.stale = longer(queue.stale)
  queue.entered = longer(queue.entered)
  queue.free = slots
}

/** Where the list of a price begins and ends in `first` and `last`. */
export const place = (queue: Queue, side: SideIndex, index: number): number =>
  side === BID ? index : queue.steps + 1 + index

export const firstAt = (queue: Queue, side: SideIndex, index: number): number =>
  queue.first[place(queue, side, index)] ?? 0

/** Puts an order at the back of a price: all that is displayed there is ahead of it, in every band. */
export const sendToBack = (queue: Queue, slot: number, displayed: number, stale: number, atMillis: number): void => {
  queue.ahead.fill(displayed, slot * BANDS, slot * BANDS + BANDS)
  queue.given.fill(0, slot * BANDS, slot * BANDS + BANDS)
  queue.stale[slot] = stale
  queue.entered[slot] = atMillis
}

/** Takes an order in behind all others at its price; `sendToBack` and its rests are the caller's next words. */
export const join = (queue: Queue, side: SideIndex, index: number): number => {
  if (queue.free === 0) grow(queue)
  const slot = queue.free
  queue.free = queue.next[slot] ?? 0
  const at = place(queue, side, index)
  const last = queue.last[at] ?? 0
  queue.next[slot] = 0
  queue.previous[slot] = last
  if (last === 0) queue.first[at] = slot
  else queue.next[last] = slot
  queue.last[at] = slot
  queue.live++
  if (side === BID) queue.highest = Math.max(queue.highest, index)
  else queue.lowest = Math.min(queue.lowest, index)
  return slot
}

export const leave = (queue: Queue, side: SideIndex, index: number, slot: number): void => {
  const at = place(queue, side, index)
  const next = queue.next[slot] ?? 0
  const previous = queue.previous[slot] ?? 0
  if (previous === 0) queue.first[at] = next
  else queue.next[previous] = next
  if (next === 0) queue.last[at] = previous
  else queue.previous[next] = previous
  queue.next[slot] = queue.free
  queue.free = slot
  queue.live--
  if (queue.first[at] !== 0) return
  if (side === BID && index === queue.highest) {
    let to = index - 1
    while (to > 0 && firstAt(queue, BID, to) === 0) to--
    queue.highest = to
  } else if (side === ASK && index === queue.lowest) {
    let to = index + 1
    while (to < queue.steps && firstAt(queue, ASK, to) === 0) to++
    queue.lowest = to
  }
}

/** Shares of own orders that stand ahead of a slot at its price, in one band. */
export const ownAhead = (queue: Queue, slot: number, band: number): number => {
  let total = 0
  for (let at = queue.previous[slot] ?? 0; at !== 0; at = queue.previous[at] ?? 0) {
    total += queue.rest[at * BANDS + band] ?? 0
  }
  return total
}

/**
 * A price with own orders now shows less: `cancelled` of the `total` shares that trades do not explain went away, and
 * `size` is left. Pessimistic: nobody ahead left; neutral: their share of it; optimistic: only they. In every band no
 * more than is displayed can stand ahead. `fresh`: earlier cancellations are too old for a print to explain.
 */
export const fell = (
  queue: Queue,
  side: SideIndex,
  index: number,
  total: number,
  cancelled: number,
  size: number,
  share: Share,
  fresh: boolean
): void => {
  const { ahead, given, next } = queue
  const part = share !== "proportional" ? share : cancelled > 0 ? cancelled / total : 0
  for (let slot = firstAt(queue, side, index); slot !== 0; slot = next[slot] ?? 0) {
    const base = slot * BANDS
    if (fresh) {
      given[base] = 0
      given[base + NEUTRAL] = 0
      given[base + OPTIMISTIC] = 0
      queue.stale[slot] = 0
    }
    const p = ahead[base] ?? 0
    const n = ahead[base + NEUTRAL] ?? 0
    const o = ahead[base + OPTIMISTIC] ?? 0
    const p1 = p < size ? p : size
    const left = n - Math.min(n, cancelled, Math.floor((share === "proportional" ? n : cancelled) * part))
    const n1 = left < size ? left : size
    const rest = o > cancelled ? o - cancelled : 0
    const o1 = rest < size ? rest : size
    ahead[base] = p1
    ahead[base + NEUTRAL] = n1
    ahead[base + OPTIMISTIC] = o1
    if (cancelled > 0) {
      given[base] = (given[base] ?? 0) + p - p1
      given[base + NEUTRAL] = (given[base + NEUTRAL] ?? 0) + n - n1
      given[base + OPTIMISTIC] = (given[base + OPTIMISTIC] ?? 0) + o - o1
    }
  }
}

/**
 * A trade of `volume` at the price of a slot. The part `ratio` of earlier cancellations turns out to have been this
 * trade, so what they gave is taken back first. Then the volume goes to the shares ahead and to the order; `used` is
 * what own orders before it have had of it, and grows by what this one gets. Fills are left in `fills`.
 */
export const traded = (
  queue: Queue,
  slot: number,
  volume: number,
  explained: number,
  ratio: number,
  size: number,
  used: Float64Array,
  fillable: boolean
): void => {
  const { ahead, fills, given, rest } = queue
  const late = Math.min(explained, queue.stale[slot] ?? 0)
  queue.stale[slot] = (queue.stale[slot] ?? 0) - late
  for (let band = 0; band < BANDS; band++) {
    const at = slot * BANDS + band
    const back = Math.floor((given[at] ?? 0) * ratio)
    const before = (ahead[at] ?? 0) + back
    const left = rest[at] ?? 0
    const reach = Math.max(0, volume - late - (used[band] ?? 0))
    const fill = fillable ? Math.min(left, Math.max(0, reach - before)) : 0
    const after = Math.min(Math.max(0, before - reach), size)
    ahead[at] = after
    given[at] = (given[at] ?? 0) - back
    rest[at] = left - fill
    fills[band] = fill
    used[band] = (used[band] ?? 0) + fill
  }
}
