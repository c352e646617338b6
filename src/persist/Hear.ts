import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { instrumentKey } from "../domain/Market.ts"
import { Price, Shares, Usd } from "../domain/Money.ts"
import { hear as fold, type Heard, type News, type Stage, type TradeFill } from "../domain/News.ts"
import { isTerminal, type Mode, type Order, type OrderState } from "../domain/Order.ts"
import * as Position from "../domain/Position.ts"
import { ACTOR, canonical, type Event } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import * as Gate from "./Gate.ts"
import { type Change, insertExecutions, markSent, stageExecutions, updateOrders, upsertPositions } from "./OrderRows.ts"
import type { OrderRecord } from "./Records.ts"
import { refoldOne } from "./Refold.ts"
import { orderOf, positionOf } from "./Rows.ts"
import { record } from "./Trail.ts"

type Sql = SqlClient.SqlClient

const stageOf = (final: boolean, failed: boolean): Stage => (failed ? "failed" : final ? "final" : "provisional")

const known = Effect.fn("Ledger.hear.known")(function* (sql: Sql, orderIds: ReadonlyArray<string>) {
  const rows = yield* sql<Row>`select * from executions
    where order_id = any(${Columns.words(orderIds, (id) => id)}::uuid[]) and external_execution_id is not null order by seq`
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

const fillOf = ({ fee, liquidity, notional, price, shares, stage, externalId }: TradeFill) => ({
  externalId,
  fee,
  liquidity,
  notional,
  price,
  shares,
  stage
})

/** Whether anything is to be written of it. */
const isNew = (before: OrderState, { added, after, failed, odd, settled }: Heard): boolean =>
  before.status !== after.status ||
  before.reasons !== after.reasons ||
  added.length + settled.length + failed.length + odd.length > 0

const typeOf = (before: OrderState, { added, after, failed, settled }: Heard): string => {
  if (failed.length > 0) return "order_fill_failed"
  if (before.status !== after.status && !(after.status === "open" && added.length > 0)) {
    return after.status === "open" ? "order_opened" : `order_${after.status}`
  }
  if (added.length > 0) return isTerminal(before.status) ? "order_filled_late" : "order_partially_filled"
  return settled.length > 0 ? "order_fills_final" : "order_updated"
}

const eventOf = (before: OrderState, heard: Heard, news: News): Event => ({
  type: typeOf(before, heard),
  entityType: "order",
  entityId: before.order.id,
  data: canonical({
    externalOrderId: before.order.sealed?.externalOrderId,
    failed: heard.failed.length === 0 ? undefined : heard.failed,
    fees: heard.after.fees,
    filled: heard.after.filled,
    fills: heard.added.map(fillOf),
    final: heard.settled.length === 0 ? undefined : heard.settled,
    from: before.status,
    notional: heard.after.notional,
    odd: heard.odd.length === 0 ? undefined : heard.odd,
    reason: news.reason,
    to: heard.after.status
  }),
  actor: ACTOR,
  atMillis: news.atMillis
})

const readPosition = Effect.fn("Ledger.hear.position")(function* (sql: Sql, order: Order) {
  const rows = yield* sql<Row>`select * from positions where condition_id = ${order.conditionId}
    and outcome_index = ${order.outcomeIndex} and mode = ${order.mode}`
  const [found] = yield* decode(rows, "positions", positionOf)
  return found ?? Position.empty(order)
})

/** The news of one order, folded one after the other. */
interface Entry {
  readonly before: OrderRecord
  after: OrderState
  fills: ReadonlyArray<TradeFill>
  readonly added: Map<string, TradeFill>
  readonly staged: Map<string, Stage>
  readonly events: Array<Event>
  atMillis: number
  written: boolean
}

const entryOf = (before: OrderRecord, fills: ReadonlyArray<TradeFill>): Entry => ({
  before,
  after: before,
  fills,
  added: new Map(),
  staged: new Map(),
  events: [],
  atMillis: before.updatedMillis,
  written: false
})

const enter = (entry: Entry, news: News): void => {
  const heard = fold(entry.after, entry.fills, news)
  if (isNew(entry.after, heard)) {
    entry.written = true
    entry.atMillis = Math.max(entry.atMillis, news.atMillis)
    entry.events.push(eventOf(entry.after, heard, news))
    for (const fill of heard.added) entry.added.set(fill.externalId, fill)
    for (const id of heard.settled) entry.staged.set(id, "final")
    for (const id of heard.failed) entry.staged.set(id, "failed")
  }
  entry.after = heard.after
  entry.fills = heard.fills
}

/** Whether an order may leave now: for the first time, or once more where nobody knows it. One that is on its way is in hand. */
const mayLeave = ({ after, before }: Entry): boolean =>
  after.status === "unknown" || (after.status === "pending" && before.sentMillis === undefined)

/** Positions after fills came and trades failed: where one failed, all of its instrument is folded again without it. */
const foldPositions = Effect.fn("Ledger.hear.positions")(function* (sql: Sql, entries: ReadonlyArray<Entry>) {
  const touched = new Map<string, { readonly order: Order; refold: boolean; readonly fills: Array<TradeFill> }>()
  let atMillis = 0
  for (const { added, atMillis: at, before, staged } of entries) {
    const failed = [...staged.values()].includes("failed")
    const fills = [...added.values()].filter((fill) => fill.stage !== "failed")
    if (fills.length === 0 && !failed) continue
    atMillis = Math.max(atMillis, at)
    const key = `${instrumentKey(before.order)} ${before.order.side}`
    const found = touched.get(key) ?? { order: before.order, refold: false, fills: [] }
    found.fills.push(...fills)
    found.refold ||= failed
    touched.set(key, found)
  }
  const positions = new Map<string, Position.Position>()
  for (const { fills, order, refold } of touched.values()) {
    const key = instrumentKey(order)
    const held = positions.get(key) ?? (yield* readPosition(sql, order))
    positions.set(
      key,
      refold
        ? yield* refoldOne(sql, Position.empty(held))
        : fills.reduce((position, fill) => Position.fill(position, order.side, fill), held)
    )
  }
  if (positions.size > 0) yield* upsertPositions(sql, [...positions.values()], atMillis)
})

/**
 * Folds a venue's news into the ledger: orders, executions, positions, audit, inside the caller's transaction, which holds
 * the account's lock. Nothing is refused for being late or told twice. Orders about to leave pass the gate here, in the
 * very commit that says so. Returns the orders as they are now.
 */
export const hear = Effect.fn("Ledger.hear")(function* (
  sql: Sql,
  mode: Mode,
  told: ReadonlyArray<News>,
  tenure: Gate.Tenure | undefined
) {
  const ids = [...new Set(told.map((news) => news.orderId))]
  const rows = yield* sql<Row>`select * from orders
    where mode = ${mode} and id = any(${Columns.words(ids, (id) => id)}::uuid[])`
  const orders = yield* decode(rows, "orders", orderOf)
  const fills = yield* known(sql, ids)
  const entries = new Map(
    orders.map((order) => [order.order.id, entryOf(order, fills.get(order.order.id) ?? [])] as const)
  )
  const leaving = told.filter((news) => news.word === "sent")
  const admitted = leaving.length === 0 ? undefined : yield* Gate.read(sql, mode, tenure)
  const [sent, unsent, missing]: [Array<string>, Array<string>, Array<string>] = [[], [], []]
  let sentMillis = 0
  for (const news of told) {
    const entry = entries.get(news.orderId)
    if (entry === undefined) {
      missing.push(news.orderId)
      continue
    }
    if (news.word === "unsent") {
      unsent.push(news.orderId)
      continue
    }
    if (news.word !== "sent") {
      enter(entry, news)
      continue
    }
    const verdict = admitted === undefined ? Gate.OPEN : Gate.verdict(admitted, entry.before.order)
    if (verdict._tag === "Blocked") enter(entry, { ...news, word: "blocked", reason: verdict.reason })
    else if (verdict._tag === "Open" && mayLeave(entry)) {
      sent.push(news.orderId)
      sentMillis = news.atMillis
    }
  }
  if (missing.length > 0)
    return yield* Effect.dieMessage(`news of orders that are not on record: ${missing.join(", ")}`)

  const written = [...entries.values()].filter((entry) => entry.written)
  const changes = written.map(
    ({ after, atMillis, before }): Change => ({ before, after, externalOrderId: undefined, atMillis })
  )
  if (changes.length > 0) yield* updateOrders(sql, changes)
  yield* markSent(sql, sent, sentMillis)
  yield* markSent(sql, unsent, undefined)
  const added = written.flatMap(({ added, atMillis, before }) =>
    [...added.values()].map((fill) => ({
      order: before.order,
      filledBefore: 0n,
      fill: { ...fill, final: fill.stage !== "provisional" },
      failed: fill.stage === "failed",
      atMillis
    }))
  )
  if (added.length > 0) yield* insertExecutions(sql, added)
  const staged = written.flatMap(({ before, staged }) =>
    [...staged].map(([externalId, stage]) => ({
      orderId: before.order.id,
      externalId,
      failed: stage === "failed"
    }))
  )
  if (staged.length > 0) yield* stageExecutions(sql, staged)
  yield* foldPositions(sql, written)
  yield* record(
    sql,
    written.flatMap((entry) => entry.events)
  )
  const [left, back] = [new Set(sent), new Set(unsent)]
  return new Map(
    [...entries].map(([id, { after, before }]): [string, OrderRecord] => [
      id,
      {
        ...before,
        ...after,
        sentMillis: left.has(id) ? sentMillis : back.has(id) ? undefined : before.sentMillis
      }
    ])
  )
})
