import type * as Effect from "effect/Effect"
import type { Fill } from "../domain/Answer.ts"
import type { BookSnapshot } from "../domain/Book.ts"
import type { VenueUnavailable } from "../domain/Failure.ts"
import type { ConditionId, Market, OutcomeIndex } from "../domain/Market.ts"
import type { Price, Shares, Usd } from "../domain/Money.ts"
import type { Mode, Order, OrderState, OrderStatus, Side } from "../domain/Order.ts"
import type { Plan } from "../domain/Plan.ts"
import type { Position } from "../domain/Position.ts"
import type { Trial } from "../exchange/Trial.ts"

export type RunRecordStatus = "running" | "completed" | "failed" | "rejected"

/** A plan's run, as it stands. */
export interface RunRecord {
  readonly planId: string
  readonly mode: Mode
  readonly status: RunRecordStatus
  /** SHA-256 of the decoded plan, hex. */
  readonly planHash: string
  readonly planFile: string | undefined
  readonly startedMillis: number
  /** When it ended, whatever the end was. */
  readonly completedMillis: number | undefined
  readonly error: string | undefined
  /** What the report wrote of it: JSON. */
  readonly summary: unknown
}

export interface RunFilter {
  readonly mode?: Mode | undefined
  readonly statuses?: ReadonlyArray<RunRecordStatus> | undefined
}

export interface OrderRecord extends OrderState {
  readonly externalOrderId: string | undefined
  /** When it was about to leave, epoch milliseconds: from then on it may be at the venue. */
  readonly sentMillis: number | undefined
  readonly updatedMillis: number
}

/** What is absent does not filter; an empty list lets nothing through. */
export interface OrderFilter {
  readonly mode?: Mode | undefined
  readonly planId?: string | undefined
  readonly conditionId?: ConditionId | undefined
  readonly marketId?: string | undefined
  readonly statuses?: ReadonlyArray<OrderStatus> | undefined
  readonly ids?: ReadonlyArray<string> | undefined
  /** Ids at the venue. */
  readonly externalIds?: ReadonlyArray<string> | undefined
  /** Orders with a lifetime that ends at this time, epoch milliseconds, or before it. */
  readonly dueBefore?: number | undefined
}

/** A fill and the order it belongs to. */
export interface FillRecord extends Fill {
  /** The venue gave its trade up: it counts for nothing. */
  readonly failed: boolean
  readonly id: string
  readonly orderId: string
  readonly planId: string
  readonly mode: Mode
  readonly marketId: string
  readonly conditionId: ConditionId
  readonly outcomeIndex: OutcomeIndex
  readonly outcome: string
  readonly side: Side
}

export interface FillFilter {
  readonly mode?: Mode | undefined
  readonly planId?: string | undefined
  readonly orderId?: string | undefined
  /** Only those whose trade may still fail. */
  readonly unfinal?: boolean | undefined
  /** Only those of this time or later, epoch milliseconds. */
  readonly sinceMillis?: number | undefined
}

/** One movement of cash or shares that is no fill; `shares` are those that a payout retired or a transfer moved. */
export interface FlowRecord {
  readonly id: string
  readonly mode: Mode
  readonly kind: "opening" | "adjustment" | "payout" | "external" | "transfer"
  readonly amount: Usd
  readonly conditionId: ConditionId | undefined
  readonly outcomeIndex: OutcomeIndex | undefined
  readonly shares: Shares | undefined
  readonly reason: string | undefined
  readonly atMillis: number
}

/** The cash of an account, in micro-dollars: `cash` is flows + trading + payouts - fees. */
export interface Cash {
  /** Opening balance, adjustments and external flows. */
  readonly flows: Usd
  /** Received for sold shares less paid for bought ones, fees apart. */
  readonly trading: Usd
  readonly payouts: Usd
  readonly fees: Usd
  readonly cash: Usd
}

/** The last record and book seen of a market. */
export interface SnapshotRecord {
  readonly market: Market
  readonly book: BookSnapshot | undefined
  readonly takenMillis: number
}

/** What a decision about an account needs of its past, read at one moment. */
export interface AccountFacts {
  /** Cash before anything is reserved, with the paper balance that is configured now. */
  readonly cash: Usd
  /** Holdings, and whatever is on record of the markets asked for. */
  readonly positions: ReadonlyArray<Position>
  /** Every order of the account that may still fill, whatever its market. */
  readonly exposed: ReadonlyArray<OrderState>
  /** By instrument: bought shares whose trade may still fail. */
  readonly unfinalShares: ReadonlyMap<string, Shares>
}

/** A plan about to be decided and journalled. */
export interface JournalRequest {
  readonly mode: Mode
  readonly planId: string
  readonly planHash: string
  readonly plan: Plan
  readonly planFile: string
  readonly atMillis: number
  /** The configured balance of the paper account; absent for an account whose cash is not ours to set. */
  readonly paperBalance: Usd | undefined
  readonly conditionIds: ReadonlyArray<ConditionId>
  /** Orders of this plan that the caller knows of: if there are others, someone else is running it. */
  readonly earlier: number
  /** Makes orders ready for the wire, in the commit that journals them. */
  readonly seal?: ((orders: ReadonlyArray<Order>) => Effect.Effect<ReadonlyArray<Order>, VenueUnavailable>) | undefined
}

/** What an account was told to do before anything else: nothing new leaves until the operator says so. */
export interface Halt {
  readonly mode: Mode
  readonly reason: string | undefined
  readonly haltedMillis: number
}

/** What could not be explained: it stops trading in its instrument, or, where none is named, in all of them. */
export interface Stop {
  readonly conditionId: ConditionId | undefined
  readonly outcomeIndex: OutcomeIndex | undefined
  readonly reason: string
  readonly stoppedMillis: number
}

/** The account at the venue that the live books are about. */
export interface LiveAccount {
  readonly wallet: string
  /** Trades up to here, epoch milliseconds, have been seen. */
  readonly lastTradeMillis: number | undefined
  readonly reconciledMillis: number
}

/** Shares or cash that came or went without an order. */
export type Flow =
  | { readonly _tag: "Cash"; readonly amount: Usd; readonly reason: string }
  | {
      readonly _tag: "Shares"
      readonly position: Position
      /** Positive: they came. */
      readonly shares: Shares
      /** What all of them were worth, in micro-dollars: booked as cash that came (or went) with them and paid for them. */
      readonly worth: Usd
      readonly reason: string
    }

/** What was decided: orders to write, or why there are none. */
export interface Journal<A> {
  readonly orders: ReadonlyArray<Order>
  readonly rejected?:
    | {
        readonly summary: unknown
        readonly error: string
        /** `failed` where nothing could be decided at all; absent, risk refused. */
        readonly status?: "failed"
      }
    | undefined
  /** JSON to keep with the run while it is running; what an earlier, unfinished run left stays otherwise. */
  readonly summary?: unknown
  readonly value: A
}

/** How a run ended. */
export interface Ending {
  readonly status: "completed" | "failed"
  readonly summary: unknown
  readonly error?: string | undefined
  readonly atMillis: number
}

/** One thing `verify` proved, or what contradicts it. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** Rows it looked at. */
  readonly checked: number
  readonly differences: ReadonlyArray<string>
}

export interface Verdict {
  readonly ok: boolean
  readonly checks: ReadonlyArray<Check>
}

/** How long after an order where its market stands then is kept. */
export type Horizon = "10s" | "1m" | "10m"

/** An order that was simulated, too, beside what became of it. */
export interface TrialRecord {
  readonly order: OrderRecord
  readonly decidedBook: BookSnapshot
  readonly bands: Trial
  /** Midpoints of the order's outcome so long after its first fill, or after its sending where nothing filled. */
  readonly mids: Readonly<Partial<Record<Horizon, Price | undefined>>>
  /** What those are counted from, epoch milliseconds, where there are any. */
  readonly sinceMillis: number | undefined
  readonly firstFillMillis: number | undefined
}
