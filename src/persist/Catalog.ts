import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

type Sql = SqlClient.SqlClient

/** The migrator's own table, which no backup holds. */
export const MIGRATIONS = "schema_migrations"

/** A table of the application, with the columns that can be written. */
export interface Table {
  readonly name: string
  readonly columns: ReadonlyArray<string>
}

interface Reference {
  readonly from: string
  readonly to: string
}

/** Tables so ordered that each comes after those it refers to. */
const ordered = (tables: ReadonlyArray<Table>, references: ReadonlyArray<Reference>): ReadonlyArray<Table> => {
  const done: Array<Table> = []
  let rest = tables
  while (rest.length > 0) {
    const waiting = new Set(rest.map(({ name }) => name))
    const ready = rest.filter(
      ({ name }) => !references.some(({ from, to }) => from === name && to !== name && waiting.has(to))
    )
    // A circle of references has no order: any will do, and the database says so where it does not.
    const next = ready.length > 0 ? ready : rest
    done.push(...next)
    const placed = new Set(next.map(({ name }) => name))
    rest = rest.filter(({ name }) => !placed.has(name))
  }
  return done
}

/** All tables of the application, as the database itself knows them, in the order in which they can be filled. */
export const tables = Effect.fn("Catalog.tables")(function* (sql: Sql) {
  const found = yield* sql<Table>`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and c.relname <> ${MIGRATIONS}
    group by c.relname order by c.relname`
  const references = yield* sql<Reference>`
    select f.relname as from, t.relname as to
    from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and f.relnamespace = current_schema()::regnamespace`
  return ordered(found, references)
})

export const count = (sql: Sql, table: string) =>
  Effect.map(sql<{ readonly rows: string }>`select count(*) as rows from ${sql(table)}`, ([found]) =>
    Number(found?.rows ?? 0)
  )

/** Lets every identity column go on behind its highest value. */
export const advanceSequences = Effect.fn("Catalog.advanceSequences")(function* (sql: Sql) {
  const owned = yield* sql<{ readonly table: string; readonly column: string; readonly sequence: string }>`
    select c.relname as table, a.attname as column, pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
      and not a.attisdropped and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null`
  for (const { column, sequence, table } of owned) {
    yield* sql`
      select setval(${sequence}::regclass, coalesce(max(${sql(column)}), 1), max(${sql(column)}) is not null)
      from ${sql(table)}`
  }
})
