import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Db from "../../src/layers/Db.ts"
import * as Migrations from "../../src/layers/Migrations.ts"
import { bareDatabase, database } from "../database.ts"

/** A folder of migrations. */
const files = (contents: Record<string, string>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "betteroms-migrations-"))),
      (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
    ),
    (folder) => {
      for (const [name, text] of Object.entries(contents)) fs.writeFileSync(path.join(folder, name), text)
      return folder
    }
  )

const on = <A, E>(url: string, work: Effect.Effect<A, E, SqlClient.SqlClient>) =>
  Effect.provide(work, Db.layerUnmigrated({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))

const tables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql<{ readonly name: string }>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`
  return found.map(({ name }) => name)
})

const states = (migrations: Effect.Effect.Success<typeof Migrations.status>) =>
  migrations.map(({ id, state }) => `${id} ${state}`)

const ONE = { "0001_one.sql": "create table one (n int); create table uno (n int);" }
const TWO = { "0002_two.sql": "create table two (n int);" }

describe("Migrations", () => {
  it.layer(database)("in a database of this program", (it) => {
    it.effect("every migration is applied, and applying them again does nothing", () =>
      Effect.gen(function* () {
        const all = yield* Migrations.status
        assert.isNotEmpty(all)
        assert.isTrue(all.every((migration) => migration.state === "applied"))
        assert.deepStrictEqual(yield* Migrations.migrate, { applied: [] })
      })
    )

    it.effect("amounts and counts arrive as text, times as dates", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const [row] = yield* sql`select 0.10::numeric(10, 4) as price, 9007199254740993::int8 as count,
          '2026-01-02T03:04:05.678Z'::timestamptz as at`
        assert.strictEqual(row?.price, "0.1000")
        assert.strictEqual(row?.count, "9007199254740993")
        assert.strictEqual(row?.at instanceof Date && row.at.toISOString(), "2026-01-02T03:04:05.678Z")
      })
    )
  })

  it.scoped("processes that come at the same moment to an empty database apply each file once", () =>
    Effect.gen(function* () {
      const { migrate } = Migrations.from(yield* files({ ...ONE, ...TWO }))
      const url = yield* bareDatabase
      const done = yield* Effect.all([on(url, migrate), on(url, migrate), on(url, migrate)], { concurrency: 3 })
      assert.deepStrictEqual(done.flatMap(({ applied }) => applied).sort(), ["0001_one", "0002_two"])
      assert.deepStrictEqual(yield* on(url, tables), ["one", "schema_migrations", "two", "uno"])
    })
  )

  it.scoped("a later file is applied on top of the earlier ones", () =>
    Effect.gen(function* () {
      const folder = yield* files(ONE)
      const { migrate, status } = Migrations.from(folder)
      const url = yield* bareDatabase
      assert.deepStrictEqual(states(yield* on(url, status)), ["1 pending"])
      assert.deepStrictEqual((yield* on(url, migrate)).applied, ["0001_one"])
      fs.writeFileSync(path.join(folder, "0002_two.sql"), TWO["0002_two.sql"])
      assert.deepStrictEqual(states(yield* on(url, status)), ["1 applied", "2 pending"])
      assert.deepStrictEqual((yield* on(url, migrate)).applied, ["0002_two"])
    })
  )

  it.scoped("of a file that fails nothing is kept, nor of those before it", () =>
    Effect.gen(function* () {
      const { migrate } = Migrations.from(yield* files({ ...ONE, "0002_bad.sql": "create table two (n nonsense);" }))
      const url = yield* bareDatabase
      const failure = yield* Effect.flip(on(url, migrate))
      assert.strictEqual(failure._tag, "DatabaseUnavailable")
      assert.include(failure.message, "2_bad")
      assert.include(failure.message, 'type "nonsense" does not exist')
      assert.deepStrictEqual(yield* on(url, tables), [])
    })
  )

  it.scoped("a database of a newer program is refused and not written to", () =>
    Effect.gen(function* () {
      const folder = yield* files({ ...ONE, ...TWO })
      const { migrate, status } = Migrations.from(folder)
      const url = yield* bareDatabase
      yield* on(url, migrate)
      fs.rmSync(path.join(folder, "0002_two.sql"))
      fs.writeFileSync(path.join(folder, "0003_three.sql"), "create table three (n int);")
      assert.deepStrictEqual(states(yield* on(url, status)), ["1 applied", "2 missing", "3 pending"])
      const failure = yield* Effect.flip(on(url, migrate))
      assert.include(failure.message, "newer than this program: it has 0002_two")
      assert.notInclude(yield* on(url, tables), "three")
    })
  )

  it.scoped("a file edited after it was applied is told, and one numbered below the highest is refused", () =>
    Effect.gen(function* () {
      const folder = yield* files({ ...TWO, "0003_three.sql": "select 1;" })
      const { migrate, status } = Migrations.from(folder)
      const url = yield* bareDatabase
      yield* on(url, migrate)
      fs.appendFileSync(path.join(folder, "0003_three.sql"), "-- changed")
      assert.deepStrictEqual(states(yield* on(url, status)), ["2 applied", "3 edited"])
      assert.deepStrictEqual(yield* on(url, migrate), { applied: [] })
      fs.writeFileSync(path.join(folder, "0001_one.sql"), ONE["0001_one.sql"])
      assert.deepStrictEqual(states(yield* on(url, status)), ["1 late", "2 applied", "3 edited"])
      assert.include((yield* Effect.flip(on(url, migrate))).message, "0001_one came after a higher number")
    })
  )
})
