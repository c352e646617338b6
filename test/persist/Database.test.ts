import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { available, describe as told, transactAsking } from "../../src/persist/Database.ts"
import { database } from "../database.ts"

const failure = (cause: Readonly<Record<string, string>>) =>
  new SqlError({ cause, message: "Failed to execute statement" })

describe("what is told of a database error", () => {
  it("names the constraint and holds no value of the row", () => {
    const text = told(
      failure({
        code: "23505",
        message: 'duplicate key value violates "orders_pkey"',
        detail: "Key (id)=(secret-id) already exists.",
        table: "orders",
        constraint: "orders_pkey"
      })
    )
    assert.strictEqual(text, "the database refused a statement: SQLSTATE 23505 at orders, orders_pkey")
  })

  it("holds no value that the message itself quotes", () => {
    const text = told(failure({ code: "22P02", message: 'invalid input syntax for type uuid: "hunter2"' }))
    assert.strictEqual(text, "the database refused a statement: SQLSTATE 22P02")
  })

  it("says why the server cannot be used", () => {
    assert.strictEqual(
      told(failure({ code: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:5432" })),
      "the database cannot be used: connect ECONNREFUSED 127.0.0.1:5432 (ECONNREFUSED)"
    )
    assert.strictEqual(told(new SqlError({ cause: undefined })), "the database cannot be used: no reason given")
  })

  it.effect("is the same where a transaction could not even be rolled back", () =>
    Effect.gen(function* () {
      const lost = failure({ message: "Connection terminated unexpectedly" })
      const failed = yield* Effect.flip(available(Effect.fail(lost)))
      const died = yield* Effect.flip(available(Effect.die(lost)))
      assert.deepStrictEqual([failed._tag, died._tag], ["DatabaseUnavailable", "DatabaseUnavailable"])
      assert.strictEqual((yield* Effect.exit(available(Effect.die("a bug"))))._tag, "Failure")
      assert.strictEqual(yield* Effect.flip(available(Effect.fail("other" as const))), "other")
    })
  )
})

describe("a write that is left to the commit", () => {
  it.effect("is stored as it was given, whatever is in its text", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`create table words (said text)`
      const said = `'; drop table words; -- $1 \\ "$2" \\'`
      yield* transactAsking(sql, "paper", [], (_, leave) =>
        Effect.sync(() => leave(sql`insert into words (said) values (${said}), (${null})`))
      )
      const rows = yield* sql<{ readonly said: string | null }>`select said from words`
      assert.deepStrictEqual(
        rows.map((row) => row.said),
        [said, null]
      )
    }).pipe(Effect.provide(database))
  )

  it.effect(
    "and that the database refuses leaves nothing behind: what was written before, a lock, a broken connection",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`create table amounts (id int primary key)`
        const refused = transactAsking(sql, "paper", [], (_, leave) =>
          Effect.zipRight(
            sql`insert into amounts (id) values (1)`,
            Effect.sync(() => leave(sql`insert into amounts (id) values (1)`))
          )
        )
        // More often than there are connections.
        for (let turn = 0; turn < 12; turn++) assert.match((yield* Effect.flip(refused)).message, /23505 at amounts/)
        assert.deepStrictEqual(yield* sql`select id from amounts`, [])
        yield* transactAsking(sql, "paper", [], (_, leave) =>
          Effect.sync(() => leave(sql`insert into amounts (id) values (2)`))
        )
        assert.strictEqual((yield* sql`select id from amounts`).length, 1)
      }).pipe(Effect.provide(database))
  )
})
