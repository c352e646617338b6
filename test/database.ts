import type * as SqlClient from "@effect/sql/SqlClient"
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { inject } from "vitest"
import * as Db from "../src/layers/Db.ts"
import { administer, at } from "./cluster.ts"

let made = 0

const copyOf = Effect.fn(function* (original: string) {
  const cluster = inject("cluster")
  made += 1
  const name = `${inject("template")}_${process.pid}_${made}`
  yield* Effect.acquireRelease(administer(cluster, `create database ${name} template ${original}`), () =>
    administer(cluster, `drop database if exists ${name} with (force)`)
  )
  return at(cluster, name)
})

/** A database of one's own, empty but for the schema; dropped with the scope. Its address serves `DATABASE_URL`. */
export const freshDatabase: Effect.Effect<string, never, Scope.Scope> = Effect.suspend(() => copyOf(inject("template")))

/** A database of one's own without any table. */
export const bareDatabase: Effect.Effect<string, never, Scope.Scope> = copyOf("template1")

/** The environment for a command that is to use a database of its own. */
export const environment = (url: string) => ({ DATABASE_URL: url })

/** A database of one's own for a test file, with its client. */
export const database: Layer.Layer<SqlClient.SqlClient | PgClient.PgClient> = Layer.unwrapScoped(
  Effect.map(freshDatabase, (url) =>
    Layer.orDie(Db.layerUnmigrated({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))
  )
)
