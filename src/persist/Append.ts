import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import type { Answer, Fill, Reply } from "../domain/Answer.ts"
import { Conflict } from "../domain/Failure.ts"
import { type Instrument, instrumentKey } from "../domain/Market.ts"
import { format } from "../domain/Money.ts"
import { type Mode, mayBecome, type OrderState } from "../domain/Order.ts"
import { answered } from "../domain/OrderState.ts"
import * as Position from "../domain/Position.ts"
import { ACTOR, canonical, type Event } from "./Audit.ts"
import { inBlocks } from "./Blocks.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { type Answers, type Leave, transactAsking } from "./Database.ts"
import type { Tenure } from "./Gate.ts"
import { type Foresight, hear, hearForeseen, questions } from "./Hear.ts"
import { type Change, type Execution, insertExecutions, updateOrders, upsertPositions } from "./OrderRows.ts"
import { positionOf } from "./Rows.ts"
import { keep } from "./Snapshots.ts"
import { record, type Told } from "./Trail.ts"

type Sql = SqlClient.SqlClient

/** A reply as rows, or the reason why no venue could have given it. */
interface Entries {
  readonly changes: ReadonlyMap<string, Change>
  readonly executions: ReadonlyArray<Execution>
  readonly events: ReadonlyArray<Told>
  readonly impossible: string | undefined
}

const eventType = (from: OrderState, to: OrderState, fills: number): string => {
  if (to.status === "open" && fills > 0) return "order_partially_filled"
  if (to.status === from.status) return "order_updated"
  return to.status === "open" ? "order_opened" : `order_${to.status}`
}

const fillText = ({ fee, liquidity, notional, price, shares }: Fill): string =>
  `{"fee":"${format(fee)}","liquidity":"${liquidity}","notional":"${format(notional)}","price":"${format(price)}",` +
  `"shares":"${format(shares)}"}`

const member = (key: string, text: string | undefined): string =>
  text === undefined ? "" : `"${key}":${canonical(text)},`

// What `canonical` would write, written straight away: a plan may have ten thousand answers.
const eventOf = (answer: Answer, from: OrderState, to: OrderState): Event => ({
  type: eventType(from, to, answer.fills.length),
  entityType: "order",
  entityId: to.order.id,
  data:
    `{${member("externalOrderId", answer.externalOrderId)}"fees":"${format(to.fees)}","filled":"${format(to.filled)}",` +
    `"fills":[${answer.fills.map(fillText).join(",")}],"from":"${from.status}","notional":"${format(to.notional)}",` +
    `${member("reason", answer.reason)}"to":"${to.status}"}`,
  actor: ACTOR,
  atMillis: answer.atMillis
})

/** Whether the status may move so, and no more is filled than was ordered. An order may learn more where it stands. */
const isPossible = (from: OrderState, to: OrderState, fills: number): boolean => {
  const { quantity } = to.order
  const within = quantity._tag === "Shares" ? to.filled <= quantity.shares : to.notional <= quantity.usd
  if (!within) return false
  return mayBecome(from.status, to.status) || (from.status === to.status && fills === 0)
}

const sides = (from: OrderState, to: OrderState): string =>
  `order ${to.order.id}: ${from.status} (${format(from.filled)} filled) may not become ${to.status} ` +
  `(${format(to.filled)} filled, notional ${format(to.notional)})`

/** Folds a reply over the orders it answers. Pure. */
const enter = (reply: Reply, before: ReadonlyMap<string, OrderState>, mode: Mode): Entries => {
  const changes = new Map<string, Change>()
  const executions: Array<Execution> = []
  const events: Array<Told> = []
  const refuse = (impossible: string): Entries => ({ changes, executions, events, impossible })
  for (const answer of reply.answers) {
    const known = changes.get(answer.orderId)
    const from = known?.after ?? before.get(answer.orderId)
    if (from === undefined) return refuse(`an answer to order ${answer.orderId}, which nobody asked about`)
    if (from.order.mode !== mode) return refuse(`order ${answer.orderId} is not of the ${mode} account`)
    const to = answered(from, answer)
    if (!isPossible(from, to, answer.fills.length)) return refuse(sides(from, to))
    let filled: bigint = from.filled
    for (const fill of answer.fills) {
      if (fill.shares <= 0n) return refuse(`order ${answer.orderId}: a fill of no shares`)
      executions.push({ order: from.order, filledBefore: filled, fill, atMillis: answer.atMillis })
      filled += fill.shares
    }
    events.push(() => eventOf(answer, from, to))
    changes.set(answer.orderId, {
      before: known?.before ?? from,
      after: to,
      externalOrderId: answer.externalOrderId ?? known?.externalOrderId,
      atMillis: answer.atMillis
    })
  }
  return { changes, executions, events, impossible: undefined }
}

const readPositions = Effect.fn("Ledger.readPositions")(function* (
  sql: Sql,
  mode: Mode,
  instruments: ReadonlyArray<Instrument>
) {
  const conditionIds = Columns.texts(instruments, (at) => at.conditionId)
  const rows = yield* sql<Row>`select p.* from positions p join unnest(
      ${conditionIds}::text[],
      ${Columns.words(instruments, (at) => at.outcomeIndex)}::smallint[],
      ${Columns.words(instruments, () => mode)}::text[]) as u (condition_id, outcome_index, mode)
    on p.condition_id = any(${conditionIds}::text[])
      and p.condition_id = u.condition_id and p.outcome_index = u.outcome_index and p.mode = u.mode`
  return yield* decode(rows, "positions", positionOf)
})

/** Folds fills into the positions they belong to, in their order. */
const foldPositions = Effect.fn("Ledger.foldPositions")(function* (
  sql: Sql,
  mode: Mode,
  executions: ReadonlyArray<Execution>
) {
  const last = executions.at(-1)
  if (last === undefined) return
  const instruments = new Map(executions.map(({ order }) => [instrumentKey(order), order]))
  const held = yield* readPositions(sql, mode, [...instruments.values()])
  const positions = new Map(held.map((position) => [instrumentKey(position), position]))
  for (const { fill, order } of executions) {
    const key = instrumentKey(order)
    positions.set(key, Position.fill(positions.get(key) ?? Position.empty(order), order.side, fill))
  }
  yield* upsertPositions(sql, [...positions.values()], last.atMillis)
})

/**
 * Writes what a venue answered, all of it or nothing: orders, executions, positions, what the venue remembers, audit. One
 * commit under the account's lock. Each order must stand as `before` says, each memory at the version it names; otherwise
 * `Conflict`. An answer that no order could have had is a defect. News need nothing of `before`: they are folded into what
 * stands, or, in one round trip, into what was foreseen, where that still does.
 */
export const append = Effect.fn("Ledger.append")(function* (
  sql: Sql,
  reply: Reply,
  before: ReadonlyMap<string, OrderState>,
  mode: Mode,
  tenure: Tenure | undefined,
  foreseen: Foresight | undefined
) {
  const { changes, events, executions, impossible } = enter(reply, before, mode)
  if (impossible !== undefined) return yield* Effect.dieMessage(impossible)
  const { memory, news = [] } = reply
  const newsAlone = changes.size + executions.length + memory.length + events.length === 0
  // Whether a lease is held must be asked under the lock.
  if (foreseen !== undefined && tenure === undefined && newsAlone) {
    const heard = yield* hearForeseen(sql, mode, news, foreseen)
    if (heard !== undefined) return heard
  }
  const write = Effect.fnUntraced(function* (answers: Answers, leave: Leave) {
    const heard = news.length === 0 ? undefined : yield* hear(sql, news, tenure, answers, newsAlone ? leave : undefined)
    if (changes.size > 0) {
      const moved = yield* inBlocks([...changes.values()], (block) => updateOrders(sql, block))
      if (moved !== changes.size)
        return yield* new Conflict({ message: "an order has moved on since its venue was asked about it" })
    }
    yield* inBlocks(executions, (block) => insertExecutions(sql, block))
    yield* foldPositions(sql, mode, executions)
    yield* keep(sql, memory)
    yield* record(sql, events)
    return heard
  })
  const heard = yield* transactAsking(sql, mode, news.length === 0 ? [] : questions(mode, news), write)
  const moved = [...changes].map(([id, { after }]) => [id, after] as const)
  return new Map<string, OrderState>([...(heard ?? []), ...moved])
})
