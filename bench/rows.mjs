// The other side of a comparison: the rows a run has written, read back and inserted again into fresh tables with one
// `unnest` statement for each table.
import { readFileSync } from "node:fs"
import { join } from "node:path"

/** In the order in which foreign keys allow them to be written. */
export const TABLES = [
  "plans",
  "runs",
  "cash_ledger",
  "orders",
  "executions",
  "positions",
  "market_snapshots",
  "audit_head",
  "audit_logs"
]

/** Those that only live trading fills. */
export const LIVE_TABLES = ["live_account", "stops", "halts", "simulated_verdicts"]

const MIGRATIONS = new URL("../migrations/", import.meta.url)

/** Fresh, empty tables of the same make in a schema of their own: columns, checks, keys and indexes. */
export const copyTables = async (client, schema, migrations) => {
  await client.query(`drop schema if exists ${schema} cascade; create schema ${schema}; set search_path to ${schema}`)
  for (const file of migrations) await client.query(readFileSync(join(MIGRATIONS.pathname, file), "utf8"))
  await client.query("set search_path to public")
}

/** Rows of every table as columns of text, with the columns' types. */
export const readRows = async (client) => {
  const tables = []
  for (const table of TABLES) {
    const { rows: columns } = await client.query(
      `select attname as name, case when typname in ('varchar', 'bpchar') then 'text' else typname end as type
       from pg_attribute join pg_type on pg_type.oid = atttypid
       where attrelid = 'public.${table}'::regclass and attnum > 0 and not attisdropped order by attnum`
    )
    const { rows } = await client.query({
      text: `select ${columns.map((each) => `${each.name}::text`).join(", ")} from public.${table}`,
      rowMode: "array"
    })
    tables.push({
      table,
      columns: columns.map((each) => each.name),
      types: columns.map((each) => each.type),
      values: columns.map((_, index) => rows.map((row) => row[index])),
      rows: rows.length
    })
  }
  return tables.filter((each) => each.rows > 0)
}

/** One `unnest` statement for a table. */
export const insertOf = (schema, { columns, table, types }) =>
  `insert into ${schema}.${table} (${columns.join(", ")}) overriding system value select * from unnest(${types
    .map((type, index) => `$${index + 1}::${type}[]`)
    .join(", ")})`

const literal = (column) =>
  `{${column.map((cell) => (cell === null ? "NULL" : `"${cell.replace(/["\\]/g, "\\$&")}"`)).join(",")}}`

/** The same rows with every column spelt out as PostgreSQL reads it, so that a client has nothing left to do but send. */
export const spelt = (tables) => tables.map((each) => ({ ...each, values: each.values.map(literal) }))

/** Inserts every table in one transaction. */
export const insertRows = async (client, schema, tables) => {
  await client.query("begin")
  for (const each of tables) await client.query(insertOf(schema, each), each.values)
  await client.query("commit")
}
