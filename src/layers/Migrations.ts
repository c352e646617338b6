import * as crypto from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as SqlSchema from "@effect/sql/SqlSchema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { DatabaseUnavailable } from "../domain/Failure.ts"
import { codeOf, orUnavailable } from "./SqlFailure.ts"

/** The table that tells which files were applied, and what they were. */
const TABLE = "schema_migrations"
/** The first 48 bits of SHA-256 over "betteroms migrations". */
const LOCK = "272965669853055"
const OLDEST_SERVER = 150_000

interface File {
  readonly id: number
  readonly name: string
  readonly text: string
  readonly sha256: string
}

/** One migration, as file and database together show it. */
export interface Migration {
  readonly id: number
  readonly name: string
  readonly appliedAt: Option.Option<Date>
  /**
   * `edited`: the file is no longer what was applied. `late`: not applied and never will be, for a higher number was
   * applied before it came. `missing`: applied, but this program has no such file.
   */
  readonly state: "applied" | "pending" | "edited" | "late" | "missing"
}

interface Migrations {
  /**
   * Brings the database to the schema of the files: one query when it is there already. All pending files are one
   * transaction. A database that a newer program has migrated is refused and not written to.
   */
  readonly migrate: Effect.Effect<{ readonly applied: ReadonlyArray<string> }, DatabaseUnavailable, SqlClient.SqlClient>
  /** Every migration the files or this database know, in order. Writes nothing. */
  readonly status: Effect.Effect<ReadonlyArray<Migration>, DatabaseUnavailable, SqlClient.SqlClient>
}

const Applied = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  appliedAt: Schema.DateFromSelf,
  sha256: Schema.NullOr(Schema.String),
  server: Schema.Int
})
type Applied = typeof Applied.Type

const FILE = /^(\d+)_(.+)\.sql$/

/** Upwards from this module, so that it is found from source and from the bundle. */
const shipped = (): string => {
  for (let at = import.meta.dirname; ; at = path.dirname(at)) {
    const candidate = path.join(at, "migrations")
    if (fs.existsSync(candidate) && fs.readdirSync(candidate).some((name) => FILE.test(name))) return candidate
    if (path.dirname(at) === at) return path.resolve("migrations")
  }
}

const read = (from: string) =>
  Effect.try({
    try: (): ReadonlyArray<File> => {
      return fs
        .readdirSync(from)
        .flatMap((file) => {
          const [, id, name] = FILE.exec(file) ?? []
          if (id === undefined || name === undefined) return []
          const text = fs.readFileSync(path.join(from, file), "utf8")
          return [{ id: Number(id), name, text, sha256: crypto.createHash("sha256").update(text).digest("hex") }]
        })
        .sort((a, b) => a.id - b.id)
    },
    catch: (cause) => new DatabaseUnavailable({ message: `the migrations of this program cannot be read: ${cause}` })
  })

const applied = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const find = SqlSchema.findAll({
    Request: Schema.Void,
    Result: Applied,
    execute: () => sql`
      select migration_id as id, name, created_at as "appliedAt", sha256,
             current_setting('server_version_num')::int as server
      from ${sql(TABLE)} order by migration_id`
  })
  return yield* find()
}).pipe(
  Effect.catchTag("ParseError", () =>
    Effect.fail(new DatabaseUnavailable({ message: `the table ${TABLE} is not one of this program's` }))
  ),
  // 42P01: no such table, so nothing was ever applied here.
  Effect.catchIf(
    (error): error is SqlError => error._tag === "SqlError" && codeOf(error) === "42P01",
    () => Effect.succeed<ReadonlyArray<Applied>>([])
  )
)

const compare = (files: ReadonlyArray<File>, rows: ReadonlyArray<Applied>): ReadonlyArray<Migration> => {
  const highest = Math.max(0, ...rows.map((row) => row.id))
  const byId = new Map(rows.map((row) => [row.id, row]))
  const known = files.map((file): Migration => {
    const row = byId.get(file.id)
    if (row === undefined) {
      return { id: file.id, name: file.name, appliedAt: Option.none(), state: file.id < highest ? "late" : "pending" }
    }
    // A name that changed is a different migration under the same number.
    const edited = row.name !== file.name || (row.sha256 !== null && row.sha256 !== file.sha256)
    return { id: row.id, name: row.name, appliedAt: Option.some(row.appliedAt), state: edited ? "edited" : "applied" }
  })
  const ids = new Set(files.map((file) => file.id))
  const missing = rows
    .filter((row) => !ids.has(row.id))
    .map((row): Migration => ({ id: row.id, name: row.name, appliedAt: Option.some(row.appliedAt), state: "missing" }))
  return [...known, ...missing].sort((a, b) => a.id - b.id)
}

const label = (migration: { readonly id: number; readonly name: string }) =>
  `${String(migration.id).padStart(4, "0")}_${migration.name}`

const refuseOld = (server: number) =>
  server >= OLDEST_SERVER
    ? Effect.void
    : Effect.fail(
        new DatabaseUnavailable({
          message: `the database server is PostgreSQL ${Math.floor(server / 10_000)}; 15 or later is needed`
        })
      )

/** Under a lock that only one process holds, also when the table itself does not exist yet. */
const apply = Effect.fn("Migrations.apply")(function* (files: ReadonlyArray<File>) {
  const sql = yield* SqlClient.SqlClient
  const [server] = yield* sql<{ readonly number: number }>`select current_setting('server_version_num')::int as number`
  yield* refuseOld(server?.number ?? 0)
  yield* sql`select pg_advisory_xact_lock(${sql.literal(LOCK)})`
  yield* sql`create table if not exists ${sql(TABLE)} (
    migration_id integer primary key,
    created_at timestamptz not null default now(),
    name text not null,
    sha256 char(64)
  )`
  const loader = Effect.succeed(
    files.map(
      (file): Migrator.ResolvedMigration => [file.id, file.name, Effect.succeed(Effect.asVoid(sql.unsafe(file.text)))]
    )
  )
  const done = yield* Migrator.make({})({ loader, table: TABLE })
  const ids = new Set(done.map(([id]) => id))
  for (const file of files) {
    if (ids.has(file.id)) {
      yield* sql`update ${sql(TABLE)} set sha256 = ${file.sha256} where migration_id = ${file.id}`
    }
  }
  return done.map(([id, name]) => label({ id, name }))
})

const refuse = Effect.fn("Migrations.refuse")(function* (all: ReadonlyArray<Migration>) {
  const named = (state: Migration["state"]) =>
    all
      .filter((migration) => migration.state === state)
      .map(label)
      .join(", ")
  const [edited, late, missing] = [named("edited"), named("late"), named("missing")]
  if (missing !== "") {
    return yield* new DatabaseUnavailable({
      message: `the database is newer than this program: it has ${missing}; use the program that made it, or a newer one`
    })
  }
  if (late !== "") {
    return yield* new DatabaseUnavailable({
      message: `${late} came after a higher number was applied and would never run: give it a higher number`
    })
  }
  if (edited !== "") yield* Effect.logWarning(`edited after being applied, the database has the old text: ${edited}`)
})

const failedMigration = (error: Migrator.MigrationError) => {
  const cause: unknown = error.cause
  const why =
    cause instanceof Error && "_tag" in cause && cause._tag === "SqlError" ? Reflect.get(cause, "cause") : cause
  return new DatabaseUnavailable({
    message: `${error.message}${why instanceof Error ? `: ${why.message}` : ""}; nothing of it was kept`
  })
}

/** The migrations of a folder of .sql files, named `0001_words.sql` and so on. */
export const from = (folder: string): Migrations => {
  const status = Effect.gen(function* () {
    return compare(yield* read(folder), yield* applied)
  }).pipe(orUnavailable)

  const migrate = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const files = yield* read(folder)
    const rows = yield* applied
    yield* Effect.forEach(rows.slice(0, 1), (row) => refuseOld(row.server), { discard: true })
    const all = compare(files, rows)
    yield* refuse(all)
    if (all.every((migration) => migration.state !== "pending")) return { applied: [] }
    return { applied: yield* sql.withTransaction(apply(files)) }
  }).pipe(
    // A file that fails is a defect to the migrator.
    Effect.catchSomeDefect((defect) =>
      defect instanceof Migrator.MigrationError ? Option.some(Effect.fail(defect)) : Option.none()
    ),
    Effect.catchTag("MigrationError", (error) => Effect.fail(failedMigration(error))),
    orUnavailable
  )
  return { migrate, status }
}

/** The migrations of this program. */
export const { migrate, status } = from(shipped())
