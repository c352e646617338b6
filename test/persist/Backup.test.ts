import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as zlib from "node:zlib"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Db from "../../src/layers/Db.ts"
import * as Backup from "../../src/persist/Backup.ts"
import * as Catalog from "../../src/persist/Catalog.ts"
import { freshDatabase } from "../database.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "betteroms-backup-"))),
  (made) => Effect.sync(() => fs.rmSync(made, { recursive: true, force: true }))
)

/** Work on a database of its own. */
const on = <A, E>(url: string, work: Effect.Effect<A, E, SqlClient.SqlClient>) =>
  Effect.provide(work, Db.layer({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))

/** Amounts that a double cannot hold, texts that a line or a JSON parser could trip over. */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.unsafe(`
    insert into runs (plan_id, mode, status, plan_hash, started_at, summary_json, error_message, created_at)
    select 'plan-' || n, 'paper', 'completed', repeat('a', 64), '2026-01-02 03:04:05.678901+00',
           '{"exact": 123456789012345678.123456}', E'line one\\nline two\\u2028 "quoted" \\\\ Zürich', '2026-01-02 03:04:05Z'
    from generate_series(1, 1203) n;
    insert into orders (id, plan_id, instruction, mode, market_id, condition_id, token_id, outcome_index, outcome, side,
      price, size, size_unit, qty, time_in_force, status, placed_at, created_at, updated_at)
    select gen_random_uuid(), plan_id, 0, 'paper', 'm', 'c', 't', 0, 'Yes', 'BUY', 0.4567, 999999999999.123456, 'SHARES',
      999999999999.123456, 'GTC', 'filled', started_at, started_at, started_at from runs;
    insert into executions (id, order_id, mode, condition_id, outcome_index, side, qty, price, notional, liquidity, final,
      executed_at, created_at)
    select gen_random_uuid(), id, 'paper', 'c', 0, 'BUY', 0.000001, 0.0001, 99999999999999.999999, 'taker', true,
      placed_at, placed_at from orders;
    insert into cash_ledger (id, mode, kind, amount, created_at)
    values (gen_random_uuid(), 'paper', 'opening', 100000, '2026-01-01T00:00:00Z');`)
})

/** Every row of every table as text, but for what stops trading, and what the next execution would be numbered. */
const contents = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = (yield* Catalog.tables(sql)).filter(({ name }) => name !== "stops")
  const rows = yield* Effect.forEach(tables, (table) =>
    Effect.map(
      sql<{ readonly text: string }>`select t::text as text from ${sql(table.name)} as t order by 1`,
      (found) => [table.name, ...found.map(({ text }) => text)]
    )
  )
  const [next] = yield* sql<{ readonly n: string }>`select nextval('executions_seq_seq') as n`
  return { rows, next: next?.n }
})

const code = (result: Either.Either<unknown, unknown>) =>
  Either.match(result, {
    onLeft: (error) => (typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined),
    onRight: () => "no failure"
  })

describe("Backup", () => {
  it.scoped("a restored database equals the one that was backed up, to the last digit", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "book.backup")
      const [from, to] = yield* Effect.all([freshDatabase, freshDatabase])
      const written = yield* on(from, Effect.zipRight(fill, Backup.backup(file)))
      assert.strictEqual(written.rows, 3 * 1203 + 1)
      assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
      assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), ["book.backup"])
      const read = yield* on(to, Backup.restore(file, { replace: false }))
      assert.deepStrictEqual(read, written)
      assert.deepStrictEqual(yield* on(to, contents), yield* on(from, contents))
    })
  )

  it.scoped("a backup shows one moment, whatever is written while it is made", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "book.backup")
      const [from, to] = yield* Effect.all([freshDatabase, freshDatabase])
      yield* on(from, fill)
      const meddle = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`delete from executions`
        yield* sql`delete from orders`
      })
      yield* on(from, Effect.all([Backup.backup(file), meddle], { concurrency: 2 }))
      const read = yield* on(to, Backup.restore(file, { replace: false }))
      const rows = new Map(read.tables.map((table) => [table.name, table.rows]))
      // Both deletions were seen or none, or only the first: never an execution without its order.
      assert.isAtMost(rows.get("executions") ?? 0, rows.get("orders") ?? 0)
      assert.strictEqual(rows.get("runs"), 1203)
    })
  )

  it.scoped("rows that are there already are kept, unless they are to be replaced", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "book.backup")
      const [from, to] = yield* Effect.all([freshDatabase, freshDatabase])
      yield* on(from, Effect.zipRight(fill, Backup.backup(file)))
      yield* on(to, fill)
      const before = yield* on(to, contents)
      assert.strictEqual(
        code(yield* Effect.either(on(to, Backup.restore(file, { replace: false })))),
        "database_not_empty"
      )
      assert.deepStrictEqual((yield* on(to, contents)).rows, before.rows)
      yield* on(to, Backup.restore(file, { replace: true }))
      assert.deepStrictEqual((yield* on(to, contents)).rows, (yield* on(from, contents)).rows)
    })
  )

  it.scoped(
    "a file that is damaged, cut, of a newer schema or none at all is refused before anything is replaced",
    () =>
      Effect.gen(function* () {
        const at = yield* folder
        const file = path.join(at, "book.backup")
        const url = yield* freshDatabase
        yield* on(url, Effect.zipRight(fill, Backup.backup(file)))
        const before = yield* on(url, contents)
        const whole = fs.readFileSync(file)
        const text = zlib.gunzipSync(whole).toString()
        const spoilt: ReadonlyArray<readonly [string, Buffer, string]> = [
          ["cut", whole.subarray(0, whole.length - 100), "backup_damaged"],
          ["changed", zlib.gzipSync(text.replace("0.4567", "0.4568")), "backup_damaged"],
          ["without its end", zlib.gzipSync(text.split("\n").slice(0, -2).join("\n")), "backup_damaged"],
          ["not compressed", Buffer.from(text), "backup_damaged"],
          ["empty", Buffer.alloc(0), "backup_damaged"]
        ]
        for (const [name, bytes, expected] of spoilt) {
          fs.writeFileSync(file, bytes)
          assert.strictEqual(
            code(yield* Effect.either(on(url, Backup.restore(file, { replace: true })))),
            expected,
            name
          )
        }
        const missing = path.join(at, "nowhere")
        assert.strictEqual(
          code(yield* Effect.either(on(url, Backup.restore(missing, { replace: true })))),
          "backup_unreadable"
        )
        fs.writeFileSync(file, whole)
        const newer = Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* sql`insert into schema_migrations (migration_id, name) values (999, 'later')`
          yield* Backup.backup(file)
          yield* sql`delete from schema_migrations where migration_id = 999`
          return yield* Effect.either(Backup.restore(file, { replace: true }))
        })
        assert.strictEqual(code(yield* on(url, newer)), "backup_newer")
        assert.deepStrictEqual((yield* on(url, contents)).rows, before.rows)
      })
  )

  it.scoped("a file that cannot be written is told, and nothing is left of it", () =>
    Effect.gen(function* () {
      const at = yield* folder
      const url = yield* freshDatabase
      const nowhere = path.join(at, "no", "such", "folder")
      assert.strictEqual(code(yield* Effect.either(on(url, Backup.backup(nowhere)))), "backup_unwritable")
      assert.deepStrictEqual(fs.readdirSync(at), [])
    })
  )
})
