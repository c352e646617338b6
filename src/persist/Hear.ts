import type * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { instrumentKey } from "../domain/Market.ts"
import { Price, Shares, Usd } from "../domain/Money.ts"
import type { News, Stage, TradeFill } from "../domain/News.ts"
import type { Mode, Order } from "../domain/Order.ts"
import * as Position from "../domain/Position.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import type { Answers, Leave } from "./Database.ts"
import { afterTurn, changedIn, type Entry, entryOf, rowsOf, turn } from "./Entries.ts"
import * as Gate from "./Gate.ts"
import { upsertPositions } from "./OrderRows.ts"
import type { OrderRecord } from "./Records.ts"
import { refoldOne } from "./Refold.ts"
import { orderOf, positionOf } from "./Rows.ts"
import { behind, chainRows, HEAD, headOf, together } from "./Trail.ts"

type Sql = SqlClient.SqlClient

const stageOf = (final: boolean, failed: boolean): Stage => (failed ? "failed" : final ? "final" : "provisional")

const known = Effect.fn("Ledger.hear.known")(function* (rows: ReadonlyArray<Row>) {
  const read = yield* decode(rows, "executions", (cells): readonly [string, TradeFill] => [
    cells.text("order_id"),
    {
      externalId: cells.text("external_execution_id"),
      shares: Shares(cells.micro("qty")),
      price: Price(cells.micro("price")),
      notional: Usd(cells.micro("notional")),
      fee: Usd(cells.micro("fee")),
      liquidity: cells.word("liquidity", ["maker", "taker"], "taker"),
      atMillis: cells.millis("executed_at"),
      stage: stageOf(cells.boolean("final"), cells.boolean("failed"))
    }
  ])
  const fills = new Map<string, Array<TradeFill>>()
  for (const [orderId, fill] of read) fills.set(orderId, [...(fills.get(orderId) ?? []), fill])
  return fills
})

/** What fills and failed trades do to the position of one instrument: some are added, or all is folded again without what failed. */
interface Touch {
  readonly order: Order
  readonly fills: Array<readonly [Order["side"], TradeFill]>
  refold: boolean
}

const touchesOf = (entries: ReadonlyArray<Entry>) => {
  const touches = new Map<string, Touch>()
  let atMillis = 0
  for (const { added, atMillis: at, before, staged } of entries) {
    const { order } = before
    const failed = [...staged.values()].includes("failed")
    const fills = [...added.values()].filter((fill) => fill.stage !== "failed")
    if (fills.length === 0 && !failed) continue
    atMillis = Math.max(atMillis, at)
    const touch = touches.get(instrumentKey(order)) ?? { order, fills: [], refold: false }
    for (const fill of fills) touch.fills.push([order.side, fill])
    touch.refold ||= failed
    touches.set(instrumentKey(order), touch)
  }
  return { touches: [...touches.values()], atMillis }
}

/** A position with fills added to it. */
const added = (held: Position.Position, { fills }: Touch): Position.Position =>
  fills.reduce((position, [side, fill]) => Position.fill(position, side, fill), held)

const idsIn = (told: ReadonlyArray<News>): ReadonlyArray<string> => [...new Set(told.map((news) => news.orderId))]

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * What must be known before news are folded: their orders with their fills and positions, what keeps orders from leaving,
 * and the locked end of the audit chain. To be asked under the account's lock; nobody waits for anybody who has that of the chain.
 */
export const questions = (mode: Mode, told: ReadonlyArray<News>): ReadonlyArray<string> => {
  // Only ids that have the form of one may stand in a statement; any other is the id of nothing.
  const ids = Columns.words(
    idsIn(told).filter((id) => UUID.test(id)),
    (id) => id
  )
  return [
    `select * from orders where mode = '${mode}' and id = any('${ids}'::uuid[])`,
    `select * from executions
      where order_id = any('${ids}'::uuid[]) and external_execution_id is not null order by seq`,
    `select * from positions where mode = '${mode}' and condition_id = any(array(
      select condition_id from orders where mode = '${mode}' and id = any('${ids}'::uuid[])))`,
    ...HEAD,
    ...(told.some((news) => news.word === "sent") ? Gate.questions(mode) : [])
  ]
}

/**
 * Folds a venue's news into the ledger: orders, executions, positions, audit, inside the caller's transaction, which holds
 * the account's lock and has the answers to `questions`. Nothing is refused for being late or told twice. Orders about to
 * leave pass the gate here, in the very commit that says so. What can be is left to the commit, where the caller writes
 * nothing more (`leave`). Returns the orders as they are now.
 */
export const hear = Effect.fn("Ledger.hear")(function* (
  sql: Sql,
  told: ReadonlyArray<News>,
  tenure: Gate.Tenure | undefined,
  answers: Answers,
  leave?: Leave
) {
  const [rows = [], executions = [], holdings = [], ...rest] = answers
  const orders = yield* decode(rows, "orders", orderOf)
  const fills = yield* known(executions)
  const head = yield* headOf(rest.slice(0, HEAD.length))
  const entries = new Map(
    orders.map((order) => {
      const { id } = order.order
      return [id, entryOf(order, fills.get(id) ?? [], order.updatedMillis)] as const
    })
  )
  const leaving = told.some((news) => news.word === "sent")
  const barriers = leaving ? yield* Gate.read(sql, rest.slice(HEAD.length), tenure) : undefined
  const turned = turn(entries, told, (order) => (barriers === undefined ? Gate.OPEN : Gate.verdict(barriers, order)))
  if (turned.missing.length > 0)
    return yield* Effect.dieMessage(`news of orders that are not on record: ${turned.missing.join(", ")}`)

  const written = changedIn(entries)
  const chained = behind(
    head,
    written.flatMap((entry) => entry.events)
  )
  const { atMillis, touches } = touchesOf(written)
  const positions = yield* decode(holdings, "positions", positionOf)
  const held = new Map(positions.map((position) => [instrumentKey(position), position] as const))
  const heldOf = ({ order }: Touch) => held.get(instrumentKey(order)) ?? Position.empty(order)
  const rewritten = touches.some(({ refold }) => refold)
  const moved = touches.flatMap((touch) => (rewritten ? [] : [added(heldOf(touch), touch)]))
  const writes = [
    ...rowsOf(sql, written, turned),
    ...(moved.length === 0 ? [] : [upsertPositions(sql, moved, atMillis)]),
    ...chainRows(sql, chained)
  ]
  // One statement may write a row once.
  const apart = written.every(({ before: { order } }) => !turned.sent.has(order.id) && !turned.unsent.has(order.id))
  const statements = apart && Arr.isNonEmptyReadonlyArray(writes) ? [together(sql, writes)] : writes
  if (leave === undefined || rewritten) yield* Effect.forEach(statements, (each) => sql`${each}`, { discard: true })
  else for (const each of statements) leave(each)
  if (rewritten) {
    // They are folded from what is written by now.
    const folded = yield* Effect.forEach(touches, (touch) => refoldOne(sql, Position.empty(heldOf(touch))))
    yield* upsertPositions(sql, folded, atMillis)
  }
  return new Map(
    orders.map((order): [string, OrderRecord] => {
      const entry = entries.get(order.order.id)
      const { sentMillis, ...state } = entry === undefined ? order : afterTurn(entry, turned)
      const updatedMillis = entry === undefined ? order.updatedMillis : entry.atMillis
      return [order.order.id, { ...order, ...state, sentMillis, updatedMillis }]
    })
  )
})
