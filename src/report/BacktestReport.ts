import { format, UNIT } from "../domain/Money.ts"
import * as Curve from "./BacktestCurve.ts"
import { decimal } from "./BacktestFigures.ts"
import {
  bandRow,
  calibrationOf,
  type Finished,
  figuresOf,
  markedAt,
  marketRow,
  OUTCOMES,
  positionIn
} from "./BacktestRows.ts"
import { iso } from "./Moment.ts"
import { orderRow, refusedRow } from "./OrderRows.ts"
import { positionRow } from "./PositionRows.ts"

/** What `backtest --json` tells of one run: decimals are text, times ISO 8601 in UTC. */
export const runRow = (finished: Finished) => {
  const { endMillis, error, file, fills, orders, planId, refused, rows, status, tally, variant, warnings } = finished
  const markets = [...tally.markets.values()]
  const positions = markets.flatMap((market) =>
    OUTCOMES.map((index) => positionIn(tally, market, index, "neutral"))
      .filter((position) => position.cashFlow !== 0n || position.qty !== 0n || position.fees !== 0n)
      .map((position) => markedAt(market, position))
  )
  const unresolved = markets.filter(
    ({ market, payouts }) =>
      payouts === undefined &&
      positions.some((each) => each.position.qty > 0n && each.position.conditionId === market.conditionId)
  )
  return {
    file,
    planId,
    variant: Object.fromEntries(variant),
    status,
    error: error ?? null,
    from: iso(tally.startMillis),
    to: iso(endMillis),
    rows,
    figures: figuresOf(finished),
    bands: {
      pessimistic: bandRow(tally, "pessimistic"),
      neutral: bandRow(tally, "neutral"),
      optimistic: bandRow(tally, "optimistic")
    },
    markets: markets.map((market) => marketRow(tally, market, endMillis)),
    orders: [...orders.map((state) => orderRow(state, undefined)), ...refused.map(refusedRow)].sort(
      (a, b) => a.instruction - b.instruction
    ),
    positions: positions.map(positionRow),
    fills: fills.map((fill) => ({
      orderId: fill.orderId,
      marketId: fill.marketId,
      conditionId: fill.conditionId,
      outcome: fill.outcome,
      /** The fill's price as the first outcome's path shows it. */
      pathPrice: format(fill.outcomeIndex === 0 ? fill.price : UNIT - fill.price),
      side: fill.side,
      qty: format(fill.shares),
      price: format(fill.price),
      notional: format(fill.notional),
      fee: format(fill.fee),
      liquidity: fill.liquidity,
      executedAt: iso(fill.atMillis)
    })),
    equity: Curve.points(tally.curve).map((point) => ({
      at: iso(point.atMillis),
      pessimistic: format(point.pessimistic),
      neutral: format(point.neutral),
      optimistic: format(point.optimistic),
      drawdown: decimal(point.drawdown)
    })),
    calibration: calibrationOf(tally, fills),
    warnings: [
      ...warnings,
      ...unresolved.map(
        ({ market }) => `${market.slug}: the data end before it was resolved; what is held is marked to the last book`
      )
    ]
  }
}
export type BacktestRun = ReturnType<typeof runRow>

/** A tape that was replayed. */
export interface TapeRow {
  readonly path: string
  readonly from: string | null
  readonly to: string | null
  readonly rows: number
  readonly markets: number
}

/** All that `backtest --json` prints. */
export interface BacktestReport {
  readonly options: {
    readonly seed: string
    readonly latencyMs: string
    readonly answerLatencyMs: string
    readonly cancelShare: string
  }
  readonly tapes: ReadonlyArray<TapeRow>
  readonly runs: ReadonlyArray<BacktestRun>
}
