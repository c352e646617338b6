import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import type { MarketMemory } from "../domain/Answer.ts"
import type { BookSnapshot } from "../domain/Book.ts"
import { Conflict } from "../domain/Failure.ts"
import type { ConditionId, Market } from "../domain/Market.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import type { SnapshotRecord } from "./Records.ts"
import { decodeBook, decodeMarket, decodeMemory, encodeBook, encodeMarket, encodeMemory } from "./SnapshotJson.ts"

type Sql = SqlClient.SqlClient

/** A market and the book that was seen of it, if one was. */
export interface Sighting {
  readonly market: Market
  readonly book?: BookSnapshot | undefined
}

// Everyone writes markets in the order of their ids: two writers then wait for each other, never in a circle.
const ascending = <A>(rows: ReadonlyArray<A>, id: (row: A) => ConditionId): ReadonlyArray<A> =>
  [...new Map(rows.map((row) => [id(row), row])).values()].sort((a, b) => (id(a) < id(b) ? -1 : 1))

/** The last record and book seen of each market, or of those asked for. */
export const snapshots = Effect.fn("Ledger.snapshots")(function* (
  sql: Sql,
  conditionIds: ReadonlyArray<ConditionId> | undefined
) {
  const wanted =
    conditionIds === undefined ? sql`true` : sql`condition_id = any(${Columns.texts(conditionIds, (id) => id)}::text[])`
  const rows = yield* sql<Row>`select market, book, taken_at from market_snapshots
    where market is not null and ${wanted} order by condition_id`
  const raw = yield* decode(rows, "market_snapshots", (cells) => ({
    market: cells.json("market"),
    book: cells.json("book"),
    takenMillis: cells.millis("taken_at")
  }))
  return yield* Effect.orDie(
    Effect.forEach(raw, ({ book, market, takenMillis }) =>
      Effect.all({
        market: decodeMarket(market),
        book: book === undefined ? Effect.succeed(undefined) : decodeBook(book),
        takenMillis: Effect.succeed(takenMillis)
      })
    )
  ) satisfies Effect.Effect<ReadonlyArray<SnapshotRecord>>
})

/** What each market on record is called. */
export const slugs = Effect.fn("Ledger.slugs")(function* (sql: Sql) {
  const rows =
    yield* sql<Row>`select condition_id, market ->> 'slug' as slug from market_snapshots where market is not null`
  return new Map(
    yield* decode(rows, "market_snapshots", (cells) => [cells.text("condition_id"), cells.text("slug")] as const)
  )
})

/** Which source each market on record came from. */
export const sources = Effect.fn("Ledger.sources")(function* (sql: Sql, conditionIds: ReadonlyArray<ConditionId>) {
  if (conditionIds.length === 0) return new Map<ConditionId, string>()
  const rows = yield* sql<Row>`select condition_id, source from market_snapshots
    where source is not null and condition_id = any(${Columns.texts(conditionIds, (id) => id)}::text[])`
  return new Map(
    yield* decode(rows, "market_snapshots", (cells) => [cells.text("condition_id"), cells.text("source")] as const)
  )
})

/** What the simulated venue remembers, of those markets of which it remembers anything. */
export const memory = Effect.fn("Ledger.memory")(function* (sql: Sql, conditionIds: ReadonlyArray<ConditionId>) {
  if (conditionIds.length === 0) return new Map<ConditionId, MarketMemory>()
  const rows = yield* sql<Row>`select condition_id, memory, version from market_snapshots
    where memory is not null and condition_id = any(${Columns.texts(conditionIds, (id) => id)}::text[])`
  const raw = yield* decode(rows, "market_snapshots", (cells) => ({
    conditionId: cells.text("condition_id"),
    version: Number(cells.big("version")),
    json: cells.json("memory")
  }))
  const remembered = yield* Effect.orDie(
    Effect.forEach(raw, ({ conditionId, json, version }) =>
      Effect.map(decodeMemory(json), (told): MarketMemory => ({ conditionId, version, ...told }))
    )
  )
  return new Map(remembered.map((each) => [each.conditionId, each]))
})

/** Keeps the last record of each market, and the last book where one was seen; an older sighting changes nothing. */
export const remember = Effect.fn("Ledger.remember")(function* (
  sql: Sql,
  sightings: ReadonlyArray<Sighting>,
  atMillis: number
) {
  if (sightings.length === 0) return
  const rows = ascending(sightings, (row) => row.market.conditionId)
  yield* sql`insert into market_snapshots as known (condition_id, market_id, source, market, book, taken_at)
    select u.id, u.market_id, u.source, u.market::jsonb, u.book::jsonb, ${Columns.iso(atMillis)}::timestamptz
    from rows from (
      unnest(
        ${Columns.texts(rows, (row) => row.market.conditionId)}::text[],
        ${Columns.texts(rows, (row) => row.market.marketId)}::text[],
        ${Columns.texts(rows, (row) => row.market.source)}::text[]),
      string_to_table(${Columns.jsons(rows, (row) => encodeMarket(row.market))}, e'\\x01', ''),
      string_to_table(${Columns.jsons(rows, (row) => row.book && encodeBook(row.book))}, e'\\x01', '')
    ) as u (id, market_id, source, market, book)
    on conflict (condition_id) do update set
      market_id = excluded.market_id, source = excluded.source, market = excluded.market,
      book = coalesce(excluded.book, known.book), taken_at = excluded.taken_at
    where known.taken_at is null or known.taken_at <= excluded.taken_at`
})

/**
 * Writes what the simulated venue remembers, each as the version after the one it read. Where another version stands by
 * now nothing may be written at all: the failure undoes the transaction it happens in.
 */
export const keep = Effect.fn("Ledger.keep")(function* (sql: Sql, memories: ReadonlyArray<MarketMemory>) {
  if (memories.length === 0) return
  const rows = ascending(memories, (row) => row.conditionId)
  const written = yield* sql`insert into market_snapshots as known (condition_id, memory, version)
    select u.id, u.told::jsonb, u.was + 1 from rows from (
      unnest(
        ${Columns.texts(rows, (row) => row.conditionId)}::text[],
        ${Columns.words(rows, (row) => row.version)}::bigint[]),
      string_to_table(${Columns.jsons(rows, encodeMemory)}, e'\\x01', '')
    ) as u (id, was, told)
    on conflict (condition_id) do update set memory = excluded.memory, version = excluded.version
    where known.version = excluded.version - 1
    returning 1`
  if (written.length !== rows.length || rows.length !== memories.length)
    return yield* new Conflict({ message: "what is remembered of a market has changed since it was read" })
})
