import type * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import { hear as fold, type Heard, type News, type Stage, type TradeFill } from "../domain/News.ts"
import { isTerminal, type Order, type OrderState } from "../domain/Order.ts"
import { ACTOR, canonical, type Event } from "./Audit.ts"
import type { Verdict } from "./Gate.ts"
import { type Change, insertExecutions, markSent, stageExecutions, updateOrders } from "./OrderRows.ts"

type Sql = SqlClient.SqlClient

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

/** The news of one order, folded one after the other. */
export interface Entry {
  readonly before: OrderState
  after: OrderState
  fills: ReadonlyArray<TradeFill>
  readonly added: Map<string, TradeFill>
  readonly staged: Map<string, Stage>
  readonly events: Array<Event>
  atMillis: number
  written: boolean
}

/** An order as it stands, last changed at a time (epoch milliseconds), with its fills. */
export const entryOf = (before: OrderState, fills: ReadonlyArray<TradeFill>, atMillis: number): Entry => ({
  before,
  after: before,
  fills,
  added: new Map(),
  staged: new Map(),
  events: [],
  atMillis,
  written: false
})

/** A fill that is new is written as it stands in the end; one on record is moved on. */
const stage = (entry: Entry, id: string, to: Stage): void => {
  const fresh = entry.added.get(id)
  if (fresh === undefined) entry.staged.set(id, to)
  else entry.added.set(id, { ...fresh, stage: to })
}

const enter = (entry: Entry, news: News): void => {
  const heard = fold(entry.after, entry.fills, news)
  if (isNew(entry.after, heard)) {
    entry.written = true
    entry.atMillis = Math.max(entry.atMillis, news.atMillis)
    entry.events.push(eventOf(entry.after, heard, news))
    for (const fill of heard.added) entry.added.set(fill.externalId, fill)
    for (const id of heard.settled) stage(entry, id, "final")
    for (const id of heard.failed) stage(entry, id, "failed")
  }
  entry.after = heard.after
  entry.fills = heard.fills
}

/** Whether an order may leave now: for the first time, or once more where nobody knows it. One that is on its way is in hand. */
const mayLeave = ({ after, before }: Entry): boolean =>
  after.status === "unknown" || (after.status === "pending" && before.sentMillis === undefined)

/** What news say of orders that leave, beside what they change. */
export interface Turn {
  readonly sent: ReadonlySet<string>
  readonly sentMillis: number
  readonly unsent: ReadonlySet<string>
  /** News of orders that are not among the entries. */
  readonly missing: ReadonlyArray<string>
}

/** Folds news into the entries of their orders. What is about to leave asks the gate first. */
export const turn = (
  entries: ReadonlyMap<string, Entry>,
  told: ReadonlyArray<News>,
  gate: (order: Order) => Verdict
): Turn => {
  const [sent, unsent] = [new Set<string>(), new Set<string>()]
  const missing: Array<string> = []
  let sentMillis = 0
  for (const news of told) {
    const entry = entries.get(news.orderId)
    if (entry === undefined) {
      missing.push(news.orderId)
      continue
    }
    if (news.word === "unsent") {
      // Once somebody else has looked for it, it may be theirs that left.
      if (entry.after.status === "pending") unsent.add(news.orderId)
      continue
    }
    if (news.word !== "sent") {
      enter(entry, news)
      continue
    }
    const verdict = gate(entry.before.order)
    if (verdict._tag === "Blocked") enter(entry, { ...news, word: "blocked", reason: verdict.reason })
    else if (verdict._tag === "Open" && mayLeave(entry)) {
      sent.add(news.orderId)
      sentMillis = news.atMillis
    }
  }
  return { sent, sentMillis, unsent, missing }
}

/** An order after its turn. */
export const afterTurn = ({ after, before }: Entry, { sent, sentMillis, unsent }: Turn): OrderState => ({
  ...after,
  sentMillis: sent.has(before.order.id) ? sentMillis : unsent.has(before.order.id) ? undefined : before.sentMillis
})

export const changedIn = (entries: ReadonlyMap<string, Entry>): ReadonlyArray<Entry> =>
  [...entries.values()].filter((entry) => entry.written)

/** Everything that is written of entries that have changed, but for positions and the audit log. */
export const rowsOf = (
  sql: Sql,
  written: ReadonlyArray<Entry>,
  { sent, sentMillis, unsent }: Turn
): ReadonlyArray<Fragment> => {
  const changes = written.map(
    ({ after, atMillis, before }): Change => ({ before, after, externalOrderId: undefined, atMillis })
  )
  const added = written.flatMap(({ added, atMillis, before }) =>
    [...added.values()].map((fill) => ({
      order: before.order,
      filledBefore: 0n,
      fill: { ...fill, final: fill.stage !== "provisional" },
      failed: fill.stage === "failed",
      atMillis
    }))
  )
  const staged = written.flatMap(({ before, staged }) =>
    [...staged].map(([externalId, stage]) => ({
      orderId: before.order.id,
      externalId,
      failed: stage === "failed"
    }))
  )
  return [
    ...(changes.length === 0 ? [] : [updateOrders(sql, changes)]),
    ...(sent.size === 0 ? [] : [markSent(sql, [...sent], sentMillis)]),
    ...(unsent.size === 0 ? [] : [markSent(sql, [...unsent], undefined)]),
    ...(added.length === 0 ? [] : [insertExecutions(sql, added)]),
    ...(staged.length === 0 ? [] : [stageExecutions(sql, staged)])
  ]
}
