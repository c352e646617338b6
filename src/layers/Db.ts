import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Pg from "pg"
import { DatabaseUnavailable } from "../domain/Failure.ts"
import * as Embedded from "./Embedded.ts"
import * as Migrations from "./Migrations.ts"
import { describe } from "./SqlFailure.ts"

export interface Options {
  /** A server of the operator's own; without it the embedded one of the home is used. */
  readonly databaseUrl: Option.Option<Redacted.Redacted>
  /** BETTEROMS_HOME, absolute or relative to the working directory. */
  readonly home: string
}

const CONNECT_MILLIS = 10_000

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Text without anything of the address that may be a password. One with a stray "/" or "#" is torn apart by parsers, and
 * its parts turn up as host, port or database in messages: so every part of what stands before the "@" counts.
 */
const scrubbed = (text: string, url: string): string => {
  const [, login = ""] = /^[a-z]+:\/\/[^:]*:(.*)@/i.exec(url) ?? []
  const parameters = [...url.matchAll(/password=([^&]*)/gi)].map(([, value = ""]) => value)
  return [url, ...login.split(/[:@/?#]/), ...parameters]
    .flatMap((secret) => [secret, decoded(secret)])
    .filter((secret) => secret !== "")
    .reduce((cleaned, secret) => cleaned.replaceAll(secret, "***"), text)
}

const poolOptions = (address: Option.Option<Embedded.Address>, url: string): Pg.PoolConfig => ({
  ...Option.match(address, { onNone: () => ({ connectionString: url }), onSome: (to) => ({ ...to, ssl: false }) }),
  application_name: "betteroms",
  connectionTimeoutMillis: CONNECT_MILLIS,
  // Without it a server that vanishes from the network is waited for until the system gives up.
  keepAlive: true,
  max: 10
})

const unreachable = (where: string, why: string) =>
  new DatabaseUnavailable({ message: `cannot use the database at ${where}: ${why}` })

const client = Effect.fn("Db.client")(function* (options: Options) {
  const url = Option.match(options.databaseUrl, { onNone: () => "", onSome: Redacted.value })
  const where = url === "" ? options.home : "DATABASE_URL"
  const address = url === "" ? Option.some(yield* Embedded.acquire(options.home)) : Option.none()
  const fail = (cause: unknown) => {
    const error = cause instanceof SqlError ? cause : new SqlError({ cause, message: "no connection" })
    return unreachable(where, scrubbed(describe(error), url))
  }
  const acquire = Effect.acquireRelease(
    Effect.try({
      try: () => {
        const chosen = poolOptions(address, url)
        // The pool reads the address only when it connects, where its complaint would be an uncaught one.
        new Pg.Client(chosen)
        const pool = new Pg.Pool(chosen)
        // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
        pool.on("error", () => undefined)
        return pool
      },
      catch: (cause) => new SqlError({ cause, message: "no pool" })
    }),
    (pool) => Effect.promise(() => pool.end()).pipe(Effect.interruptible, Effect.timeoutOption("1 second"))
  )
  const made = yield* Effect.mapError(PgClient.fromPool({ acquire, applicationName: "betteroms" }), fail)
  return { made, fail }
})

const connected = Effect.fn("Db.connected")(function* (options: Options) {
  const { made, fail } = yield* client(options)
  yield* Effect.mapError(made`select 1`, fail)
  return Context.make(PgClient.PgClient, made).pipe(Context.add(SqlClient.SqlClient, made))
})

/** The database as it is, without bringing it to this program's schema. */
export const layerUnmigrated = (
  options: Options
): Layer.Layer<SqlClient.SqlClient | PgClient.PgClient, DatabaseUnavailable> =>
  Layer.scopedContext(connected(options)).pipe(Layer.provide(Reactivity.layer))

/** The database, brought to this program's schema. `numeric` and `int8` are text, `timestamptz` is a Date. */
export const layer = (options: Options): Layer.Layer<SqlClient.SqlClient | PgClient.PgClient, DatabaseUnavailable> =>
  Layer.scopedContext(Effect.tap(connected(options), (context) => Effect.provide(Migrations.migrate, context))).pipe(
    Layer.provide(Reactivity.layer)
  )
