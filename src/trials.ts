import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BookSnapshot } from "./domain/Book.ts"
import type { ConditionId } from "./domain/Market.ts"
import { complement, Price, ZERO_SHARES } from "./domain/Money.ts"
import { isTerminal, type Order, remaining } from "./domain/Order.ts"
import type { Simulation } from "./domain/Plan.ts"
import * as Snapshot from "./exchange/Snapshot.ts"
import * as Trial from "./exchange/Trial.ts"
import { MarketData } from "./layers/MarketData.ts"
import type { Desk } from "./layers/Venue.ts"
import { Ledger, type Note, type TrialRecord } from "./persist/Ledger.ts"
import { HORIZONS } from "./report/BacktestTally.ts"

type Books = ReadonlyMap<ConditionId, BookSnapshot>

/** How much later than its horizon a book may be and still stand for it, as a part of the horizon. */
const LATE = 0.5
/** The longest that nobody looks whether an order has been sent. */
const PAUSE_MILLIS = 5_000
const SHORTEST_MILLIS = 200

/** Simulates real orders on the books shown as they leave, and keeps what each band says of them. */
export const begin = Effect.fn("Trials.begin")(function* (desk: Desk, books: Books, orders: ReadonlyArray<Order>) {
  const ledger = yield* Ledger
  const atMillis = yield* Clock.currentTimeMillis
  const found = new Map([...books].map(([id, book]) => [id, Either.right(book)] as const))
  const { floor } = Snapshot.floorOn({ ...desk, books: found })
  const trials = Trial.begin(floor, orders, atMillis)
  yield* ledger.tried(
    orders.flatMap(({ conditionId, id: orderId }) => {
      const [trial, sentBook] = [trials.get(orderId), books.get(conditionId)]
      if (trial === undefined || sentBook === undefined) return []
      return [{ orderId, decidedBook: desk.decidedOn.get(conditionId) ?? sentBook, sentBook, trial, atMillis }]
    })
  )
})

/** What marks are counted from: the first fill, or the sending where nothing has filled. */
const sinceOf = ({ firstFillMillis, order: { sentMillis } }: TrialRecord): number | undefined =>
  firstFillMillis ?? sentMillis

const midOf = ({ outcomeIndex }: Order, { asks, bids }: BookSnapshot): Price | undefined => {
  const [bid, ask] = [bids[0]?.price, asks[0]?.price]
  if (bid === undefined || ask === undefined) return undefined
  const mid = Price((bid + ask) / 2n)
  return outcomeIndex === 0 ? mid : complement(mid)
}

/** The marks that a book is in time for, on top of those there are. Those counted from something else are void. */
const marked = (record: TrialRecord, book: BookSnapshot | undefined): TrialRecord["mids"] => {
  const since = sinceOf(record)
  const known = record.sinceMillis === since ? record.mids : {}
  const mid = book === undefined ? undefined : midOf(record.order.order, book)
  if (since === undefined || book === undefined || mid === undefined) return known
  const after = book.fetchedMillis - since
  const due = HORIZONS.filter(
    ({ millis, name }) => known[name] === undefined && after >= millis && after <= millis * (1 + LATE)
  )
  return { ...known, ...Object.fromEntries(due.map(({ name }) => [name, mid])) }
}

/** Whether later books can still tell something of it. */
const isWatched = (record: TrialRecord, nowMillis: number): boolean => {
  const since = sinceOf(record)
  if (!isTerminal(record.order.status)) return true
  return since !== undefined && HORIZONS.some(({ millis }) => nowMillis <= since + millis * (1 + LATE))
}

const noteOf = (
  record: TrialRecord,
  trial: TrialRecord["bands"] | undefined,
  book: BookSnapshot | undefined,
  now: number
): Note => ({
  orderId: record.order.order.id,
  trial,
  mids: marked(record, book),
  sinceMillis: sinceOf(record),
  watched: isWatched(record, now)
})

const isNews = (record: TrialRecord, note: Note): boolean =>
  note.trial !== undefined ||
  !note.watched ||
  note.sinceMillis !== record.sinceMillis ||
  HORIZONS.some(({ name }) => note.mids[name] !== record.mids[name])

/**
 * Shows orders that were simulated the books of now: what rests there may fill, as long as the real order was alive until
 * this look (`alive`, by id), and a horizon that is reached is marked.
 */
export const look = Effect.fn("Trials.look")(function* (
  books: Books,
  alive: ReadonlySet<string>,
  simulation: Simulation
) {
  const ledger = yield* Ledger
  const records = yield* ledger.trials({ watched: true })
  if (records.length === 0) return
  const nowMillis = yield* Clock.currentTimeMillis
  const simulations = yield* ledger.simulations([...new Set(records.map(({ order }) => order.order.planId))])
  const notes = records.flatMap((record) => {
    const { order, status, sentMillis } = record.order
    const book = books.get(order.conditionId)
    const isLater = book !== undefined && sentMillis !== undefined && book.fetchedMillis > sentMillis
    const ours = isTerminal(status) ? ZERO_SHARES : remaining(record.order)
    const trial =
      isLater && alive.has(order.id)
        ? Trial.later(record.bands, order, {
            snapshot: book,
            ours,
            simulation: simulations.get(order.planId) ?? simulation,
            atMillis: nowMillis
          })
        : record.bands
    const note = noteOf(record, trial === record.bands ? undefined : trial, book, nowMillis)
    return isNews(record, note) ? [note] : []
  })
  yield* ledger.watched(notes)
})

/** When the next mark of an order is due; undefined where none is to come. */
const nextMark = (record: TrialRecord, nowMillis: number): number | undefined => {
  const since = sinceOf(record)
  if (since === undefined) return undefined
  const known = record.sinceMillis === since ? record.mids : {}
  const [next] = HORIZONS.filter(
    ({ millis, name }) => known[name] === undefined && nowMillis <= since + millis * (1 + LATE)
  )
  return next === undefined ? undefined : since + next.millis
}

/** Marks what is due of the orders on record, and returns when the next mark is, epoch milliseconds. */
const markDue = Effect.fn("Trials.markDue")(function* () {
  const ledger = yield* Ledger
  const data = yield* MarketData
  const records = yield* ledger.trials({ watched: true })
  const now = yield* Clock.currentTimeMillis
  const due = records.filter((record) => (nextMark(record, now) ?? Number.POSITIVE_INFINITY) <= now)
  if (due.length > 0) {
    const known = yield* ledger.snapshots([...new Set(due.map(({ order }) => order.order.conditionId))])
    const books = yield* data.books(known.map(({ market }) => market))
    const after = yield* Clock.currentTimeMillis
    yield* ledger.watched(
      due.map((record) => {
        const book = Option.getOrUndefined(
          Option.flatMap(Option.fromNullable(books.get(record.order.order.conditionId)), Either.getRight)
        )
        return noteOf(record, undefined, book, after)
      })
    )
  }
  const waiting = records.filter((record) => !due.includes(record)).flatMap((record) => nextMark(record, now) ?? [])
  return Math.min(...waiting, now + PAUSE_MILLIS)
})

/** Marks where the markets of real orders stand, each at its time, for as long as it runs. What cannot be had is missed. */
export const watch = Effect.gen(function* () {
  const next = yield* Effect.orElseSucceed(markDue(), () => Number.POSITIVE_INFINITY)
  const now = yield* Clock.currentTimeMillis
  yield* Effect.sleep(Math.min(Math.max(next - now, SHORTEST_MILLIS), PAUSE_MILLIS))
}).pipe(Effect.forever)
