// A small command for the tests of the embedded server: it keeps numbers in the database of a home.
// Arguments: HOME SHARED ACTION [NUMBER]
import * as SqlClient from "@effect/sql/SqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Embedded from "../../src/layers/Embedded.ts"
import { orUnavailable } from "../../src/layers/SqlFailure.ts"

const [, , home = "", shared = "", action = "", number = "0"] = process.argv

const database = Layer.unwrapScoped(
  Effect.map(Embedded.acquire(home, { shared, durable: false }), ({ database, host, port, user }) =>
    PgClient.layer({ host, port, database, username: user })
  )
)

const insert = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly n: number }>`insert into numbers default values returning n`
  yield* Console.log(`kept ${row?.n}`)
})

const count = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly n: string }>`select count(*) as n from numbers`
  yield* Console.log(`count ${row?.n}`)
})

const released = Effect.async<void>((resume) => {
  process.stdin.on("end", () => resume(Effect.void)).resume()
})

const actions: Record<string, Effect.Effect<void, unknown, SqlClient.SqlClient>> = {
  count,
  insert: Effect.repeatN(insert, Number(number) - 1),
  endlessly: Effect.repeat(insert, Schedule.forever),
  // Until its input ends.
  hold: Effect.zipRight(Console.log("inside"), Effect.zipRight(released, count)),
  // In a transaction, where the end of the server also breaks the rollback.
  ask: Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(
      Effect.gen(function* () {
        yield* insert
        yield* Console.log("inside")
        yield* sql`select pg_sleep(60)`
      })
    )
  )
}

const main = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.withTransaction(
    Effect.zipRight(
      sql`select pg_advisory_xact_lock(1)`,
      sql`create table if not exists numbers (n int generated always as identity primary key)`
    )
  )
  yield* actions[action] ?? Effect.void
}).pipe(
  Effect.provide(database),
  orUnavailable,
  Effect.tapError((error) => Console.log(`failed ${error}`))
)

const finish = (code: number) => {
  process.exitCode = code
}
Effect.runCallback(main, { onExit: (exit) => finish(Exit.isSuccess(exit) ? 0 : 6) })
