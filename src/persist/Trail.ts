import type * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { chain, type Event, GENESIS, type Head, type Link } from "./Audit.ts"
import { inBlocks } from "./Blocks.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { type Answers, AUDIT_LOCK, ask } from "./Database.ts"

/** The head as `audit_head` holds it; no row before the first event. */
export const heads = (rows: ReadonlyArray<Row>) =>
  decode(rows, "audit_head", (cells) => ({ seq: Number(cells.big("seq")), hash: cells.text("hash") }))

/** What locks the audit chain until the transaction ends. */
export const AUDIT = `select pg_advisory_xact_lock(${AUDIT_LOCK})`

/** What tells the end of the audit chain. */
export const END = "select seq, hash from audit_head"

/** What locks the audit chain until the transaction ends, and tells its end. */
export const HEAD: ReadonlyArray<string> = [AUDIT, END]

/** The end of the chain that those tell. */
export const headOf = ([, rows = []]: Answers) => Effect.map(heads(rows), ([head = GENESIS]) => head)

/**
 * The end of the audit chain, held until the transaction ends. Always after the account's lock, never before: whoever
 * holds this one waits for nobody.
 */
const lockedHead = Effect.fn("Ledger.lockedHead")(function* (sql: SqlClient.SqlClient) {
  return yield* headOf(yield* ask(sql, HEAD))
})

const headRow = (sql: SqlClient.SqlClient, end: Head) =>
  sql`insert into audit_head (seq, hash) values (${`${end.seq}`}::bigint, ${end.hash})
    on conflict (only_row) do update set seq = excluded.seq, hash = excluded.hash`

const linkRows = (sql: SqlClient.SqlClient, links: ReadonlyArray<Link>) =>
  sql`insert into audit_logs
    (id, seq, event_type, entity_type, entity_id, actor, created_at, prev_hash, hash, event_data)
    select u.id, u.seq, u.type, u.entity_type, u.entity_id, u.actor, u.at, u.prev_hash, u.hash, u.data::jsonb
    from rows from (
      unnest(
        ${Columns.words(links, (link) => link.id)}::uuid[],
        ${Columns.words(links, (link) => link.seq)}::bigint[],
        ${Columns.texts(links, (link) => link.event.type)}::text[],
        ${Columns.texts(links, (link) => link.event.entityType)}::text[],
        ${Columns.texts(links, (link) => link.event.entityId)}::text[],
        ${Columns.texts(links, (link) => link.event.actor)}::text[],
        ${Columns.times(links, (link) => link.event.atMillis)}::timestamptz[],
        ${Columns.words(links, (link) => link.prevHash)}::text[],
        ${Columns.words(links, (link) => link.hash)}::text[]),
      string_to_table(${Columns.jsons(links, (link) => link.event.data)}, e'\\x01', '')
    ) as u (id, seq, type, entity_type, entity_id, actor, at, prev_hash, hash, data)`

/** Writes that touch no row of one another, as one statement: one round trip. */
export const together = (sql: SqlClient.SqlClient, [last, ...others]: Arr.NonEmptyReadonlyArray<Fragment>) =>
  others.length === 0
    ? sql`${last}`
    : sql`with ${sql.csv(others.map((other, at) => sql`${sql.literal(`w${at}`)} as (${other})`))} ${last}`

/** An event, or how it is told: many are told only when it is their turn, while the server writes those before. */
export type Told = Event | (() => Event)

/** Events behind the locked end of the chain, and where it ends then. */
export const behind = (head: Head, events: ReadonlyArray<Event>) => {
  const links = chain(head, events)
  return { links, end: links.at(-1) ?? head }
}

/** The rows of links, and of the end that they make. */
export const chainRows = (
  sql: SqlClient.SqlClient,
  { end, links }: { readonly links: ReadonlyArray<Link>; readonly end: Head }
): ReadonlyArray<Fragment> => (links.length === 0 ? [] : [headRow(sql, end), linkRows(sql, links)])

/** Appends events to the audit chain: inside a transaction, after its account lock if it takes one, as late as can be. */
export const record = Effect.fn("Ledger.record")(function* (sql: SqlClient.SqlClient, events: ReadonlyArray<Told>) {
  if (events.length === 0) return
  let end: Head = yield* lockedHead(sql)
  yield* inBlocks(events, (block) => {
    const links = chain(
      end,
      block.map((told) => (typeof told === "function" ? told() : told))
    )
    end = links.at(-1) ?? end
    return together(sql, [linkRows(sql, links), headRow(sql, end)])
  })
})
