import type * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { format } from "../domain/Money.ts"
import type { Mode } from "../domain/Order.ts"
import { cash } from "./Account.ts"
import { canonical, GENESIS, hashOf, idOf } from "./Audit.ts"
import { type Cells, decode, type Row } from "./Cells.ts"
import { type Finding, finding } from "./Check.ts"
import { prove } from "./Database.ts"
import type { Verdict } from "./Records.ts"
import { PAGE, refold } from "./Refold.ts"
import { heads } from "./Trail.ts"

type Sql = SqlClient.SqlClient

/** A check that the database makes by itself: `differences` has a row, with a text, for each. */
const compare = Effect.fn("Ledger.verify.compare")(function* (
  sql: Sql,
  name: string,
  table: "orders" | "executions" | "positions" | "cash_ledger",
  differences: Statement<Row>
) {
  const found = finding(name)
  const counted = yield* sql<Row>`select count(*) as rows from ${sql(table)}`
  for (const rows of yield* decode(counted, table, (cells) => Number(cells.big("rows")))) found.saw(rows)
  for (const text of yield* decode(yield* differences, table, (cells) => cells.text("difference"))) found.differs(text)
  return found.check()
})

const totals = (sql: Sql) =>
  compare(
    sql,
    "orders come to the sum of their executions",
    "orders",
    sql<Row>`select 'order ' || o.id || ': ' || o.filled_qty || ' filled for ' || o.notional || ', fees ' || o.fees
        || '; its executions come to ' || coalesce(e.qty, 0) || ' for ' || coalesce(e.notional, 0) || ', fees '
        || coalesce(e.fee, 0) as difference
      from orders o left join (select order_id, sum(qty) as qty, sum(notional) as notional, sum(fee) as fee
        from executions where not failed group by order_id) e on e.order_id = o.id
      where o.filled_qty <> coalesce(e.qty, 0) or o.notional <> coalesce(e.notional, 0) or o.fees <> coalesce(e.fee, 0)
      order by o.id limit 1000`
  )

// What is left of a budget may be too little to buy anything: amounts at the venue are whole cents.
const statuses = (sql: Sql) =>
  compare(
    sql,
    "an order is filled when, and only when, nothing remains of it",
    "orders",
    sql<Row>`select 'order ' || id || ': ' || status || ' with ' || filled_qty || ' shares for ' || notional
        || coalesce(', ordered ' || qty || ' shares', ', ordered for ' || budget) as difference
      from orders where filled_qty > qty or notional > budget or (status = 'filled') <> (filled_qty = qty)
        or (status = 'filled' and budget - notional > 0.01)
        or (status in ('pending', 'rejected', 'blocked') and filled_qty <> 0)
      order by id limit 1000`
  )

const belonging = (sql: Sql) =>
  compare(
    sql,
    "executions agree with the order they belong to",
    "executions",
    sql<Row>`select 'execution ' || e.id || ' is not of the account, instrument and side of order ' || o.id as difference
      from executions e join orders o on o.id = e.order_id
      where e.mode <> o.mode or e.condition_id <> o.condition_id or e.outcome_index <> o.outcome_index
        or e.side <> o.side
      order by e.id limit 1000`
  )

// Who edits an order and its executions alike is found by what was chained when they were written.
const audited = (sql: Sql) =>
  compare(
    sql,
    "orders stand where the audit log last saw them",
    "orders",
    sql<Row>`select 'order ' || o.id || ': ' || o.status || ' with ' || o.filled_qty || ' filled; the audit log says '
        || coalesce(l.data ->> 'to' || ' with ' || coalesce(l.data ->> 'filled', '0'), 'nothing') as difference
      from orders o left join (select distinct on (entity_id) entity_id, event_data as data from audit_logs
        where entity_type = 'order' and jsonb_exists(event_data, 'to') order by entity_id, seq desc) l
        on l.entity_id = o.id::text
      where l.data ->> 'to' is distinct from o.status
        or coalesce(l.data ->> 'filled', '0') <> trim_scale(o.filled_qty)::text
        or coalesce(l.data ->> 'notional', '0') <> trim_scale(o.notional)::text
        or coalesce(l.data ->> 'fees', '0') <> trim_scale(o.fees)::text
      order by o.id limit 1000`
  )

const journalled = (sql: Sql) =>
  compare(
    sql,
    "orders are what was journalled",
    "orders",
    sql<Row>`select 'order ' || o.id || ': ' || o.side || ' ' || coalesce(trim_scale(o.qty), trim_scale(o.budget)) || ' at '
        || trim_scale(o.price) || ' is not what was placed' as difference
      from orders o left join audit_logs a
        on a.entity_type = 'order' and a.event_type = 'order_placed' and a.entity_id = o.id::text
      where (a.event_data ->> 'planId', a.event_data ->> 'conditionId', a.event_data ->> 'outcome',
          a.event_data ->> 'side', a.event_data ->> 'price', a.event_data ->> 'shares', a.event_data ->> 'budget')
        is distinct from (o.plan_id, o.condition_id, o.outcome, o.side, trim_scale(o.price)::text,
          trim_scale(o.qty)::text, trim_scale(o.budget)::text)
      order by o.id limit 1000`
  )

const named = (sql: Sql) =>
  compare(
    sql,
    "positions are of the market and outcome that was traded",
    "positions",
    sql<Row>`select 'position ' || p.condition_id || '#' || p.outcome_index || ': no order names it ' || p.outcome
        || ' of market ' || p.market_id as difference
      from positions p left join (select distinct condition_id, outcome_index, mode, outcome, market_id from orders) o
        using (condition_id, outcome_index, mode, outcome, market_id)
      where o.market_id is null and not exists (select 1 from cash_ledger c where c.kind = 'transfer'
        and c.mode = p.mode and c.condition_id = p.condition_id and c.outcome_index = p.outcome_index)
      order by p.condition_id, p.outcome_index limit 1000`
  )

/** A fill's notional is its price times its shares, a fraction of a micro-dollar going against us (domain/Money). */
const priced = (sql: Sql) =>
  compare(
    sql,
    "executions come to their price times their shares",
    "executions",
    sql<Row>`select 'execution ' || id || ': ' || trim_scale(qty) || ' at ' || trim_scale(price) || ' is not '
        || trim_scale(notional) as difference
      from executions where notional <> case side when 'BUY' then ceil(price * qty * 1000000)
        else floor(price * qty * 1000000) end / 1000000
      order by id limit 1000`
  )

/** What was put into an account, against the audit log: no sum inside the ledger could tell. */
const endowed = (sql: Sql) =>
  compare(
    sql,
    "balances are what was configured",
    "cash_ledger",
    sql<Row>`select l.mode || ': ' || trim_scale(l.amount) || ' was put in; the audit log says '
        || coalesce(trim_scale(a.amount)::text, 'nothing') as difference
      from (select mode, sum(amount) as amount from cash_ledger where kind in ('opening', 'adjustment') group by mode) l
        left join (select entity_id as mode, sum((event_data ->> 'amount')::numeric) as amount from audit_logs
          where event_type in ('balance_opened', 'balance_adjusted') group by entity_id) a using (mode)
      where l.amount is distinct from a.amount`
  )

/** The cash that is told, against every movement there ever was. */
const balances = Effect.fn("Ledger.verify.cash")(function* (sql: Sql) {
  const found = finding("cash is the sum of every movement")
  const modes: ReadonlyArray<Mode> = ["paper", "live"]
  for (const mode of modes) {
    const rows = yield* sql<Row>`select
        (select coalesce(sum(amount), 0) from cash_ledger where mode = ${mode})::text as ledger,
        (select count(*) from cash_ledger where mode = ${mode}) as entries,
        (select count(*) from executions where mode = ${mode}) as executions,
        (select coalesce(sum(case side when 'SELL' then notional else -notional end - fee), 0)
          from executions where mode = ${mode} and not failed)::text as traded,
        (select count(*) from cash_ledger where mode = ${mode} and kind = 'payout'
          and (condition_id is null or outcome_index is null or qty is null or after_execution is null)) as nameless`
    const [read] = yield* decode(rows, "cash_ledger", (cells) => ({
      rows: Number(cells.big("entries") + cells.big("executions")),
      cash: cells.micro("ledger") + cells.micro("traded"),
      nameless: Number(cells.big("nameless"))
    }))
    if (read === undefined) continue
    found.saw(read.rows)
    const told = yield* cash(sql, mode)
    if (told.cash !== read.cash)
      found.differs(`${mode}: the account tells ${format(told.cash)}, its movements come to ${format(read.cash)}`)
    if (read.nameless > 0) found.differs(`${mode}: ${read.nameless} payouts do not say of what`)
  }
  return found.check()
})

interface Line {
  readonly seq: number
  readonly id: string
  readonly prevHash: string
  readonly hash: string
  readonly expected: (prevHash: string, seq: number) => string
}

const lineOf = (cells: Cells): Line => {
  const event = {
    type: cells.text("event_type"),
    entityType: cells.text("entity_type"),
    entityId: cells.text("entity_id"),
    actor: cells.text("actor"),
    data: canonical(cells.json("event_data") ?? null)
  }
  const micros = cells.text("created")
  // Times are written to the millisecond: anything finer was put there by someone else, and fails the hash.
  const createdAt = micros.endsWith("000Z") ? `${micros.slice(0, -4)}Z` : micros
  return {
    seq: Number(cells.big("seq")),
    id: cells.text("id"),
    prevHash: cells.text("prev_hash"),
    hash: cells.text("hash"),
    expected: (prevHash, seq) => hashOf(prevHash, seq, event, createdAt)
  }
}

const follow = (found: Finding, head: { seq: number; hash: string }, line: Line): { seq: number; hash: string } => {
  if (line.seq !== head.seq + 1) found.differs(`row ${line.seq} follows row ${head.seq}: rows between them are missing`)
  if (line.prevHash !== head.hash) found.differs(`row ${line.seq} is not chained to the row before it`)
  if (line.hash !== line.expected(line.prevHash, line.seq) || line.id !== idOf(line.hash))
    found.differs(`row ${line.seq} is not what was written`)
  return { seq: line.seq, hash: line.hash }
}

/** Walks the chain from its first row, hashing each one again. */
const auditChain = Effect.fn("Ledger.verify.audit")(function* (sql: Sql) {
  const found = finding("the audit log is one unbroken chain")
  let head = GENESIS
  while (true) {
    const rows = yield* sql<Row>`select id, seq, event_type, entity_type, entity_id, event_data, actor, prev_hash, hash,
        to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created
      from audit_logs where audit_logs.seq > ${`${head.seq}`}::bigint order by audit_logs.seq limit ${PAGE}`
    const lines = yield* decode(rows, "audit_logs", lineOf)
    for (const line of lines) head = follow(found, head, line)
    found.saw(lines.length)
    if (lines.length < PAGE) break
  }
  const [end = GENESIS] = yield* Effect.flatMap(sql<Row>`select seq, hash from audit_head`, heads)
  if (end.seq !== head.seq || end.hash !== head.hash)
    found.differs(`the log ends with row ${head.seq}; the last one written was row ${end.seq}`)
  return found.check()
})

/**
 * Proves the ledger against itself at one moment, writing nothing: positions, orders and cash are folded again from
 * executions and payouts, and the audit chain is walked. Reads in pages, so history may be of any length.
 */
export const verify = (sql: Sql) =>
  Effect.gen(function* () {
    const checks = [
      yield* refold(sql),
      yield* named(sql),
      yield* totals(sql),
      yield* statuses(sql),
      yield* belonging(sql),
      yield* balances(sql),
      yield* auditChain(sql),
      yield* journalled(sql),
      yield* audited(sql),
      yield* priced(sql),
      yield* endowed(sql)
    ]
    return { ok: checks.every((check) => check.ok), checks } satisfies Verdict
  }).pipe((work) => prove(sql, work), Effect.withSpan("Ledger.verify"))
