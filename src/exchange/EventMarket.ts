import type { Price } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import * as Book from "./Book.ts"
import * as Deficit from "./Deficit.ts"
import * as Agenda from "./EventAgenda.ts"
import { type Listener, type Rules, settled } from "./EventRules.ts"
import * as Queue from "./Queue.ts"
import { type Terms, termsOf } from "./Terms.ts"

export { rulesOf } from "./EventRules.ts"

/** What is known of the book: nothing, a full one is coming in, or all of it. */
export const UNKNOWN = 0
export const BUILDING = 1
export const KNOWN = 2
export type Knowledge = typeof UNKNOWN | typeof BUILDING | typeof KNOWN

/** Marks of a price: own orders rest there, or shares there are ours already. */
export const OWN = 1
export const OURS = 2

/** One side of the book, and what is remembered of each price beside its size. */
export interface Side {
  readonly sizes: Float64Array
  /** What was displayed before the full book that is coming in. */
  readonly previous: Float64Array
  readonly marks: Uint8Array
  /** Size that left lately without a trade that explains it, and when. */
  readonly dropped: Float64Array
  readonly droppedAt: Float64Array
  /** Volume printed lately that no fall of the book has shown yet, and when. */
  readonly printed: Float64Array
  readonly printedAt: Float64Array
}

/** An own order from its sending to its end. Shares by band as `Queue` counts bands. */
export interface Own {
  readonly order: Order
  /** `sent` is under way, `delayed` waits out its taker delay, `unmet` rests but has met no usable book yet. */
  phase: "sent" | "delayed" | "unmet" | "resting" | "ended"
  /** When it meets the book. */
  meetsMillis: number
  terms: Terms
  /** 0 where it does not stand in the queue. */
  slot: number
  readonly filled: Float64Array
}

export type Action =
  | { readonly _tag: "Arrive" | "Meet" | "Expire"; readonly own: Own }
  | {
      readonly _tag: "Cancel"
      readonly own: Own
      readonly as: "cancelled" | "expired"
      readonly reason: string | undefined
    }

/** One market as the event engine runs it. */
export interface EventMarket {
  readonly rules: Rules
  readonly listener: Listener
  /** Exchange time: of the last event, or as far as it was advanced. */
  now: number
  knowledge: Knowledge
  /** The full book that is coming in follows one that was known. */
  continued: boolean
  book: Book.Book
  sides: readonly [Side, Side]
  deficits: Deficit.Deficits
  queue: Queue.Queue
  /** Own order of each slot of the queue. */
  readonly slots: Array<Own | undefined>
  /** Own orders that have not ended, in order of submission. */
  readonly orders: Map<string, Own>
  readonly agenda: Agenda.Agenda<Action>
  /** Something was displayed that may meet own resting orders, or orders have met no book yet: to be looked at. */
  dirty: boolean
  unmet: number
  /** The book was found crossed when it was looked at last. */
  crossed: boolean
  /** Micro-dollars per share of the first outcome, once the market is resolved. */
  payout: number | undefined
  /** Data that contradicts itself and so filled nothing: off the grid, impossible sizes, crossed books. */
  faults: number
  gaps: number
  /** What own orders have had of the present trade, by band. */
  readonly used: Float64Array
}

const NEVER = Number.NEGATIVE_INFINITY

const sideOf = (sizes: Float64Array): Side => ({
  sizes,
  previous: new Float64Array(sizes.length),
  marks: new Uint8Array(sizes.length),
  dropped: new Float64Array(sizes.length),
  droppedAt: new Float64Array(sizes.length).fill(NEVER),
  printed: new Float64Array(sizes.length),
  printedAt: new Float64Array(sizes.length).fill(NEVER)
})

/** A market of which nothing is known yet. */
export const make = (rules: Rules, listener: Listener): EventMarket => {
  const book = Book.make(rules.tick)
  return {
    rules: settled(rules),
    listener,
    now: NEVER,
    knowledge: UNKNOWN,
    continued: false,
    book,
    sides: [sideOf(book.bids), sideOf(book.asks)],
    deficits: Deficit.recall(rules.conditionId, undefined, book, 0),
    queue: Queue.make(book.steps),
    slots: [],
    orders: new Map(),
    agenda: Agenda.make(),
    dirty: false,
    unmet: 0,
    crossed: false,
    payout: undefined,
    faults: 0,
    gaps: 0,
    used: new Float64Array(Queue.BANDS)
  }
}

export const sideIndexOf = (own: Own): Queue.SideIndex => (own.terms.own === "bid" ? Queue.BID : Queue.ASK)

/** Locked or crossed: such a book fills nothing. */
export const isCrossed = ({ bestAsk, bestBid, steps }: Book.Book): boolean =>
  bestBid > 0 && bestAsk < steps && bestBid >= bestAsk

/** Size that left a price lately and that a print may still explain. */
export const lately = (market: EventMarket, side: Side, index: number): number =>
  market.now - (side.droppedAt[index] ?? NEVER) > market.rules.pairMillis ? 0 : (side.dropped[index] ?? 0)

/** Puts an order into the queue of its price, at the back. */
export const enqueue = (market: EventMarket, own: Own): void => {
  const { queue, sides } = market
  const at = sideIndexOf(own)
  const { limit } = own.terms
  const side = sides[at]
  own.slot = Queue.join(queue, at, limit)
  market.slots[own.slot] = own
  side.marks[limit] = (side.marks[limit] ?? 0) | OWN
  const ordered = own.order.quantity._tag === "Shares" ? Number(own.order.quantity.shares) : 0
  for (let band = 0; band < Queue.BANDS; band++) {
    queue.rest[own.slot * Queue.BANDS + band] = ordered - (own.filled[band] ?? 0)
  }
  Queue.sendToBack(queue, own.slot, side.sizes[limit] ?? 0, lately(market, side, limit), market.now)
}

export const dequeue = (market: EventMarket, own: Own): void => {
  if (own.slot === 0) return
  const at = sideIndexOf(own)
  const { limit } = own.terms
  Queue.leave(market.queue, at, limit, own.slot)
  market.slots[own.slot] = undefined
  own.slot = 0
  const { marks } = market.sides[at]
  if (Queue.firstAt(market.queue, at, limit) === 0) marks[limit] = (marks[limit] ?? 0) & ~OWN
}

/** What was known of queues and of taken shares ends: the deficits are dropped and every order goes to the back. */
export const forget = (market: EventMarket): void => {
  market.deficits.marks.clear()
  for (const side of market.sides) {
    side.dropped.fill(0)
    side.printed.fill(0)
    for (let index = 0; index < side.marks.length; index++) side.marks[index] = (side.marks[index] ?? 0) & OWN
  }
  for (const own of market.orders.values()) {
    if (own.slot === 0) continue
    const displayed = market.sides[sideIndexOf(own)].sizes[own.terms.limit] ?? 0
    Queue.sendToBack(market.queue, own.slot, displayed, 0, market.now)
  }
  market.dirty = true
}

/** The same market on another grid. Sizes at prices that the new grid does not have are left out. */
export const regrid = (market: EventMarket, tick: Price): void => {
  const old = market.book
  const book = Book.make(tick)
  for (let index = 1; index < old.steps; index++) {
    const to = (index * old.tick) / book.tick
    if (!Number.isInteger(to)) continue
    if (old.bids[index]) Book.setBid(book, to, old.bids[index] ?? 0)
    if (old.asks[index]) Book.setAsk(book, to, old.asks[index] ?? 0)
  }
  market.book = book
  market.sides = [sideOf(book.bids), sideOf(book.asks)]
  market.deficits = Deficit.recall(market.rules.conditionId, undefined, book, 0)
  market.queue = Queue.make(book.steps, market.queue.next.length)
  market.slots.length = 0
  market.continued = false
  for (const own of market.orders.values()) {
    own.terms = termsOf(own.order, book, market.rules.simulation)
    if (own.slot !== 0) enqueue(market, own)
  }
  market.dirty = true
}
