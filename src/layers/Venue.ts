import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { MarketMemory, Reply } from "../domain/Answer.ts"
import type { BookSnapshot, DataFault } from "../domain/Book.ts"
import type { MarketDataUnavailable, VenueUnavailable } from "../domain/Failure.ts"
import type { ConditionId, Market } from "../domain/Market.ts"
import type { Order, OrderState } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"

/** What a venue is told before it deals with a set of orders. */
export interface Desk {
  readonly markets: ReadonlyArray<Market>
  readonly simulation: Simulation
  /** The books that the decisions were made on; a simulated venue fills on later ones. */
  readonly decidedOn: ReadonlyMap<ConditionId, BookSnapshot>
  /** True: after the first refusal nothing more is sent. */
  readonly stopAtRefusal: boolean
}

/** What the venue itself asked to have kept, in earlier replies, by market. */
export type Memory = ReadonlyMap<ConditionId, MarketMemory>

/** One conversation with a venue. */
export interface Session {
  /** How many orders may share one commit of their answers: many on paper, one where money moves. */
  readonly batch: number
  /** Sends orders one after the other. Where it stops at a refusal, the orders behind it have no answer. */
  readonly place: (orders: ReadonlyArray<Order>, memory: Memory) => Effect.Effect<Reply, VenueUnavailable>
  /** What has become of orders that rest; those with nothing new have no answer. */
  readonly refresh: (orders: ReadonlyArray<OrderState>, memory: Memory) => Effect.Effect<Reply, VenueUnavailable>
  /** Takes resting orders back; each answer is what the order really came to. */
  readonly cancel: (
    orders: ReadonlyArray<OrderState>,
    as: "cancelled" | "expired",
    reason: string
  ) => Effect.Effect<Reply, VenueUnavailable>
  /** Markets whose book could not be used, and why: nothing fills there. */
  readonly faults: ReadonlyArray<DataFault>
  /** The books the session fills on: what positions are marked to afterwards. */
  readonly books: ReadonlyMap<ConditionId, BookSnapshot>
}

/** Where orders go. Paper and live are the two layers that fit it; nothing else knows which one stands here. */
export class Venue extends Context.Tag("betteroms/layers/Venue")<
  Venue,
  {
    readonly open: (desk: Desk) => Effect.Effect<Session, MarketDataUnavailable | VenueUnavailable>
  }
>() {}
