import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Failure } from "../domain/Failure.ts"
import { type ConditionId, isSimulated } from "../domain/Market.ts"
import { format, Price, parse } from "../domain/Money.ts"
import type { OrderStatus } from "../domain/Order.ts"
import type { MarkedPosition, Refused, ReportedOrder, Run } from "../domain/Report.ts"
import { iso } from "./Moment.ts"
import { OrderRow, orderRow, refusedRow } from "./OrderRows.ts"
import { PositionRow, positionRow } from "./PositionRows.ts"

const FIGURES = {
  notional: Schema.String,
  fees: Schema.String,
  realizedPnl: Schema.String,
  /** Of the positions whose price is known. */
  unrealizedPnl: Schema.String,
  totalPnl: Schema.String
}

const Totals = Schema.Struct({
  ordersPlaced: Schema.Number,
  ordersFilled: Schema.Number,
  /** Orders that may still fill at the venue. */
  ordersOpen: Schema.Number,
  /** Refused by risk, refused by the venue, or blocked before they were sent. */
  ordersRejected: Schema.Number,
  ...FIGURES
})

const MarketRow = Schema.Struct({
  marketId: Schema.String,
  conditionId: Schema.String,
  simulated: Schema.Boolean,
  ...FIGURES
})
interface MarketRow extends Schema.Schema.Type<typeof MarketRow> {}

/**
 * What `trade --json` prints and `runs` keeps. Orders come in plan order, refused instructions among them. `notional` and
 * `fees` are of the fills of this run's orders; P&L is of all that is held in the run's markets, from whichever plan:
 * `totalPnl` = realized + unrealized - every fee those positions have paid.
 */
export const RunReport = Schema.Struct({
  planId: Schema.String,
  mode: Schema.String,
  status: Schema.String,
  dryRun: Schema.Boolean,
  startedAt: Schema.String,
  completedAt: Schema.String,
  orders: Schema.Array(OrderRow),
  totals: Totals,
  positions: Schema.Array(PositionRow),
  markets: Schema.Array(MarketRow),
  warnings: Schema.Array(Schema.String),
  error: Schema.optionalWith(Schema.Struct({ code: Schema.String, message: Schema.String }), { exact: true })
})
export interface RunReport extends Schema.Schema.Type<typeof RunReport> {}

const decode = Schema.decodeUnknownOption(RunReport)

/** A report as it was kept; none where there is no report or one of another shape. */
export const fromJson = (summary: unknown): Option.Option<RunReport> => decode(summary)

const exactly = (text: string): bigint => Option.getOrElse(parse(text), () => 0n)

/** The instructions that risk refused, by a report that was kept: they became no order and so have no id. */
export const refusedOf = (summary: unknown): ReadonlyArray<Refused> =>
  Option.match(fromJson(summary), {
    onNone: () => [],
    onSome: (report) =>
      report.orders
        .filter((row) => row.id === null)
        .map((row) => ({
          instruction: row.instruction,
          marketId: row.marketId,
          conditionId: row.conditionId ?? undefined,
          outcome: row.outcome,
          side: row.side === "SELL" ? "SELL" : "BUY",
          price: Price(exactly(row.price)),
          size: exactly(row.size),
          sizeUnit: row.sizeUnit === "SHARES" ? "SHARES" : "USDC",
          timeInForce: row.timeInForce,
          reasons: row.reasons
        }))
  })

const OPEN: ReadonlyArray<OrderStatus> = ["open", "delayed", "unknown", "cancelling"]
const REFUSED: ReadonlyArray<OrderStatus> = ["rejected", "blocked"]

const sum = <A>(all: ReadonlyArray<A>, of: (each: A) => bigint): bigint =>
  all.reduce((total, each) => total + of(each), 0n)

const figures = (orders: ReadonlyArray<ReportedOrder>, positions: ReadonlyArray<MarkedPosition>) => {
  const realized = sum(positions, (each) => each.position.realizedPnl)
  const unrealized = sum(positions, (each) => each.unrealizedPnl ?? 0n)
  return {
    notional: format(sum(orders, (each) => each.state.notional)),
    fees: format(sum(orders, (each) => each.state.fees)),
    realizedPnl: format(realized),
    unrealizedPnl: format(unrealized),
    totalPnl: format(realized + unrealized - sum(positions, (each) => each.position.fees))
  }
}

/** Whatever belongs to one market, by its condition id, in order of first mention. */
const byMarket = (run: Run): ReadonlyArray<MarketRow> => {
  const markets = new Map<
    ConditionId,
    { readonly marketId: string; readonly orders: Array<ReportedOrder>; readonly positions: Array<MarkedPosition> }
  >()
  const at = (of: { readonly conditionId: ConditionId; readonly marketId: string }) => {
    const found = markets.get(of.conditionId) ?? { marketId: of.marketId, orders: [], positions: [] }
    markets.set(of.conditionId, found)
    return found
  }
  for (const each of run.orders) at(each.state.order).orders.push(each)
  for (const each of run.positions) at(each.position).positions.push(each)
  return [...markets].map(([conditionId, { marketId, orders, positions }]) => ({
    marketId,
    conditionId,
    simulated: isSimulated({ conditionId }),
    ...figures(orders, positions)
  }))
}

const unpriced = (positions: ReadonlyArray<MarkedPosition>): ReadonlyArray<string> => {
  const missing = positions.filter((each) => each.unrealizedPnl === undefined)
  return missing.length === 0
    ? []
    : [
        `no book, so no price, for ${missing
          .map(({ position }) => `${position.outcome} in ${position.marketId}`)
          .join(", ")}: left out of unrealized P&L`
      ]
}

const count = (orders: ReadonlyArray<ReportedOrder>, statuses: ReadonlyArray<OrderStatus>): number =>
  orders.filter((each) => statuses.includes(each.state.status)).length

/** A run as JSON: decimals are text, times ISO 8601 in UTC. */
export const toJson = (run: Run): RunReport => ({
  planId: run.planId,
  mode: run.mode,
  status: run.status,
  dryRun: run.dryRun,
  startedAt: iso(run.startedMillis),
  completedAt: iso(run.completedMillis),
  orders: [
    ...run.orders.map((each) => orderRow(each.state, each.externalOrderId)),
    ...run.refused.map(refusedRow)
  ].sort((a, b) => a.instruction - b.instruction),
  totals: {
    ordersPlaced: run.orders.filter((each) => each.placed).length,
    ordersFilled: count(run.orders, ["filled"]),
    ordersOpen: count(run.orders, OPEN),
    ordersRejected: run.refused.length + count(run.orders, REFUSED),
    ...figures(run.orders, run.positions)
  },
  positions: run.positions.map(positionRow),
  markets: byMarket(run),
  warnings: [...run.warnings, ...unpriced(run.positions)],
  ...(run.error === undefined ? {} : { error: run.error })
})

const CODES: Readonly<Record<Exclude<Failure["_tag"], "InvalidInput">, string>> = {
  PlanExists: "plan_exists",
  MarketDataUnavailable: "market_data_unavailable",
  VenueUnavailable: "venue_unavailable",
  DatabaseUnavailable: "database_unavailable",
  Halted: "halted"
}

/** The code under which reports and errors name a failure; an unusable input has its own. */
export const codeOf = (failure: Failure): string =>
  failure._tag === "InvalidInput" ? failure.code : CODES[failure._tag]
