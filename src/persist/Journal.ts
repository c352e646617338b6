import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { Halted, PlanExists } from "../domain/Failure.ts"
import type { Order } from "../domain/Order.ts"
import { bookBalance, facts } from "./Account.ts"
import { ACTOR, canonical, type Event, json } from "./Audit.ts"
import { inBlocks } from "./Blocks.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { transact, transactAccount } from "./Database.ts"
import * as Gate from "./Gate.ts"
import { insertOrders, sealOrders } from "./OrderRows.ts"
import { encodePlan } from "./PlanJson.ts"
import type { AccountFacts, Ending, Journal, JournalRequest } from "./Records.ts"
import { runOf } from "./Rows.ts"
import { record } from "./Trail.ts"

type Sql = SqlClient.SqlClient

const placedEvent = (order: Order): Event => ({
  type: "order_placed",
  entityType: "order",
  entityId: order.id,
  data: canonical({
    attempt: order.attempt,
    budget: order.quantity._tag === "Budget" ? order.quantity.usd : undefined,
    conditionId: order.conditionId,
    externalOrderId: order.sealed?.externalOrderId,
    instruction: order.instruction,
    outcome: order.outcome,
    planId: order.planId,
    price: order.price,
    shares: order.quantity._tag === "Shares" ? order.quantity.shares : undefined,
    side: order.side,
    timeInForce: order.timeInForce,
    to: "pending"
  }),
  actor: ACTOR,
  atMillis: order.placedMillis
})

/** What the plan's id stands for by now. Fails where the caller decided on something else. */
const recheck = Effect.fn("Ledger.recheck")(function* (sql: Sql, request: JournalRequest) {
  const { earlier, planHash, planId } = request
  const rows = yield* sql<Row>`select * from runs where plan_id = ${planId} for update`
  const [run] = yield* decode(rows, "runs", runOf)
  const counted = yield* sql<Row>`select count(*) as orders from orders where plan_id = ${planId}`
  const [orders = 0n] = yield* decode(counted, "orders", (cells) => cells.big("orders"))
  const refuse = (why: string) => new PlanExists({ planId, message: `planId already exists: "${planId}" ${why}` })
  if (orders !== BigInt(earlier)) return yield* refuse("is being run by another process")
  if (run !== undefined && orders > 0n && run.planHash !== planHash) return yield* refuse("has placed other orders")
  return run
})

/** Nothing is decided while the account is halted, nor in a market where something could not be explained. */
const barred = Effect.fn("Ledger.barred")(function* (sql: Sql, { conditionIds, mode }: JournalRequest) {
  const { halt, stops } = yield* Gate.barriers(sql, mode)
  if (halt !== undefined) return yield* new Halted({ message: Gate.haltText(halt) })
  const stop = stops.find((each) => each.conditionId === undefined || conditionIds.includes(each.conditionId))
  if (stop !== undefined) return yield* new Halted({ message: Gate.stopText(stop) })
})

/** Writes the run's row as it is from now on; false where another process has just written the plan's first one. */
const saveRun = Effect.fn("Ledger.saveRun")(function* (
  sql: Sql,
  request: JournalRequest,
  journal: Journal<unknown>,
  exists: boolean
) {
  const { earlier, mode, planFile, planHash, planId } = request
  const { rejected } = journal
  const at = Columns.iso(request.atMillis)
  // A plan with orders on record is not "rejected", whatever becomes of its other instructions.
  const status = rejected === undefined ? "running" : earlier > 0 ? "failed" : (rejected.status ?? "rejected")
  const told = rejected === undefined ? journal.summary : rejected.summary
  const summary = told === undefined ? null : json(told)
  const error = rejected === undefined ? null : Columns.clean(rejected.error)
  const endedAt = rejected === undefined ? null : at
  const goesOn = earlier > 0
  const saved = yield* sql`insert into runs as known
      (plan_id, mode, status, plan_hash, plan_file, started_at, completed_at, summary_json, error_message, created_at)
    values (${planId}, ${mode}, ${status}, ${planHash}, ${Columns.clean(planFile)}, ${at}::timestamptz,
      ${endedAt}::timestamptz, ${summary}::jsonb, ${error}, ${at}::timestamptz)
    on conflict (plan_id) do update set
      mode = excluded.mode, status = excluded.status, plan_hash = excluded.plan_hash, plan_file = excluded.plan_file,
      started_at = case when ${goesOn}::boolean then known.started_at else excluded.started_at end,
      completed_at = excluded.completed_at, error_message = excluded.error_message,
      summary_json = case when ${goesOn}::boolean then coalesce(excluded.summary_json, known.summary_json)
        else excluded.summary_json end
    where ${exists}::boolean
    returning 1`
  return saved.length === 1
})

/** Keeps the decoded plan. One that came by hand is not scheduled; a stored one keeps the operator's word on that. */
const savePlan = (sql: Sql, request: JournalRequest) => {
  const at = Columns.iso(request.atMillis)
  return sql`insert into plans (plan_id, content_hash, body, active, created_at, updated_at)
    values (${request.planId}, ${request.planHash}, ${encodePlan(request.plan)}::jsonb, false,
      ${at}::timestamptz, ${at}::timestamptz)
    on conflict (plan_id) do update set
      content_hash = excluded.content_hash, body = excluded.body, updated_at = excluded.updated_at`
}

const runEvent = (request: JournalRequest, journal: Journal<unknown>): Event => ({
  type:
    journal.rejected !== undefined
      ? `run_${journal.rejected.status ?? "rejected"}`
      : request.earlier > 0
        ? "run_resumed"
        : "run_started",
  entityType: "run",
  entityId: request.planId,
  data: canonical({
    error: journal.rejected?.error,
    mode: request.mode,
    orders: journal.orders.length,
    planFile: request.planFile,
    planHash: request.planHash
  }),
  actor: ACTOR,
  atMillis: request.atMillis
})

/**
 * Decides about a plan and writes the decision down, in one commit under the account's lock: balance, run, plan, pending
 * orders, audit. `decide` is pure and sees the account as no one else can change it until the commit. Fails with
 * `PlanExists` when another process has taken the plan up since the caller looked, with `Halted` where nothing may be
 * decided at all.
 */
export const journal = <A>(sql: Sql, request: JournalRequest, decide: (facts: AccountFacts) => Journal<A>) =>
  Effect.gen(function* () {
    const { atMillis, conditionIds, mode, paperBalance, planId } = request
    const taken = new PlanExists({
      planId,
      message: `planId already exists: "${planId}" has just been taken up by another process`
    })
    const run = yield* recheck(sql, request)
    yield* barred(sql, request)
    const booked = paperBalance === undefined ? [] : yield* bookBalance(sql, mode, paperBalance, atMillis)
    const decided = decide(yield* facts(sql, mode, conditionIds, paperBalance))
    if (!(yield* saveRun(sql, request, decided, run !== undefined))) return yield* taken
    yield* savePlan(sql, request)
    const orders =
      request.seal === undefined || decided.orders.length === 0 ? decided.orders : yield* request.seal(decided.orders)
    if (orders.length > 0) {
      const inserted = yield* inBlocks(orders, (block) => insertOrders(sql, block))
      if (inserted !== orders.length) return yield* taken
    }
    const sealed = orders.filter((order) => order.sealed !== undefined)
    if (sealed.length > 0) yield* inBlocks(sealed, (block) => sealOrders(sql, block))
    const placed = orders.map((order) => () => placedEvent(order))
    yield* record(sql, [...booked, runEvent(request, decided), ...placed])
    return decided.value
  }).pipe((work) => transactAccount(sql, request.mode, work), Effect.withSpan("Ledger.journal"))

/** Ends a run, unless it has completed already: two processes may have gone on with the same plan. */
export const finish = Effect.fn("Ledger.finish")(function* (sql: Sql, planId: string, ending: Ending) {
  const { atMillis, error, status, summary } = ending
  const work = Effect.gen(function* () {
    const ended = yield* sql`update runs set status = ${status}, summary_json = ${json(summary)}::jsonb,
        error_message = ${error === undefined ? null : Columns.clean(error)},
        completed_at = ${Columns.iso(atMillis)}::timestamptz
      where plan_id = ${planId} and status <> 'completed' returning 1`
    if (ended.length === 0) return
    const data = canonical({ error })
    yield* record(sql, [{ type: `run_${status}`, entityType: "run", entityId: planId, data, actor: ACTOR, atMillis }])
  })
  yield* transact(sql, work)
})
