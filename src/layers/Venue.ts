import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { MarketMemory, Reply } from "../domain/Answer.ts"
import type { BookSnapshot, DataFault } from "../domain/Book.ts"
import type { InvalidInput, MarketDataUnavailable, VenueUnavailable } from "../domain/Failure.ts"
import type { ConditionId, Market } from "../domain/Market.ts"
import type { Match, Resting } from "../domain/Match.ts"
import type { Shares, Usd } from "../domain/Money.ts"
import type { Mode, Order, OrderState, Side } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"

/** What a venue is told before it deals with a set of orders. */
export interface Desk {
  readonly mode: Mode
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
  /** Whether orders leave this machine: then each is announced in a commit before it goes. */
  readonly announces: boolean
  /**
   * Sends orders one after the other. Where it stops at a refusal, the orders behind it have no answer. A failure means
   * that nothing was sent.
   */
  readonly place: (orders: ReadonlyArray<Order>, memory: Memory) => Effect.Effect<Reply, VenueUnavailable>
  /** Sends the same bytes once more: what comes back is only ever news of an order that is there. */
  readonly again: (order: Order) => Effect.Effect<Reply, VenueUnavailable>
  /** What has become of orders; those with nothing new have no answer, those that nobody knows are `silent`. */
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

/** What is to be traded: enough to tell whether it may be. */
export interface Wish {
  readonly market: Market
  readonly side: Side
  readonly tokenId: string
}

/** What a venue is asked about the account. */
export interface Inquiry {
  /** Trades matched after this time, epoch milliseconds; all there are where it is absent. */
  readonly tradesAfterMillis: number | undefined
  /** Tokens whose balance is wanted, with their market's protocol. */
  readonly tokens: ReadonlyArray<{ readonly tokenId: string; readonly version: Market["version"] }>
  /** Balances that the venue is made to read anew first: of cash, or of the tokens too. */
  readonly fresh?: "cash" | "all"
}

/** The account as its venue tells it. */
export interface Statement {
  readonly wallet: string
  readonly cash: Usd
  /** By token id. */
  readonly holdings: ReadonlyMap<string, Shares>
  /** Every order that rests, whoever placed it. */
  readonly resting: ReadonlyArray<Resting>
  /** Trades of the account, oldest first, as far as they have come. */
  readonly matches: ReadonlyArray<Match>
}

/** How orders of an account are taken back all at once, at the venue's own word. */
export interface Sweep {
  /** Ids at the venue that a mass cancel claims to have taken back. */
  readonly cancelled: ReadonlyArray<string>
  readonly resting: ReadonlyArray<Resting>
}

/** Where orders go. Paper and live are the two layers that fit it; nothing else knows which one stands here. */
export class Venue extends Context.Tag("betteroms/layers/Venue")<
  Venue,
  {
    /** Whether a mode's venue has books of its own, which the ledger must be made equal to. */
    readonly isReal: (mode: Mode) => boolean
    /** The wallet whose account it is; undefined where the venue is simulated. */
    readonly wallet: (mode: Mode) => Effect.Effect<string | undefined, VenueUnavailable | InvalidInput>
    readonly open: (desk: Desk) => Effect.Effect<Session, MarketDataUnavailable | VenueUnavailable | InvalidInput>
    /** Fails, with what to do, where orders of that kind could not be sent now. Asked before anything is journalled. */
    readonly check: (
      mode: Mode,
      wishes: ReadonlyArray<Wish>
    ) => Effect.Effect<ReadonlyArray<string>, VenueUnavailable | InvalidInput>
    /** Makes orders ready for the wire: signed, and named as the venue will name them. */
    readonly seal: (
      mode: Mode,
      orders: ReadonlyArray<Order>,
      markets: ReadonlyMap<ConditionId, Market>
    ) => Effect.Effect<ReadonlyArray<Order>, VenueUnavailable>
    /** The account as the venue tells it; undefined where the venue is simulated and the ledger is all there is. */
    readonly statement: (
      mode: Mode,
      inquiry: Inquiry
    ) => Effect.Effect<Statement | undefined, VenueUnavailable | InvalidInput>
    /** Takes back orders by their ids at the venue, or all there are, and tells what rests afterwards. */
    readonly sweep: (
      mode: Mode,
      externalIds: ReadonlyArray<string> | "all"
    ) => Effect.Effect<Sweep | undefined, VenueUnavailable | InvalidInput>
  }
>() {}

/** What a simulated venue says to all that only a real one is asked. */
export const SIMULATED = {
  isReal: () => false,
  wallet: () => Effect.succeed(undefined),
  check: () => Effect.succeed([]),
  seal: (_: Mode, orders: ReadonlyArray<Order>) => Effect.succeed(orders),
  statement: () => Effect.succeed(undefined),
  sweep: () => Effect.succeed(undefined)
} as const
