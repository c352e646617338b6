import type { Failure } from "./Failure.ts"
import type { ConditionId } from "./Market.ts"
import type { Price, Usd } from "./Money.ts"
import type { Mode, OrderState } from "./Order.ts"
import type { Position } from "./Position.ts"

/** A position and what it is worth at the price one could sell it at; no mark when no book is known. */
export interface MarkedPosition {
  readonly position: Position
  readonly mark: Price | undefined
  readonly unrealizedPnl: Usd | undefined
}

export type RunStatus = "completed" | "failed" | "rejected" | "previewed"

/** An order of a run; one that risk refused has no id. */
export interface ReportedOrder {
  readonly placed: boolean
  readonly state: OrderState
  readonly externalOrderId: string | undefined
}

/** An instruction that risk refused: it became no order. */
export interface Refused {
  readonly instruction: number
  readonly marketId: string
  readonly conditionId: ConditionId | undefined
  readonly outcome: string
  readonly side: "BUY" | "SELL"
  readonly price: Price
  readonly size: bigint
  readonly sizeUnit: "USDC" | "SHARES"
  readonly timeInForce: string
  readonly reasons: ReadonlyArray<string>
}

/** All that is to be told of one run; `report/` turns it into JSON and into a table. */
export interface Run {
  readonly planId: string
  readonly mode: Mode
  readonly status: RunStatus
  readonly dryRun: boolean
  readonly startedMillis: number
  readonly completedMillis: number
  readonly orders: ReadonlyArray<ReportedOrder>
  readonly refused: ReadonlyArray<Refused>
  readonly positions: ReadonlyArray<MarkedPosition>
  readonly warnings: ReadonlyArray<string>
  readonly error: { readonly code: string; readonly message: string } | undefined
  /** What its markets are called, by condition id. */
  readonly slugs?: ReadonlyMap<string, string>
}

/** One plan file of a scheduler's tick. */
export interface PlanTold {
  readonly file: string
  readonly planId: string | undefined
  readonly status: RunStatus | "ran already"
  readonly run: Run | undefined
  readonly error: string | undefined
  /** What kept it from completing, where that is not a refusal by risk. */
  readonly failure: Failure | undefined
}

/** What one tick of the scheduler found and did. */
export interface TickTold {
  readonly slotMillis: number
  readonly startedMillis: number
  readonly completedMillis: number
  /** Resting orders that expired, filled or were cancelled. */
  readonly changed: ReadonlyArray<OrderState>
  /** Markets that paid out. */
  readonly settled: ReadonlyArray<ConditionId>
  readonly plans: ReadonlyArray<PlanTold>
  readonly warnings: ReadonlyArray<string>
  readonly error: string | undefined
  /** Why an account could not be looked after, where it could not. */
  readonly failure: Failure | undefined
}
