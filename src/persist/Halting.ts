import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { uuidOf } from "../domain/Identity.ts"
import type { Mode } from "../domain/Order.ts"
import { canonical, type Event } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { ask, transactAccount } from "./Database.ts"
import { hear, questions } from "./Hear.ts"
import { record } from "./Trail.ts"

type Sql = SqlClient.SqlClient

/** What the operator did, by hand. */
const OPERATOR = "operator"

const eventOf = (type: string, mode: Mode, reason: string | undefined, atMillis: number): Event => ({
  type,
  entityType: "account",
  entityId: mode,
  data: canonical({ reason }),
  actor: OPERATOR,
  atMillis
})

/**
 * Halts an account, unless it is halted already, and voids its orders that were never sent, in one commit: whatever has
 * not passed the gate before it never will. Returns the voided orders.
 */
export const halt = Effect.fn("Ledger.halt")(function* (
  sql: Sql,
  mode: Mode,
  reason: string | undefined,
  atMillis: number
) {
  const at = Columns.iso(atMillis)
  const work = Effect.gen(function* () {
    const counted = yield* sql<Row>`select count(*) as halts from halts where mode = ${mode}`
    const [before = 0n] = yield* decode(counted, "halts", (cells) => cells.big("halts"))
    const begun = yield* sql`insert into halts (id, mode, reason, halted_at)
      select ${uuidOf("halt", mode, `${before}`)}::uuid, ${mode}, ${reason === undefined ? null : Columns.clean(reason)},
        ${at}::timestamptz
      where not exists (select 1 from halts where mode = ${mode} and resumed_at is null) returning 1`
    if (begun.length > 0) yield* record(sql, [eventOf("halted", mode, reason, atMillis)])
    const rows = yield* sql<Row>`select id from orders where mode = ${mode} and status = 'pending' and sent_at is null`
    const ids = yield* decode(rows, "orders", (cells) => cells.text("id"))
    const news = ids.map((orderId) => ({
      orderId,
      word: "blocked" as const,
      matched: undefined,
      fills: [],
      reason: "trading was halted before it was sent",
      atMillis
    }))
    const answers = yield* ask(sql, questions(mode, news))
    const heard = yield* hear(sql, news, undefined, answers)
    return [...heard.values()]
  })
  return yield* transactAccount(sql, mode, work)
})

/** Ends a halt; false where there was none. */
export const resume = Effect.fn("Ledger.resume")(function* (sql: Sql, mode: Mode, atMillis: number) {
  const work = Effect.gen(function* () {
    const ended = yield* sql`update halts set resumed_at = ${Columns.iso(atMillis)}::timestamptz
      where mode = ${mode} and resumed_at is null returning 1`
    if (ended.length === 0) return false
    yield* record(sql, [eventOf("resumed", mode, undefined, atMillis)])
    return true
  })
  return yield* transactAccount(sql, mode, work)
})
