import type * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ConditionId } from "../domain/Market.ts"
import type { Mode } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { simulationOf } from "./PlanJson.ts"
import type { FillFilter, OrderFilter, RunFilter } from "./Records.ts"
import { fillOf, flowOf, orderOf, positionOf, runOf } from "./Rows.ts"

type Sql = SqlClient.SqlClient

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** All of the conditions whose value is there. */
const where = (sql: Sql, conditions: ReadonlyArray<Fragment | undefined>): Fragment =>
  sql.and(conditions.filter((condition) => condition !== undefined))

const given = <A>(value: A | undefined, condition: (value: A) => Fragment): Fragment | undefined =>
  value === undefined ? undefined : condition(value)

const among = (sql: Sql, column: string, values: ReadonlyArray<string>): Fragment =>
  sql`${sql(column)} = any(${Columns.texts(values, (value) => value)}::text[])`

const sameText = (sql: Sql, column: string) => (value: string) => sql`${sql(column)} = ${Columns.clean(value)}`

// What is no uuid is the id of nothing; PostgreSQL would call it an error.
const sameIds = (sql: Sql, column: string) => (ids: ReadonlyArray<string>) =>
  sql`${sql(column)} = any(${Columns.words(
    ids.filter((id) => UUID.test(id)),
    (id) => id
  )}::uuid[])`

export const run = Effect.fn("Ledger.run")(function* (sql: Sql, planId: string) {
  const rows = yield* sql<Row>`select * from runs where ${sameText(sql, "plan_id")(planId)}`
  return Option.fromNullable((yield* decode(rows, "runs", runOf))[0])
})

export const runs = Effect.fn("Ledger.runs")(function* (sql: Sql, filter: RunFilter) {
  const chosen = where(sql, [
    given(filter.mode, sameText(sql, "mode")),
    given(filter.statuses, (statuses) => among(sql, "status", statuses))
  ])
  const rows = yield* sql<Row>`select * from runs where ${chosen} order by started_at desc, plan_id`
  return yield* decode(rows, "runs", runOf)
})

export const orders = Effect.fn("Ledger.orders")(function* (sql: Sql, filter: OrderFilter) {
  const chosen = where(sql, [
    given(filter.mode, sameText(sql, "mode")),
    given(filter.planId, sameText(sql, "plan_id")),
    given(filter.conditionId, sameText(sql, "condition_id")),
    given(filter.marketId, sameText(sql, "market_id")),
    given(filter.statuses, (statuses) => among(sql, "status", statuses)),
    given(filter.ids, sameIds(sql, "id")),
    given(filter.externalIds, (ids) => among(sql, "external_order_id", ids)),
    given(filter.dueBefore, (millis) => sql`cancel_after <= ${Columns.iso(millis)}::timestamptz`)
  ])
  const rows = yield* sql<Row>`select * from orders where ${chosen} order by placed_at, plan_id, instruction, attempt`
  return yield* decode(rows, "orders", orderOf)
})

/** Orders of an account that may still fill; in the words of the partial index that finds them. */
export const exposed = Effect.fn("Ledger.exposed")(function* (sql: Sql, mode: Mode) {
  const rows = yield* sql<Row>`select * from orders
    where mode = ${mode} and status in ('pending', 'open', 'unknown', 'delayed', 'cancelling')
    order by placed_at, plan_id, instruction, attempt`
  return yield* decode(rows, "orders", orderOf)
})

/** In the order in which they fold. */
export const fills = Effect.fn("Ledger.fills")(function* (sql: Sql, filter: FillFilter) {
  const chosen = where(sql, [
    given(filter.mode, sameText(sql, "e.mode")),
    given(filter.planId, sameText(sql, "o.plan_id")),
    given(filter.orderId, (id) => sameIds(sql, "e.order_id")([id])),
    given(filter.sinceMillis, (millis) => sql`e.executed_at >= ${Columns.iso(millis)}::timestamptz`),
    filter.unfinal === true ? sql`not e.final and not e.failed` : undefined
  ])
  const rows = yield* sql<Row>`select e.*, o.plan_id, o.market_id, o.outcome
    from executions e join orders o on o.id = e.order_id where ${chosen} order by e.seq`
  return yield* decode(rows, "executions", fillOf)
})

/** Every position that was ever held, or those of one mode. */
export const positions = Effect.fn("Ledger.positions")(function* (sql: Sql, mode: Mode | undefined) {
  const rows = yield* sql<Row>`select * from positions where ${where(sql, [given(mode, sameText(sql, "mode"))])}
    order by mode, market_id, condition_id, outcome_index`
  return yield* decode(rows, "positions", positionOf)
})

/** Those that are held, and those on record of the given markets. */
export const holdings = Effect.fn("Ledger.holdings")(function* (
  sql: Sql,
  mode: Mode,
  conditionIds: ReadonlyArray<ConditionId>
) {
  const rows = yield* sql<Row>`select * from positions
    where mode = ${mode} and (qty <> 0 or ${among(sql, "condition_id", conditionIds)})
    order by market_id, condition_id, outcome_index`
  return yield* decode(rows, "positions", positionOf)
})

export const flows = Effect.fn("Ledger.flows")(function* (sql: Sql, mode: Mode) {
  const rows = yield* sql<Row>`select * from cash_ledger where mode = ${mode} order by seq`
  return yield* decode(rows, "cash_ledger", flowOf)
})

/** How the simulated venue is to treat the orders of each plan, for as long as they rest. */
export const simulations = Effect.fn("Ledger.simulations")(function* (sql: Sql, planIds: ReadonlyArray<string>) {
  if (planIds.length === 0) return new Map<string, Simulation>()
  const rows = yield* sql<Row>`select plan_id, body -> 'simulation' as simulation from plans
    where ${among(sql, "plan_id", planIds)}`
  const raw = yield* decode(rows, "plans", (cells) => ({ id: cells.text("plan_id"), json: cells.json("simulation") }))
  const decoded = yield* Effect.forEach(raw, ({ id, json }) =>
    Effect.map(simulationOf(json), (simulation) => [id, simulation] as const)
  )
  return new Map(decoded)
})
