import type { Fill } from "../domain/Answer.ts"
import type { Failure } from "../domain/Failure.ts"
import { type ConditionId, isSimulated } from "../domain/Market.ts"
import { format, UNIT } from "../domain/Money.ts"
import type { Mode, Side } from "../domain/Order.ts"
import type { MarkedPosition } from "../domain/Report.ts"
import { iso } from "./Moment.ts"
import { type PositionRow, positionRow } from "./PositionRows.ts"
import { codeOf } from "./RunReport.ts"

/** A fill, and what of its order tells it from others. */
export interface FillRecord extends Fill {
  readonly failed: boolean
  readonly id: string
  readonly orderId: string
  readonly planId: string
  readonly mode: Mode
  readonly marketId: string
  readonly conditionId: ConditionId
  readonly outcome: string
  readonly side: Side
}

/** What a mode's account holds. */
export interface BalanceRecord {
  readonly mode: Mode
  /** What the account began with and what was put in or taken out since. */
  readonly opening: bigint
  readonly cash: bigint
  /** Cash that open orders can still take. */
  readonly reserved: bigint
  readonly positions: ReadonlyArray<MarkedPosition>
}

export interface RunRecord {
  readonly planId: string
  readonly mode: Mode
  readonly status: string
  readonly startedMillis: number
  readonly completedMillis: number | undefined
  readonly planFile: string | undefined
  readonly error: string | undefined
}

/** What `positions --json` prints. */
export const positionsJson = (
  positions: ReadonlyArray<MarkedPosition>
): { readonly positions: ReadonlyArray<PositionRow> } => ({ positions: positions.map(positionRow) })

/** An element of `fills --json`. */
export interface FillRow {
  readonly id: string
  readonly orderId: string
  readonly planId: string
  readonly mode: string
  readonly marketId: string
  readonly conditionId: string
  readonly outcome: string
  readonly side: string
  readonly qty: string
  readonly price: string
  readonly notional: string
  readonly fee: string
  readonly liquidity: string
  /** False while the match may still fail. */
  readonly final: boolean
  /** The venue gave the match up: it is told, and counts for nothing. */
  readonly failed: boolean
  readonly simulated: boolean
  readonly executedAt: string
  readonly externalExecutionId: string | null
}

const fillRow = (fill: FillRecord): FillRow => ({
  id: fill.id,
  orderId: fill.orderId,
  planId: fill.planId,
  mode: fill.mode,
  marketId: fill.marketId,
  conditionId: fill.conditionId,
  outcome: fill.outcome,
  side: fill.side,
  qty: format(fill.shares),
  price: format(fill.price),
  notional: format(fill.notional),
  fee: format(fill.fee),
  liquidity: fill.liquidity,
  final: fill.final,
  failed: fill.failed,
  simulated: isSimulated(fill),
  executedAt: iso(fill.atMillis),
  externalExecutionId: fill.externalId ?? null
})

/** What `fills --json` prints. */
export const fillsJson = (records: ReadonlyArray<FillRecord>): { readonly fills: ReadonlyArray<FillRow> } => ({
  fills: records.map(fillRow)
})

/** An element of `balances --json`. */
export interface BalanceRow {
  readonly mode: string
  readonly opening: string
  readonly cash: string
  readonly reserved: string
  /** Cash less what is reserved: what new orders may spend. */
  readonly available: string
  /** Positions at what they could be sold for; those without a price are left out and counted. */
  readonly positionsValue: string
  /** How much of `positionsValue` is in simulated markets. */
  readonly simulatedValue: string
  readonly unpricedPositions: number
  /** Cash and positions together. */
  readonly equity: string
  /** Equity less `opening`: what trading has made or lost. */
  readonly totalPnl: string
}

const valueOf = (positions: ReadonlyArray<MarkedPosition>): bigint =>
  positions.reduce((sum, { mark, position }) => sum + (mark === undefined ? 0n : (position.qty * mark) / UNIT), 0n)

const balanceRow = ({ cash, mode, opening, positions, reserved }: BalanceRecord): BalanceRow => {
  const value = valueOf(positions)
  return {
    mode,
    opening: format(opening),
    cash: format(cash),
    reserved: format(reserved),
    available: format(cash - reserved),
    positionsValue: format(value),
    simulatedValue: format(valueOf(positions.filter(({ position }) => isSimulated(position)))),
    unpricedPositions: positions.filter((each) => each.unrealizedPnl === undefined).length,
    equity: format(cash + value),
    totalPnl: format(cash + value - opening)
  }
}

/** What `balances --json` prints. */
export const balancesJson = (
  records: ReadonlyArray<BalanceRecord>
): { readonly balances: ReadonlyArray<BalanceRow> } => ({ balances: records.map(balanceRow) })

/** An element of `runs --json`. */
export interface RunRow {
  readonly planId: string
  readonly mode: string
  readonly status: string
  readonly startedAt: string
  readonly completedAt: string | null
  readonly planFile: string | null
  readonly error: string | null
}

/** What `runs --json` prints. */
export const runsJson = (records: ReadonlyArray<RunRecord>): { readonly runs: ReadonlyArray<RunRow> } => ({
  runs: records.map((run) => ({
    planId: run.planId,
    mode: run.mode,
    status: run.status,
    startedAt: iso(run.startedMillis),
    completedAt: run.completedMillis === undefined ? null : iso(run.completedMillis),
    planFile: run.planFile ?? null,
    error: run.error ?? null
  }))
})

/** What `--json` prints when a command fails before there is anything else to print. */
export interface ErrorJson {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly issues: ReadonlyArray<{
      readonly path: string
      readonly line: number | null
      readonly column: number | null
      readonly message: string
    }>
  }
}

export const errorJson = (failure: Failure): ErrorJson => ({
  error: {
    code: codeOf(failure),
    message: failure.message,
    issues: (failure._tag === "InvalidInput" ? failure.issues : []).map((issue) => ({
      path: issue.path,
      line: issue.line ?? null,
      column: issue.column ?? null,
      message: issue.message
    }))
  }
})
