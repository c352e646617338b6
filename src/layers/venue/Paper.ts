import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type { BookSnapshot, DataFault } from "../../domain/Book.ts"
import type { ConditionId } from "../../domain/Market.ts"
import * as Snapshot from "../../exchange/Snapshot.ts"
import { MarketData } from "../MarketData.ts"
import { type Desk, type Session, SIMULATED, Venue } from "../Venue.ts"

/** Orders that share one commit of their answers. */
const BATCH = 2000

type Found = Either.Either<BookSnapshot, DataFault>

/** A session on the present books of the desk's markets. All it holds is fixed at its beginning. */
const sessionOn = (desk: Desk, found: ReadonlyMap<ConditionId, Found>): Session => {
  const { books, faults, floor } = Snapshot.floorOn({ ...desk, books: found })
  return {
    batch: BATCH,
    announces: false,
    again: () => Effect.succeed({ answers: [], memory: [] }),
    place: (orders, memory) => Effect.map(Clock.currentTimeMillis, (now) => Snapshot.place(floor, orders, memory, now)),
    refresh: (orders, memory) =>
      Effect.map(Clock.currentTimeMillis, (now) => Snapshot.refresh(floor, orders, memory, now)),
    cancel: (orders, as, reason) =>
      Effect.map(Clock.currentTimeMillis, (now) => Snapshot.cancel(orders, as, reason, now)),
    faults,
    books
  }
}

/**
 * The simulated venue: fills on the books displayed when the session was opened, by the rules of `exchange/`. What it
 * must remember between calls it hands out with its answers and takes back with the next question, so asking again after
 * a lost race counts nothing twice.
 */
export const layer: Layer.Layer<Venue, never, MarketData> = Layer.effect(
  Venue,
  Effect.map(MarketData, (data) => {
    const open = Effect.fn("Venue.Paper.open")(function* (desk: Desk) {
      const found = desk.markets.length === 0 ? new Map<ConditionId, Found>() : yield* data.books(desk.markets)
      return sessionOn(desk, found)
    })
    return Venue.of({ open, ...SIMULATED })
  })
)
