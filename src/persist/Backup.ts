import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { DatabaseUnavailable } from "../domain/Failure.ts"
import { InvalidInput } from "../domain/Failure.ts"
import { uuidOf } from "../domain/Identity.ts"
import * as Archive from "./Archive.ts"
import * as Catalog from "./Catalog.ts"
import { available, observe } from "./Database.ts"

const Table = Schema.Struct({ name: Schema.String, columns: Schema.Array(Schema.String), rows: Schema.Int })
const Migration = Schema.Struct({ id: Schema.Int, name: Schema.String })

/** The first line of a backup: what follows, and which schema it comes from. */
const Header = Schema.Struct({
  format: Schema.Literal("betteroms-backup"),
  version: Schema.Int,
  createdAt: Schema.String,
  server: Schema.String,
  migrations: Schema.Array(Migration),
  tables: Schema.Array(Table)
})
type Header = typeof Header.Type

const VERSION = 1
const encodeHeader = Schema.encodeSync(Schema.parseJson(Header))
const decodeHeader = Schema.decodeUnknown(Schema.parseJson(Header))

/** What was written or read. */
export interface Summary {
  readonly file: string
  readonly createdAt: string
  readonly rows: number
  readonly tables: ReadonlyArray<{ readonly name: string; readonly rows: number }>
}

const summary = (file: string, header: Header): Summary => ({
  file,
  createdAt: header.createdAt,
  rows: header.tables.reduce((sum, table) => sum + table.rows, 0),
  tables: header.tables.map(({ name, rows }) => ({ name, rows }))
})

const refused = (code: string, message: string) => new InvalidInput({ code, message, issues: [] })

const migrationsOf = (sql: SqlClient.SqlClient) =>
  sql<{ readonly id: number; readonly name: string }>`
    select migration_id as id, name from ${sql(Catalog.MIGRATIONS)} order by migration_id`

const describe = Effect.fn("Backup.describe")(function* (sql: SqlClient.SqlClient) {
  const tables = yield* Catalog.tables(sql)
  const counted = yield* Effect.forEach(tables, (table) =>
    Effect.map(Catalog.count(sql, table.name), (rows) => ({ name: table.name, columns: table.columns, rows }))
  )
  const [server] = yield* sql<{ readonly version: string }>`select current_setting('server_version') as version`
  return {
    format: "betteroms-backup",
    version: VERSION,
    createdAt: DateTime.formatIso(yield* DateTime.now),
    server: server?.version ?? "",
    migrations: yield* migrationsOf(sql),
    tables: counted
  } satisfies Header
})

/**
 * Writes all tables as they are at one moment, while others go on writing. Rows are the server's own JSON text and are
 * never parsed on the way, so numbers keep every digit, and any PostgreSQL from 15 on can read them back. The file
 * appears, readable by its owner only, when it is whole.
 */
export const backup: (file: string) => Effect.Effect<Summary, DatabaseUnavailable | InvalidInput, SqlClient.SqlClient> =
  Effect.fn("Backup.backup")(function* (file: string) {
    const sql = yield* SqlClient.SqlClient
    const write = Effect.gen(function* () {
      yield* sql`set local timezone to 'UTC'`
      const header = yield* describe(sql)
      const rows = Stream.flatMap(Stream.fromIterable(header.tables), (table) =>
        Stream.map(
          sql<{ readonly line: string }>`select to_jsonb(t)::text as line from ${sql(table.name)} as t`.stream,
          ({ line }) => line
        )
      )
      yield* Archive.write(file, Stream.concat(Stream.make(encodeHeader(header)), rows))
      return summary(file, header)
    })
    return yield* observe(sql, write)
  })

/** Reads the first line, and says no to what this program or this schema cannot take. */
const accept = Effect.fn("Backup.accept")(function* (sql: SqlClient.SqlClient, file: string, line: string) {
  const header = yield* Effect.mapError(decodeHeader(line), () =>
    refused("backup_unreadable", `${file} is not a backup made by betteroms`)
  )
  if (header.version > VERSION) {
    return yield* refused("backup_newer", `${file} was made by a newer betteroms: restore it with that one`)
  }
  const known = new Map((yield* migrationsOf(sql)).map(({ id, name }) => [id, name]))
  const unknown = header.migrations.filter(({ id, name }) => known.get(id) !== name)
  if (unknown.length > 0) {
    return yield* refused(
      "backup_newer",
      `${file} comes from a newer schema, with ${unknown.map(({ name }) => name).join(", ")}: restore it with the betteroms that made it, or a newer one`
    )
  }
  return header
})

/** Tables of a file and of this database, side by side: what one knows and the other does not is told or left out. */
const matched = Effect.fn("Backup.matched")(function* (sql: SqlClient.SqlClient, file: string, header: Header) {
  const here = new Map((yield* Catalog.tables(sql)).map((table) => [table.name, table]))
  return yield* Effect.forEach(header.tables, (table) => {
    const columns = here.get(table.name)?.columns.filter((column) => table.columns.includes(column))
    return columns === undefined
      ? Effect.fail(refused("backup_unreadable", `${file} has a table ${table.name}, which this database has not`))
      : Effect.succeed({ ...table, columns })
  })
})

const occupied = Effect.fn("Backup.occupied")(function* (sql: SqlClient.SqlClient, tables: ReadonlyArray<string>) {
  const counted = yield* Effect.forEach(tables, (name) =>
    Effect.map(Catalog.count(sql, name), (rows) => ({ name, rows }))
  )
  return counted.filter(({ rows }) => rows > 0)
})

const load = Effect.fn("Backup.load")(function* (
  sql: SqlClient.SqlClient,
  tables: ReadonlyArray<typeof Table.Type>,
  lines: Stream.Stream<string, InvalidInput>
) {
  let at = 0
  let taken = 0
  const insert = (table: typeof Table.Type, rows: ReadonlyArray<string>): Effect.Effect<unknown, SqlError> => {
    const columns = sql.csv(table.columns.map((column) => sql`${sql(column)}`))
    return sql`
      insert into ${sql(table.name)} (${columns}) overriding system value
      select ${columns} from jsonb_populate_recordset(null::${sql(table.name)}, ${`[${rows.join(",")}]`}::jsonb)`
  }
  // Rows come table after table, as many as the header says.
  const keep = Effect.fnUntraced(function* (rows: ReadonlyArray<string>) {
    let rest = rows
    while (rest.length > 0) {
      const table = tables[at]
      if (table === undefined) return
      const some = rest.slice(0, table.rows - taken)
      if (some.length > 0) yield* insert(table, some)
      rest = rest.slice(some.length)
      taken += some.length
      if (taken >= table.rows) {
        at += 1
        taken = 0
      }
    }
  })
  yield* lines.pipe(
    Stream.rechunk(500),
    Stream.runForEachChunk((chunk) => keep([...chunk]))
  )
})

/**
 * What happened at the venue after the backup was made is not in it, not even that there was an account: nothing live
 * leaves until the operator has laid the account beside the venue and said that it is right.
 */
const stopLive = (sql: SqlClient.SqlClient, backup: Summary) =>
  sql`insert into stops (id, mode, reason, stopped_at)
    select ${uuidOf("stop", "restored", JSON.stringify(backup))}::uuid, 'live',
      'restored from a backup: the venue may know of orders and trades that this database does not',
      ${backup.createdAt}::timestamptz
    where not exists (select 1 from stops where mode = 'live' and condition_id is null and accepted_at is null)`

/**
 * Puts a backup into this database, all of it or nothing. The file's checksum is verified before anything is written.
 * A database that holds rows already is refused, unless `replace` says that they are to go.
 */
export const restore: (
  file: string,
  options: { readonly replace: boolean }
) => Effect.Effect<Summary, DatabaseUnavailable | InvalidInput, SqlClient.SqlClient> = Effect.fn("Backup.restore")(
  function* (file: string, options: { readonly replace: boolean }) {
    const sql = yield* SqlClient.SqlClient
    const verified = yield* Archive.verify(file)
    const header = yield* available(accept(sql, file, verified.first))
    const { rows } = summary(file, header)
    if (rows !== verified.lines - 1) {
      return yield* refused("backup_damaged", `${file} is damaged: ${verified.lines - 1} rows instead of ${rows}`)
    }
    const write = Effect.gen(function* () {
      const tables = yield* matched(sql, file, header)
      const all = (yield* Catalog.tables(sql)).map(({ name }) => name)
      const list = sql.csv(all.map((name) => sql`${sql(name)}`))
      // Whoever writes meanwhile would end up half in the old and half in the new database.
      yield* sql`set local lock_timeout to '10s'`
      yield* sql`lock table ${list} in access exclusive mode`
      if (options.replace) yield* sql`truncate ${list}`
      const found = yield* occupied(sql, all)
      if (found.length > 0) {
        const named = found.map((table) => `${table.name} (${table.rows})`).join(", ")
        return yield* refused(
          "database_not_empty",
          `the database holds rows already, in ${named}; nothing was restored`
        )
      }
      yield* load(sql, tables, Stream.drop(Archive.lines(file, verified), 1))
      for (const table of tables) {
        const rows = yield* Catalog.count(sql, table.name)
        if (rows !== table.rows) {
          return yield* refused("backup_damaged", `${table.name} has ${rows} rows after the restore, not ${table.rows}`)
        }
      }
      yield* Catalog.advanceSequences(sql)
      yield* stopLive(sql, summary(file, header))
      return summary(file, header)
    })
    return yield* available(sql.withTransaction(write))
  }
)
