import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Conflict } from "../domain/Failure.ts"
import { uuidOf } from "../domain/Identity.ts"
import { instrumentKey } from "../domain/Market.ts"
import type { Usd } from "../domain/Money.ts"
import type { Mode } from "../domain/Order.ts"
import * as Position from "../domain/Position.ts"
import { cash } from "./Account.ts"
import { ACTOR, canonical, type Event } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { transactAccount } from "./Database.ts"
import { upsertPositions } from "./OrderRows.ts"
import { holdings } from "./Reading.ts"
import type { Flow, LiveAccount, Stop } from "./Records.ts"
import { record } from "./Trail.ts"

type Sql = SqlClient.SqlClient

/** What was found when an account was laid beside its venue, and what it was found against. */
export interface Reckoning {
  /** Cash and shares as the ledger told them when the venue was asked: if they have moved since, nothing is booked. */
  readonly cash: Usd
  readonly held: ReadonlyArray<Position.Position>
  readonly flows: ReadonlyArray<Flow>
  readonly stops: ReadonlyArray<Omit<Stop, "stoppedMillis">>
  /** The operator's word that what stands unexplained is right as it is. */
  readonly accept: boolean
  readonly wallet: string
  readonly lastTradeMillis: number | undefined
  /** What else is to be on record of it. */
  readonly events: ReadonlyArray<{ readonly type: string; readonly data: unknown }>
}

const eventOf = (mode: Mode, type: string, data: unknown, atMillis: number): Event => ({
  type,
  entityType: "account",
  entityId: mode,
  data: canonical(data),
  actor: ACTOR,
  atMillis
})

/** The account at the venue that the live books are about. */
export const liveAccount = Effect.fn("Ledger.liveAccount")(function* (sql: Sql) {
  const rows = yield* sql<Row>`select wallet, last_trade_at, reconciled_at from live_account`
  const [found] = yield* decode(
    rows,
    "live_account",
    (cells): LiveAccount => ({
      wallet: cells.text("wallet"),
      lastTradeMillis: cells.maybeMillis("last_trade_at"),
      reconciledMillis: cells.millis("reconciled_at")
    })
  )
  return Option.fromNullable(found)
})

const unmoved = Effect.fn("Ledger.reckon.unmoved")(function* (sql: Sql, mode: Mode, reckoning: Reckoning) {
  const now = yield* cash(sql, mode)
  const held = yield* holdings(sql, mode, [])
  const before = new Map(
    reckoning.held.filter((position) => position.qty !== 0n).map((position) => [instrumentKey(position), position.qty])
  )
  const same = held.length === before.size && held.every((each) => before.get(instrumentKey(each)) === each.qty)
  if (now.cash !== reckoning.cash || !same) {
    return yield* new Conflict({ message: "the account has moved on since it was laid beside the venue" })
  }
})

/** One row of `cash_ledger`. */
interface Entry {
  readonly amount: bigint
  readonly reason: string
  readonly moved: Extract<Flow, { readonly _tag: "Shares" }> | undefined
}

/** Shares that came are cash of their worth that came, and was paid for them at once; those that went the other way round. */
const entriesOf = (flow: Flow): ReadonlyArray<Entry> => {
  if (flow._tag === "Cash") return [{ amount: flow.amount, reason: flow.reason, moved: undefined }]
  const came = flow.shares >= 0n ? flow.worth : -flow.worth
  const worth = { amount: came, reason: `worth of shares: ${flow.reason}`, moved: undefined }
  return [...(came === 0n ? [] : [worth]), { amount: -came, reason: flow.reason, moved: flow }]
}

const bookFlows = Effect.fn("Ledger.reckon.flows")(function* (
  sql: Sql,
  mode: Mode,
  flows: ReadonlyArray<Flow>,
  atMillis: number
) {
  if (flows.length === 0) return []
  const counted = yield* sql<Row>`select (select count(*) from cash_ledger) as entries,
    (select coalesce(max(seq), 0) from executions) as last`
  const [at = { entries: 0n, last: 0n }] = yield* decode(counted, "cash_ledger", (cells) => ({
    entries: cells.big("entries"),
    last: cells.big("last")
  }))
  const rows = flows.flatMap(entriesOf).map((flow, index) => ({
    id: uuidOf("flow", mode, `${at.entries}`, `${index}`),
    flow
  }))
  const shares = ({ moved }: Entry) => moved
  yield* sql`insert into cash_ledger
      (id, mode, kind, amount, condition_id, outcome_index, qty, after_execution, reason, created_at)
    select u.id, ${mode}, u.kind, u.amount, u.condition_id, u.outcome_index, u.qty,
      case u.kind when 'transfer' then ${`${at.last}`}::bigint end, u.reason, ${Columns.iso(atMillis)}::timestamptz
    from unnest(
      ${Columns.words(rows, (row) => row.id)}::uuid[],
      ${Columns.words(rows, ({ flow }) => (flow.moved === undefined ? "external" : "transfer"))}::text[],
      ${Columns.micros(rows, ({ flow }) => flow.amount)}::numeric[],
      ${Columns.texts(rows, ({ flow }) => shares(flow)?.position.conditionId)}::text[],
      ${Columns.words(rows, ({ flow }) => shares(flow)?.position.outcomeIndex ?? "NULL")}::smallint[],
      ${Columns.micros(rows, ({ flow }) => shares(flow)?.shares)}::numeric[],
      ${Columns.texts(rows, ({ flow }) => flow.reason)}::text[]
    ) as u (id, kind, amount, condition_id, outcome_index, qty, reason)`
  const positions = flows.flatMap((flow) =>
    flow._tag === "Shares" ? [Position.transfer(flow.position, flow.shares, flow.worth)] : []
  )
  if (positions.length > 0) yield* upsertPositions(sql, positions, atMillis)
  return flows.map((flow) =>
    flow._tag === "Cash"
      ? eventOf(mode, "cash_moved", { amount: flow.amount, reason: flow.reason }, atMillis)
      : eventOf(
          mode,
          "shares_moved",
          {
            conditionId: flow.position.conditionId,
            outcome: flow.position.outcome,
            reason: flow.reason,
            shares: flow.shares
          },
          atMillis
        )
  )
})

const addStops = Effect.fn("Ledger.reckon.stops")(function* (
  sql: Sql,
  mode: Mode,
  stops: Reckoning["stops"],
  atMillis: number
) {
  if (stops.length === 0) return []
  const counted = yield* sql<Row>`select count(*) as stops from stops`
  const [before = 0n] = yield* decode(counted, "stops", (cells) => cells.big("stops"))
  const rows = stops.map((stop, index) => ({ id: uuidOf("stop", mode, `${before}`, `${index}`), stop }))
  // What stands already is not stopped twice: its newest words count.
  yield* sql`update stops s set reason = u.reason from unnest(
      ${Columns.texts(rows, ({ stop }) => stop.conditionId)}::text[],
      ${Columns.words(rows, ({ stop }) => stop.outcomeIndex ?? "NULL")}::smallint[],
      ${Columns.texts(rows, ({ stop }) => stop.reason)}::text[]) as u (condition_id, outcome_index, reason)
    where s.mode = ${mode} and s.accepted_at is null and s.condition_id is not distinct from u.condition_id
      and s.outcome_index is not distinct from u.outcome_index`
  const added = yield* sql<Row>`insert into stops (id, mode, condition_id, outcome_index, reason, stopped_at)
    select u.id, ${mode}, u.condition_id, u.outcome_index, u.reason, ${Columns.iso(atMillis)}::timestamptz from unnest(
      ${Columns.words(rows, (row) => row.id)}::uuid[],
      ${Columns.texts(rows, ({ stop }) => stop.conditionId)}::text[],
      ${Columns.words(rows, ({ stop }) => stop.outcomeIndex ?? "NULL")}::smallint[],
      ${Columns.texts(rows, ({ stop }) => stop.reason)}::text[]) as u (id, condition_id, outcome_index, reason)
    where not exists (select 1 from stops s where s.mode = ${mode} and s.accepted_at is null
      and s.condition_id is not distinct from u.condition_id and s.outcome_index is not distinct from u.outcome_index)
    returning reason`
  const reasons = yield* decode(added, "stops", (cells) => cells.text("reason"))
  return reasons.map((reason) => eventOf(mode, "trading_stopped", { reason }, atMillis))
})

/**
 * Books what was found when the account was laid beside its venue, in one commit: flows, what stops trading, and how far
 * its trades have been seen. `Conflict` where the ledger has moved on since it was compared.
 */
export const reckon = Effect.fn("Ledger.reckon")(function* (
  sql: Sql,
  mode: Mode,
  reckoning: Reckoning,
  atMillis: number
) {
  const work = Effect.gen(function* () {
    yield* unmoved(sql, mode, reckoning)
    const events: Array<Event> = reckoning.events.map(({ data, type }) => eventOf(mode, type, data, atMillis))
    if (reckoning.accept) {
      const accepted = yield* sql<Row>`update stops set accepted_at = ${Columns.iso(atMillis)}::timestamptz
        where mode = ${mode} and accepted_at is null returning reason`
      const reasons = yield* decode(accepted, "stops", (cells) => cells.text("reason"))
      if (reasons.length > 0) events.push(eventOf(mode, "difference_accepted", { reasons }, atMillis))
    }
    events.push(...(yield* bookFlows(sql, mode, reckoning.flows, atMillis)))
    events.push(...(yield* addStops(sql, mode, reckoning.stops, atMillis)))
    const seen = reckoning.lastTradeMillis
    yield* sql`insert into live_account as known (wallet, last_trade_at, reconciled_at)
      values (${reckoning.wallet}, ${seen === undefined ? null : Columns.iso(seen)}::timestamptz,
        ${Columns.iso(atMillis)}::timestamptz)
      on conflict (only_row) do update set last_trade_at = greatest(known.last_trade_at, excluded.last_trade_at),
        reconciled_at = excluded.reconciled_at`
    yield* record(sql, events)
  })
  yield* transactAccount(sql, mode, work)
})
