import type * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { instrumentKey } from "../domain/Market.ts"
import { Price, Shares, Usd } from "../domain/Money.ts"
import type { News, Stage, TradeFill } from "../domain/News.ts"
import type { Mode, Order } from "../domain/Order.ts"
import * as Position from "../domain/Position.ts"
import type { Head } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { type Answers, ask, type Leave, transactIf } from "./Database.ts"
import { afterTurn, changedIn, type Entry, entryOf, rowsOf, turn } from "./Entries.ts"
import * as Gate from "./Gate.ts"
import { upsertPositions } from "./OrderRows.ts"
import type { OrderRecord } from "./Records.ts"
import { refoldOne } from "./Refold.ts"
import { orderOf, positionOf } from "./Rows.ts"
import { AUDIT, behind, chainRows, END, HEAD, headOf, together } from "./Trail.ts"

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

/** What must be known before news are folded. */
export interface Known {
  readonly orders: ReadonlyArray<OrderRecord>
  readonly fills: ReadonlyMap<string, ReadonlyArray<TradeFill>>
  readonly held: ReadonlyMap<string, Position.Position>
  readonly head: Head
  /** What keeps orders from leaving, where that was asked. */
  readonly barriers: Omit<Gate.Barriers, "leaseLost"> | undefined
}

// Only ids that have the form of one may stand in a statement; any other is the id of nothing.
const listed = (ids: ReadonlyArray<string>): string =>
  Columns.words(
    ids.filter((id) => UUID.test(id)),
    (id) => id
  )

const ordersOf = (mode: Mode, ids: ReadonlyArray<string>) =>
  `from orders where mode = '${mode}' and id = any('${listed(ids)}'::uuid[])`
const executionsOf = (ids: ReadonlyArray<string>) =>
  `from executions where order_id = any('${listed(ids)}'::uuid[]) and external_execution_id is not null`
const positionsOf = (mode: Mode, ids: ReadonlyArray<string>) =>
  `from positions where mode = '${mode}' and condition_id = any(array(select condition_id ${ordersOf(mode, ids)}))`

const asked = (mode: Mode, ids: ReadonlyArray<string>, head: ReadonlyArray<string>, leaving: boolean) => [
  `select * ${ordersOf(mode, ids)}`,
  `select * ${executionsOf(ids)} order by seq`,
  `select * ${positionsOf(mode, ids)}`,
  ...head,
  ...(leaving ? Gate.questions(mode) : [])
]

const leaves = (told: ReadonlyArray<News>): boolean => told.some((news) => news.word === "sent")

/**
 * What must be known before news are folded: their orders with their fills and positions, what keeps orders from leaving,
 * and the locked end of the audit chain. To be asked under the account's lock; nobody waits for anybody who has that of the chain.
 */
export const questions = (mode: Mode, told: ReadonlyArray<News>): ReadonlyArray<string> =>
  asked(mode, idsIn(told), HEAD, leaves(told))

/** What the answers to those questions say. */
const knownFrom = Effect.fn("Ledger.hear.knownFrom")(function* (answers: Answers) {
  const [rows = [], executions = [], holdings = [], ...rest] = answers
  const positions = yield* decode(holdings, "positions", positionOf)
  const gate = rest.slice(HEAD.length)
  return {
    orders: yield* decode(rows, "orders", orderOf),
    fills: yield* known(executions),
    held: new Map(positions.map((position) => [instrumentKey(position), position] as const)),
    head: yield* headOf(rest.slice(0, HEAD.length)),
    barriers: gate.length === 0 ? undefined : yield* Gate.told(gate)
  } satisfies Known
})

/** What was known of some orders at a time, and a mark by which it can be told whether all of it still stands. */
export interface Foresight {
  readonly ids: ReadonlySet<string>
  readonly known: Known
  /** True, as an expression of the database, as long as no row of it has changed, gone or come. */
  readonly stands: string
}

/** Each version of a row has the number of the transaction that wrote it. */
const versions = (rows: string, order: string) => `(select string_agg(xmin::text, ',' order by ${order}) ${rows})`

const mark = (mode: Mode, ids: ReadonlyArray<string>): string =>
  `concat_ws('/', 'as known', coalesce(${[
    versions(ordersOf(mode, ids), "id"),
    versions(executionsOf(ids), "seq"),
    versions(positionsOf(mode, ids), "condition_id, outcome_index"),
    versions("from audit_head", "seq"),
    ...Gate.standing(mode).map((rows) => versions(rows, "id"))
  ].join(", ''), coalesce(")}, ''))`

/**
 * Reads, before there is any news of some orders, what will have to be known: without any lock, while the venue is being
 * waited for. The mark is read first, so that what changes in between makes it worthless rather than wrong.
 */
export const foresee = Effect.fn("Ledger.foresee")(function* (sql: Sql, mode: Mode, ids: ReadonlyArray<string>) {
  const marking = mark(mode, ids)
  const [marks = [], ...answers] = yield* ask(sql, [
    `select ${marking} as mark`,
    ...asked(mode, ids, ["select 1", END], true)
  ])
  const [marked = ""] = yield* decode(marks, "marks", (cells) => cells.text("mark"))
  return {
    ids: new Set(ids),
    known: yield* knownFrom(answers),
    stands: `${marking} = '${marked}'`
  } satisfies Foresight
})

/** News folded into what is known: what is to be written of it, and the orders as they are then. */
const folded = (sql: Sql, told: ReadonlyArray<News>, known: Known, leaseLost: boolean) => {
  const { barriers, fills, head, held, orders } = known
  const entries = new Map(
    orders.map((order) => {
      const { id } = order.order
      return [id, entryOf(order, fills.get(id) ?? [], order.updatedMillis)] as const
    })
  )
  const turned = turn(entries, told, (order) =>
    barriers === undefined ? Gate.OPEN : Gate.verdict({ ...barriers, leaseLost }, order)
  )
  const written = changedIn(entries)
  const chained = behind(
    head,
    written.flatMap((entry) => entry.events)
  )
  const { atMillis, touches } = touchesOf(written)
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
  return {
    missing: turned.missing,
    statements: apart && Arr.isNonEmptyReadonlyArray(writes) ? [together(sql, writes)] : writes,
    /** Positions that have to be folded again, from what is written by then. */
    refolded: rewritten ? touches.map((touch) => heldOf(touch)) : [],
    atMillis,
    after: new Map(
      orders.map((order): [string, OrderRecord] => {
        const entry = entries.get(order.order.id)
        const { sentMillis, ...state } = entry === undefined ? order : afterTurn(entry, turned)
        const updatedMillis = entry === undefined ? order.updatedMillis : entry.atMillis
        return [order.order.id, { ...order, ...state, sentMillis, updatedMillis }]
      })
    )
  }
}

/**
 * Folds a venue's news into what was known of their orders before there were any, in one round trip; undefined, and nothing
 * written, where that no longer stands, or is not all that there is to do.
 */
export const hearForeseen = Effect.fn("Ledger.hearForeseen")(function* (
  sql: Sql,
  mode: Mode,
  told: ReadonlyArray<News>,
  { ids, known, stands }: Foresight
) {
  if (!idsIn(told).every((id) => ids.has(id))) return undefined
  const { after, missing, refolded, statements } = folded(sql, told, known, false)
  if (missing.length + refolded.length > 0) return undefined
  return (yield* transactIf(sql, mode, [AUDIT], stands, statements)) ? after : undefined
})

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
  const leaseLost = leaves(told) && tenure !== undefined && !(yield* Gate.holds(sql, tenure))
  const { after, atMillis, missing, refolded, statements } = folded(sql, told, yield* knownFrom(answers), leaseLost)
  if (missing.length > 0)
    return yield* Effect.dieMessage(`news of orders that are not on record: ${missing.join(", ")}`)
  if (leave === undefined || refolded.length > 0)
    yield* Effect.forEach(statements, (each) => sql`${each}`, { discard: true })
  else for (const each of statements) leave(each)
  if (refolded.length > 0) {
    const positions = yield* Effect.forEach(refolded, (held) => refoldOne(sql, Position.empty(held)))
    yield* upsertPositions(sql, positions, atMillis)
  }
  return after
})
