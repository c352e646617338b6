import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { BookSnapshot } from "../domain/Book.ts"
import { PriceText, SharesText, UsdText } from "../domain/Money.ts"
import type { Trial } from "../exchange/Trial.ts"
import { canonical } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import type { TrialRecord } from "./Records.ts"
import { orderOf } from "./Rows.ts"
import { decodeBook, encodeBook } from "./SnapshotJson.ts"

type Sql = SqlClient.SqlClient

const Came = Schema.Struct({ qty: SharesText, notional: UsdText, fees: UsdText })
const TrialJson = Schema.Struct({
  pessimistic: Came,
  neutral: Came,
  optimistic: Came,
  rests: Schema.Boolean,
  ahead: SharesText,
  seen: SharesText
})
const Marks = Schema.Struct({
  since: Schema.optional(Schema.Number),
  "10s": Schema.optional(PriceText),
  "1m": Schema.optional(PriceText),
  "10m": Schema.optional(PriceText)
})

/** What the simulator said of a real order when it was sent. */
export interface Simulated {
  readonly orderId: string
  readonly decidedBook: BookSnapshot
  /** The book that the verdicts were taken on. */
  readonly sentBook: BookSnapshot
  readonly trial: Trial
  readonly atMillis: number
}

/** What became known of a trial since. */
export interface Note {
  readonly orderId: string
  /** Undefined where only the market was marked: somebody else may have gone on with the trial meanwhile. */
  readonly trial: Trial | undefined
  readonly mids: TrialRecord["mids"]
  readonly sinceMillis: number | undefined
  /** Whether later books can still tell more. */
  readonly watched: boolean
}

/** Keeps what was simulated of orders; what was said first stands. Each book is sent once, however many orders met it. */
export const keep = (sql: Sql, simulated: ReadonlyArray<Simulated>) => {
  const books = [...new Set(simulated.flatMap(({ decidedBook, sentBook }) => [decidedBook, sentBook]))]
  const places = new Map(books.map((book, at) => [book, at]))
  const place = (book: BookSnapshot) => places.get(book) ?? 0
  return sql`with books as (select ${`[${books.map(encodeBook).join(",")}]`}::jsonb as list)
    insert into simulated_verdicts (order_id, decided_book, sent_book, bands, created_at)
    select u.id, books.list -> u.decided, books.list -> u.sent, u.bands::jsonb, u.at
    from books, rows from (unnest(
        ${Columns.words(simulated, (each) => each.orderId)}::uuid[],
        ${Columns.words(simulated, (each) => place(each.decidedBook))}::int[],
        ${Columns.words(simulated, (each) => place(each.sentBook))}::int[],
        ${Columns.times(simulated, (each) => each.atMillis)}::timestamptz[]),
      string_to_table(${Columns.jsons(simulated, (each) => canonical(each.trial))}, e'\\x01', '')
    ) as u (id, decided, sent, at, bands)
    on conflict do nothing returning 1`
}

/** Keeps what later books said of trials. Marks add to those there are, unless those are counted from something else. */
export const note = (sql: Sql, notes: ReadonlyArray<Note>) =>
  sql`update simulated_verdicts v set bands = coalesce(u.bands::jsonb, v.bands), watched = u.watched,
      markouts = case when v.markouts -> 'since' = u.marks::jsonb -> 'since'
        then v.markouts || u.marks::jsonb else u.marks::jsonb end
    from rows from (unnest(
        ${Columns.words(notes, (each) => each.orderId)}::uuid[],
        ${Columns.booleans(notes, (each) => each.watched)}::boolean[]),
      string_to_table(${Columns.jsons(notes, (each) => each.trial && canonical(each.trial))}, e'\\x01', ''),
      string_to_table(${Columns.jsons(notes, (each) => canonical({ ...each.mids, since: each.sinceMillis }))}, e'\\x01', '')
    ) as u (id, watched, bands, marks)
    where v.order_id = u.id returning 1`

/** Orders that were simulated, too, by when they were placed; with `watched`, those of which more is to be learned. */
export const trials = Effect.fn("Ledger.trials")(function* (sql: Sql, filter: { readonly watched?: boolean }) {
  const wanted = filter.watched === true ? sql`v.watched` : sql`true`
  const rows = yield* sql<Row>`select o.*, v.decided_book, v.bands as simulated, v.markouts,
      (select min(executed_at) from executions e where e.order_id = o.id and not e.failed) as first_fill
    from simulated_verdicts v join orders o on o.id = v.order_id
    where ${wanted} order by o.placed_at, o.plan_id, o.instruction, o.attempt`
  const raw = yield* decode(rows, "simulated_verdicts", (cells) => ({
    order: orderOf(cells),
    firstFillMillis: cells.maybeMillis("first_fill"),
    decided: cells.json("decided_book"),
    trial: cells.json("simulated"),
    marks: cells.json("markouts")
  }))
  return yield* Effect.orDie(
    Effect.forEach(raw, ({ decided, firstFillMillis, marks, order, trial }) =>
      Effect.all({
        order: Effect.succeed(order),
        firstFillMillis: Effect.succeed(firstFillMillis),
        decidedBook: decodeBook(decided),
        bands: Schema.decodeUnknown(TrialJson)(trial),
        marks: Schema.decodeUnknown(Marks)(marks)
      }).pipe(Effect.map(({ marks: { since, ...mids }, ...rest }) => ({ ...rest, mids, sinceMillis: since })))
    )
  ) satisfies Effect.Effect<ReadonlyArray<TrialRecord>>
})
