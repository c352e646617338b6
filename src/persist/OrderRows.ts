import type * as SqlClient from "@effect/sql/SqlClient"
import type { Fill } from "../domain/Answer.ts"
import { uuidOf } from "../domain/Identity.ts"
import type { Order, OrderState } from "../domain/Order.ts"
import { averagePrice, type Position } from "../domain/Position.ts"
import { canonical } from "./Audit.ts"
import * as Columns from "./Columns.ts"

type Sql = SqlClient.SqlClient
const { booleans, jsons, micros, texts, times, words } = Columns

/** An order before one commit of answers and after it. */
export interface Change {
  readonly before: OrderState
  readonly after: OrderState
  readonly externalOrderId: string | undefined
  readonly atMillis: number
}

/** A fill of an order, and how many shares had filled before it. */
export interface Execution {
  readonly order: Order
  readonly filledBefore: bigint
  readonly fill: Fill
  /** A match that was given up before it was first heard of. */
  readonly failed?: boolean
  readonly atMillis: number
}

/** Orders as they are journalled: pending. Those that are there already are left alone and not counted. */
export const insertOrders = (sql: Sql, orders: ReadonlyArray<Order>) =>
  sql`insert into orders (id, plan_id, instruction, attempt, mode, market_id, condition_id, token_id, outcome_index,
      outcome, side, price, size, size_unit, qty, budget, fees_inclusive, time_in_force, post_only, worst_fee, notes,
      cancel_after, placed_at, created_at, updated_at, status)
    select u.*, u.placed_at, u.placed_at, 'pending' from unnest(
      ${words(orders, (o) => o.id)}::uuid[],
      ${texts(orders, (o) => o.planId)}::text[],
      ${words(orders, (o) => o.instruction)}::int[],
      ${words(orders, (o) => o.attempt)}::int[],
      ${words(orders, (o) => o.mode)}::text[],
      ${texts(orders, (o) => o.marketId)}::text[],
      ${texts(orders, (o) => o.conditionId)}::text[],
      ${texts(orders, (o) => o.tokenId)}::text[],
      ${words(orders, (o) => o.outcomeIndex)}::smallint[],
      ${texts(orders, (o) => o.outcome)}::text[],
      ${words(orders, (o) => o.side)}::text[],
      ${micros(orders, (o) => o.price)}::numeric[],
      ${micros(orders, (o) => o.size)}::numeric[],
      ${words(orders, (o) => o.sizeUnit)}::text[],
      ${micros(orders, (o) => (o.quantity._tag === "Shares" ? o.quantity.shares : undefined))}::numeric[],
      ${micros(orders, (o) => (o.quantity._tag === "Budget" ? o.quantity.usd : undefined))}::numeric[],
      ${booleans(orders, (o) => o.feesInclusive)}::boolean[],
      ${words(orders, (o) => o.timeInForce)}::text[],
      ${booleans(orders, (o) => o.postOnly)}::boolean[],
      ${micros(orders, (o) => o.worstFee)}::numeric[],
      ${texts(orders, (o) => o.notes)}::text[],
      ${times(orders, (o) => o.cancelAfterMillis)}::timestamptz[],
      ${times(orders, (o) => o.placedMillis)}::timestamptz[]
    ) as u (id, plan_id, instruction, attempt, mode, market_id, condition_id, token_id, outcome_index, outcome, side,
      price, size, size_unit, qty, budget, fees_inclusive, time_in_force, post_only, worst_fee, notes, cancel_after,
      placed_at)
    on conflict do nothing
    returning 1`

/** Keeps what was signed beside each order that goes to a real venue; returns a row for each. */
export const sealOrders = (sql: Sql, orders: ReadonlyArray<Order>) => {
  const sealed = orders.flatMap(({ id, sealed }) => (sealed === undefined ? [] : [{ id, ...sealed }]))
  return sql`update orders o set external_order_id = u.external_id, signed_order = u.signed, signed_at = u.at,
      fee_schedule = u.fees::jsonb
    from unnest(
      ${words(sealed, (o) => o.id)}::uuid[],
      ${texts(sealed, (o) => o.externalOrderId)}::text[],
      ${texts(sealed, (o) => o.signed)}::text[],
      ${times(sealed, (o) => o.signedMillis)}::timestamptz[],
      ${texts(sealed, (o) => (o.fees === undefined ? undefined : canonical(o.fees)))}::text[]
    ) as u (id, external_id, signed, at, fees)
    where o.id = u.id and o.external_order_id is null
    returning 1`
}

/** Notes that orders are about to leave, or, where nothing left after all, that they have not. */
export const markSent = (sql: Sql, ids: ReadonlyArray<string>, atMillis: number | undefined) =>
  sql`update orders set sent_at = ${atMillis === undefined ? null : Columns.iso(atMillis)}::timestamptz
    where id = any(${words(ids, (id) => id)}::uuid[]) and status in ('pending', 'unknown') returning 1`

/** Moves orders on, each only from the status and filled quantity it is known with; returns a row for each that moved. */
export const updateOrders = (sql: Sql, changes: ReadonlyArray<Change>) => {
  const ids = words(changes, (c) => c.after.order.id)
  return sql`update orders o set
      status = u.status, filled_qty = u.filled, notional = u.notional, fees = u.fees,
      band_pessimistic = u.pessimistic, band_optimistic = u.optimistic, queue_ahead = u.ahead, reasons = u.reasons::jsonb,
      external_order_id = coalesce(u.external_id, o.external_order_id), updated_at = u.at
    from rows from (unnest(
      ${ids}::uuid[],
      ${words(changes, (c) => c.before.status)}::text[],
      ${micros(changes, (c) => c.before.filled)}::numeric[],
      ${words(changes, (c) => c.after.status)}::text[],
      ${micros(changes, (c) => c.after.filled)}::numeric[],
      ${micros(changes, (c) => c.after.notional)}::numeric[],
      ${micros(changes, (c) => c.after.fees)}::numeric[],
      ${micros(changes, (c) => c.after.bands.pessimistic)}::numeric[],
      ${micros(changes, (c) => c.after.bands.optimistic)}::numeric[],
      ${micros(changes, (c) => c.after.bands.queueAhead)}::numeric[],
      ${texts(changes, (c) => c.externalOrderId)}::text[],
      ${times(changes, (c) => c.atMillis)}::timestamptz[]),
      string_to_table(${jsons(changes, (c) => canonical(c.after.reasons))}, e'\\x01', '')
    ) as u (id, was, was_filled, status, filled, notional, fees, pessimistic, optimistic, ahead, external_id, at, reasons)
    where o.id = any(${ids}::uuid[]) and o.id = u.id and o.status = u.was and o.filled_qty = u.was_filled
    returning 1`
}

// A venue names its fills. Otherwise the shares filled before do: they grow with each one, and the commit is refused
// unless they are right.
const idOf = ({ fill, filledBefore, order }: Execution): string =>
  fill.externalId === undefined
    ? uuidOf("execution", order.id, `${filledBefore}`)
    : uuidOf("trade", order.id, fill.externalId)

/** Executions, numbered by the database in the order given: the order in which positions fold. */
export const insertExecutions = (sql: Sql, executions: ReadonlyArray<Execution>) =>
  sql`insert into executions (id, order_id, mode, condition_id, outcome_index, side, qty, price, notional, fee,
      liquidity, final, failed, external_execution_id, executed_at, created_at)
    select * from unnest(
      ${words(executions, idOf)}::uuid[],
      ${words(executions, (e) => e.order.id)}::uuid[],
      ${words(executions, (e) => e.order.mode)}::text[],
      ${texts(executions, (e) => e.order.conditionId)}::text[],
      ${words(executions, (e) => e.order.outcomeIndex)}::smallint[],
      ${words(executions, (e) => e.order.side)}::text[],
      ${micros(executions, (e) => e.fill.shares)}::numeric[],
      ${micros(executions, (e) => e.fill.price)}::numeric[],
      ${micros(executions, (e) => e.fill.notional)}::numeric[],
      ${micros(executions, (e) => e.fill.fee)}::numeric[],
      ${words(executions, (e) => e.fill.liquidity)}::text[],
      ${booleans(executions, (e) => e.fill.final)}::boolean[],
      ${booleans(executions, (e) => e.failed === true)}::boolean[],
      ${texts(executions, (e) => e.fill.externalId)}::text[],
      ${times(executions, (e) => e.fill.atMillis)}::timestamptz[],
      ${times(executions, (e) => e.atMillis)}::timestamptz[])`

/** Trades that will not fail any more, and trades that have. */
export const stageExecutions = (
  sql: Sql,
  fills: ReadonlyArray<{ readonly orderId: string; readonly externalId: string; readonly failed: boolean }>
) =>
  sql`update executions e set final = true, failed = u.failed
    from unnest(
      ${words(fills, (f) => f.orderId)}::uuid[],
      ${texts(fills, (f) => f.externalId)}::text[],
      ${booleans(fills, (f) => f.failed)}::boolean[]) as u (order_id, external_id, failed)
    where e.order_id = u.order_id and e.external_execution_id = u.external_id
    returning 1`

/** Positions as they are now; needs the account's lock, since they were read before. */
export const upsertPositions = (sql: Sql, positions: ReadonlyArray<Position>, atMillis: number) =>
  sql`insert into positions (id, market_id, condition_id, outcome_index, outcome, mode, qty, avg_price, cost_basis,
      realized_pnl, cash_flow, fees, updated_at, created_at)
    select u.*, ${Columns.iso(atMillis)}::timestamptz, ${Columns.iso(atMillis)}::timestamptz from unnest(
      ${words(positions, (p) => uuidOf("position", p.conditionId, `${p.outcomeIndex}`, p.mode))}::uuid[],
      ${texts(positions, (p) => p.marketId)}::text[],
      ${texts(positions, (p) => p.conditionId)}::text[],
      ${words(positions, (p) => p.outcomeIndex)}::smallint[],
      ${texts(positions, (p) => p.outcome)}::text[],
      ${words(positions, (p) => p.mode)}::text[],
      ${micros(positions, (p) => p.qty)}::numeric[],
      ${micros(positions, averagePrice)}::numeric[],
      ${micros(positions, (p) => p.costBasis)}::numeric[],
      ${micros(positions, (p) => p.realizedPnl)}::numeric[],
      ${micros(positions, (p) => p.cashFlow)}::numeric[],
      ${micros(positions, (p) => p.fees)}::numeric[]) as u
    on conflict (condition_id, outcome_index, mode) do update set
      qty = excluded.qty, avg_price = excluded.avg_price, cost_basis = excluded.cost_basis,
      realized_pnl = excluded.realized_pnl, cash_flow = excluded.cash_flow, fees = excluded.fees,
      updated_at = excluded.updated_at`
