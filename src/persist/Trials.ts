import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { BookSnapshot } from "../domain/Book.ts"
import { type Price, PriceText, SharesText, UsdText } from "../domain/Money.ts"
import { canonical } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { available } from "./Database.ts"
import type { OrderRecord } from "./Records.ts"
import { orderOf } from "./Rows.ts"
import { decodeBook, encodeBook } from "./SnapshotJson.ts"

type Sql = SqlClient.SqlClient

const Came = Schema.Struct({ qty: SharesText, notional: UsdText, fees: UsdText })
const Bands = Schema.Struct({ pessimistic: Came, neutral: Came, optimistic: Came })
const Marks = Schema.Struct({
  "10s": Schema.optional(PriceText),
  "1m": Schema.optional(PriceText),
  "10m": Schema.optional(PriceText)
})

/** What the simulator said of a real order when it was sent. */
export interface Simulated {
  readonly orderId: string
  readonly decidedBook: BookSnapshot
  /** The book the bands were taken on. */
  readonly sentBook: BookSnapshot | undefined
  readonly bands: typeof Bands.Type
  readonly atMillis: number
}

/** An order that was simulated, too, beside what became of it. */
export interface TrialRecord {
  readonly order: OrderRecord
  readonly decidedBook: BookSnapshot
  readonly bands: typeof Bands.Type
  /** Midpoints of the order's outcome so long after its first fill, or after its sending where nothing filled. */
  readonly mids: typeof Marks.Type
  readonly firstFillMillis: number | undefined
}

/** Keeps what was simulated of an order; what was said first stands. */
export const keep = (sql: Sql, { atMillis, bands, decidedBook, orderId, sentBook }: Simulated) =>
  sql`insert into simulated_verdicts (order_id, decided_book, sent_book, bands, created_at)
    values (${orderId}::uuid, ${encodeBook(decidedBook)}::jsonb,
      ${sentBook === undefined ? null : encodeBook(sentBook)}::jsonb, ${canonical(bands)}::jsonb,
      ${Columns.iso(atMillis)}::timestamptz)
    on conflict do nothing returning 1`

/** Keeps where the market stood one horizon after an order. */
export const mark = (sql: Sql, orderId: string, horizon: "10s" | "1m" | "10m", mid: Price) =>
  sql`update simulated_verdicts set markouts = markouts || ${canonical({ [horizon]: mid })}::jsonb
    where order_id = ${orderId}::uuid returning 1`

/** Every order that was simulated, too, by when it was placed. */
export const all = available(
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Row>`select o.*, v.decided_book, v.bands as simulated, v.markouts,
      (select min(executed_at) from executions e where e.order_id = o.id and not e.failed) as first_fill
    from simulated_verdicts v join orders o on o.id = v.order_id
    order by o.placed_at, o.plan_id, o.instruction, o.attempt`
    const raw = yield* decode(rows, "simulated_verdicts", (cells) => ({
      order: orderOf(cells),
      firstFillMillis: cells.maybeMillis("first_fill"),
      decided: cells.json("decided_book"),
      bands: cells.json("simulated"),
      marks: cells.json("markouts")
    }))
    return yield* Effect.orDie(
      Effect.forEach(raw, ({ bands, decided, firstFillMillis, marks, order }) =>
        Effect.all({
          order: Effect.succeed(order),
          firstFillMillis: Effect.succeed(firstFillMillis),
          decidedBook: decodeBook(decided),
          bands: Schema.decodeUnknown(Bands)(bands),
          mids: Schema.decodeUnknown(Marks)(marks)
        })
      )
    ) satisfies Effect.Effect<ReadonlyArray<TrialRecord>>
  })
)
