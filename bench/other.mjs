// node other.mjs ADDRESS SCHEMA ROWS [PLAN]: a bare client that commits the rows of a file into the tables of a schema,
// and tells how long that took, with the reading of the plan if one is named, and without its own start.
import { readFileSync } from "node:fs"
import { performance } from "node:perf_hooks"
import pg from "pg"
import { insertRows } from "./rows.mjs"

const [, , address, schema, rows, plan] = process.argv
const client = new pg.Client(JSON.parse(address))
await client.connect()
const tables = JSON.parse(readFileSync(rows, "utf8"))
const bytes = plan === undefined ? undefined : readFileSync(plan)
const busy = process.cpuUsage()
const started = performance.now()
if (bytes !== undefined) JSON.parse(bytes.toString())
const parsed = performance.now()
await insertRows(client, schema, tables)
const ended = performance.now()
const { system, user } = process.cpuUsage(busy)
console.log(JSON.stringify({ millis: ended - started, parse: parsed - started, cpu: (user + system) / 1_000 }))
await client.end()
