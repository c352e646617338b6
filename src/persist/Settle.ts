import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { uuidOf } from "../domain/Identity.ts"
import type { ConditionId, Payouts } from "../domain/Market.ts"
import type { Mode } from "../domain/Order.ts"
import * as Position from "../domain/Position.ts"
import { ACTOR, canonical, type Event } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { transactAccount } from "./Database.ts"
import { upsertPositions } from "./OrderRows.ts"
import { positionOf } from "./Rows.ts"
import { record } from "./Trail.ts"

type Sql = SqlClient.SqlClient

/** A holding before its market paid and after. */
interface Settlement {
  readonly id: string
  readonly before: Position.Position
  readonly after: Position.Position
}

const amountOf = ({ after, before }: Settlement): bigint => after.cashFlow - before.cashFlow

const eventOf = (settlement: Settlement, atMillis: number): Event => ({
  type: "position_settled",
  entityType: "position",
  entityId: `${settlement.before.conditionId}#${settlement.before.outcomeIndex}`,
  data: canonical({
    amount: amountOf(settlement),
    mode: settlement.before.mode,
    realizedPnl: settlement.after.realizedPnl - settlement.before.realizedPnl,
    shares: settlement.before.qty
  }),
  actor: ACTOR,
  atMillis
})

/**
 * Pays out what is held of a resolved market, winning or not, in one commit; true when anything was held. Each payout is
 * a row of `cash_ledger` that says after which execution it stands, so that the positions can be folded again.
 */
export const settle = Effect.fn("Ledger.settle")(function* (
  sql: Sql,
  mode: Mode,
  conditionId: ConditionId,
  payouts: Payouts,
  atMillis: number
) {
  const work = Effect.gen(function* () {
    const rows = yield* sql<Row>`select * from positions
      where condition_id = ${conditionId} and mode = ${mode} and qty <> 0 order by outcome_index`
    const held = yield* decode(rows, "positions", positionOf)
    if (held.length === 0) return false
    const newest = yield* sql<Row>`select coalesce(max(seq), 0) as seq from executions`
    const [last = 0n] = yield* decode(newest, "executions", (cells) => cells.big("seq"))
    const settlements = held.map(
      (before): Settlement => ({
        id: uuidOf("payout", mode, conditionId, `${before.outcomeIndex}`, `${last}`),
        before,
        after: Position.payout(before, payouts[before.outcomeIndex])
      })
    )
    yield* sql`insert into cash_ledger
        (id, mode, kind, amount, condition_id, outcome_index, qty, after_execution, reason, created_at)
      select u.id, ${mode}, 'payout', u.amount, ${conditionId}, u.outcome_index, u.qty, ${`${last}`}::bigint,
        'market resolved', ${Columns.iso(atMillis)}::timestamptz
      from unnest(
        ${Columns.words(settlements, (each) => each.id)}::uuid[],
        ${Columns.micros(settlements, amountOf)}::numeric[],
        ${Columns.words(settlements, (each) => each.before.outcomeIndex)}::smallint[],
        ${Columns.micros(settlements, (each) => each.before.qty)}::numeric[]) as u (id, amount, outcome_index, qty)`
    const after = settlements.map((each) => each.after)
    yield* upsertPositions(sql, after, atMillis)
    yield* record(
      sql,
      settlements.map((each) => eventOf(each, atMillis))
    )
    return true
  })
  return yield* transactAccount(sql, mode, work)
})
