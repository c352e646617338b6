import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { chain, type Event, GENESIS } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { lockAudit } from "./Database.ts"

/** Appends events to the audit chain: inside a transaction, after its account lock if it takes one, as late as can be. */
export const record = Effect.fn("Ledger.record")(function* (sql: SqlClient.SqlClient, events: ReadonlyArray<Event>) {
  if (events.length === 0) return
  yield* lockAudit(sql)
  const [head = GENESIS] = yield* Effect.flatMap(
    sql<Row>`select seq, hash from audit_logs order by audit_logs.seq desc limit 1`,
    (rows) => decode(rows, "audit_logs", (cells) => ({ seq: Number(cells.big("seq")), hash: cells.text("hash") }))
  )
  const links = chain(head, events)
  yield* sql`insert into audit_logs
    (id, seq, event_type, entity_type, entity_id, actor, created_at, prev_hash, hash, event_data)
    select u.id, u.seq, u.type, u.entity_type, u.entity_id, u.actor, u.at, u.prev_hash, u.hash, u.data::jsonb
    from rows from (
      unnest(
        ${Columns.words(links, (link) => link.id)}::uuid[],
        ${Columns.words(links, (link) => link.seq)}::bigint[],
        ${Columns.texts(links, (link) => link.type)}::text[],
        ${Columns.texts(links, (link) => link.entityType)}::text[],
        ${Columns.texts(links, (link) => link.entityId)}::text[],
        ${Columns.texts(links, (link) => link.actor)}::text[],
        ${Columns.times(links, (link) => link.atMillis)}::timestamptz[],
        ${Columns.words(links, (link) => link.prevHash)}::text[],
        ${Columns.words(links, (link) => link.hash)}::text[]),
      string_to_table(${Columns.jsons(links, (link) => link.data)}, e'\\x01', '')
    ) as u (id, seq, type, entity_type, entity_id, actor, at, prev_hash, hash, data)`
})
