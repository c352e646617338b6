import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import { type Look, table } from "./Table.ts"

/** A migration and whether the database has it. */
export interface MigrationRow {
  readonly id: number
  readonly name: string
  readonly appliedAt: Option.Option<Date>
  readonly state: string
}

const when = (at: Option.Option<Date>): string =>
  Option.match(at, { onNone: () => "", onSome: (date) => DateTime.formatIso(DateTime.unsafeMake(date)) })

/** Migrations for people. */
export const migrationsText = (migrations: ReadonlyArray<MigrationRow>, look: Look): string =>
  table(
    [{ title: "Migration" }, { title: "State" }, { title: "Applied at" }],
    migrations.map(({ appliedAt, id, name, state }) => [
      `${String(id).padStart(4, "0")} ${name}`,
      { text: state, tone: state === "applied" ? "good" : "warn" },
      when(appliedAt)
    ]),
    look
  )

/** Migrations for programs. */
export const migrationsJson = (migrations: ReadonlyArray<MigrationRow>) =>
  migrations.map(({ appliedAt, ...rest }) => ({
    ...rest,
    appliedAt: Option.isSome(appliedAt) ? when(appliedAt) : null
  }))

/** Where a database is: the embedded one in its folder, or a server that was named. */
export type DatabaseStatus =
  | {
      readonly kind: "embedded"
      readonly state: "running" | "stopped" | "absent"
      readonly pid: Option.Option<number>
      readonly dataDir: string
      readonly socketDir: Option.Option<string>
      readonly log: string
      readonly version: Option.Option<string>
      readonly users: ReadonlyArray<string>
    }
  | {
      readonly kind: "server"
      readonly host: string
      readonly port: string
      readonly database: string
      readonly migrations: ReadonlyArray<MigrationRow>
    }

/** The status for programs. */
export const statusJson = (status: DatabaseStatus) =>
  status.kind === "server"
    ? { ...status, migrations: migrationsJson(status.migrations) }
    : {
        ...status,
        pid: Option.getOrNull(status.pid),
        socketDir: Option.getOrNull(status.socketDir),
        version: Option.getOrNull(status.version)
      }

/** The status for people. */
export const statusText = (status: DatabaseStatus, look: Look): string => {
  const facts: ReadonlyArray<readonly [string, string]> =
    status.kind === "server"
      ? [
          ["Server", `${status.host}${status.port === "" ? "" : `:${status.port}`}, named by DATABASE_URL`],
          ["Database", status.database]
        ]
      : [
          ["Embedded PostgreSQL", `${Option.getOrElse(status.version, () => "")} ${status.state}`.trim()],
          ["Process", Option.match(status.pid, { onNone: () => "none", onSome: String })],
          ["Used by", status.users.length === 0 ? "nobody now" : `process ${status.users.join(", ")}`],
          ["Data", status.dataDir],
          ["Log", status.log]
        ]
  const facing = table(
    [{ title: "Database" }, { title: "Found", give: "wrap" }],
    facts.map(([name, fact]) => [name, fact]),
    look
  )
  return status.kind === "server" ? `${facing}\n${migrationsText(status.migrations, look)}` : facing
}

/** A backup that was written or read. */
export interface ArchiveRow {
  readonly file: string
  readonly createdAt: string
  readonly rows: number
  readonly tables: ReadonlyArray<{ readonly name: string; readonly rows: number }>
}

/** A backup for people. */
export const archiveText = (verb: string, archive: ArchiveRow, look: Look): string =>
  [
    table(
      [{ title: "Table" }, { title: "Rows", align: "right" }],
      archive.tables.map(({ name, rows }) => [name, `${rows}`]),
      look
    ),
    `${verb}: ${archive.file}, ${archive.rows} rows as of ${archive.createdAt}`
  ].join("\n")
