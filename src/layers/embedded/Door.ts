import * as net from "node:net"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Pg from "pg"
import { codeOf, reason, unavailable } from "./Attempt.ts"

/** The first 48 bits of SHA-256 over "betteroms door". */
const LOCK = "105600767153369"

/**
 * A process's presence in the house: a session that holds the door's lock, shared with all others who are inside.
 * Who gets the lock for himself alone is the last one.
 */
export interface Door {
  readonly client: Pg.Client
  readonly socket: net.Socket
  /** Done when the session has ended, for whatever reason. */
  readonly closed: Deferred.Deferred<void>
}

/** How a session names itself, so that others can say who is inside. */
const NAME = "betteroms process "

/** The server is not there, not yet, or no longer: worth another try. */
const PASSING = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "57P01", "57P02", "57P03", "55P03"])
const passing = (cause: unknown) => {
  const code = codeOf(cause)
  // What has no code was said by the client about a connection that broke or did not come about.
  return code === undefined || PASSING.has(code)
}

const query = (client: Pg.Client, text: string) =>
  Effect.tryPromise({ try: () => client.query<Record<string, unknown>>(text), catch: (cause) => cause })

const end = (client: Pg.Client) =>
  Effect.promise(() => client.end()).pipe(
    Effect.interruptible,
    Effect.timeoutOption("500 millis"),
    Effect.catchAllCause(() => Effect.void)
  )

/** A session on the server behind a socket folder, with or without stepping through the door. */
const connect = Effect.fn("Door.connect")(function* (sockets: string) {
  const socket = new net.Socket()
  const client = new Pg.Client({
    stream: () => socket,
    host: sockets,
    port: 5432,
    user: "betteroms",
    database: "postgres",
    ssl: false,
    application_name: `${NAME}${process.pid}`,
    connectionTimeoutMillis: 5_000,
    lock_timeout: 5_000
  })
  const closed = yield* Deferred.make<void>()
  // Without a listener, the end of the server would be an uncaught exception.
  client.on("error", () => undefined)
  client.on("end", () => Deferred.unsafeDone(closed, Effect.void))
  yield* Effect.tryPromise({ try: () => client.connect(), catch: (cause) => cause }).pipe(
    Effect.onInterrupt(() => end(client))
  )
  return { client, socket, closed } satisfies Door
})

const enter = Effect.fn("Door.enter")(function* (door: Door) {
  const inside = yield* query(
    door.client,
    `select pg_advisory_lock_shared(${LOCK}), exists(select from pg_database where datname = 'betteroms') as made`
  )
  if (inside.rows[0]?.made !== true) {
    yield* query(door.client, "create database betteroms").pipe(
      // 42P04 and 23505: another process made it at the same moment.
      Effect.catchIf(
        (cause) => ["42P04", "23505"].includes(codeOf(cause) ?? ""),
        () => Effect.void
      )
    )
  }
  // An open door must not keep the process alive.
  door.socket.unref()
  return door
})

/** Steps inside; undefined when there is no server to step into at this moment. */
export const open = (sockets: string) =>
  connect(sockets).pipe(
    Effect.flatMap((door) =>
      Effect.onExit(enter(door), (exit) => (exit._tag === "Success" ? Effect.void : end(door.client)))
    ),
    Effect.catchAll((cause) => {
      if (passing(cause)) return Effect.succeed(undefined)
      const why = codeOf(cause) === "EACCES" ? "it belongs to another user, run betteroms as him" : reason(cause)
      return Effect.fail(unavailable(`cannot connect to the embedded PostgreSQL in ${sockets}: ${why}`))
    })
  )

/** Steps out. `alone` runs when nobody else is inside, and nobody can come in meanwhile. */
export const leave = <E>(door: Door, alone: Effect.Effect<void, E>) =>
  Effect.gen(function* () {
    door.socket.ref()
    yield* query(door.client, `select pg_advisory_unlock_shared(${LOCK})`)
    const last = yield* query(door.client, `select pg_try_advisory_lock(${LOCK}) as got`)
    if (last.rows[0]?.got === true) yield* alone
  }).pipe(
    Effect.interruptible,
    Effect.timeoutOption("10 seconds"),
    Effect.catchAllCause(() => Effect.void),
    Effect.ensuring(end(door.client))
  )

/** Gives up a door that leads nowhere any more. */
export const shut = (door: Door) => end(door.client)

/** The process ids of those inside, seen from outside; undefined when there is no server to ask. */
export const inside = (sockets: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { client } = yield* Effect.acquireRelease(connect(sockets), (door) => end(door.client))
      const found = yield* query(
        client,
        `select distinct substr(application_name, ${NAME.length + 1}) as pid from pg_locks join pg_stat_activity using (pid)
         where locktype = 'advisory' and mode = 'ShareLock' and granted
           and (classid::bigint << 32 | objid::bigint) = ${LOCK}`
      )
      return found.rows.map((row) => String(row.pid))
    })
  ).pipe(Effect.catchAll(() => Effect.succeed(undefined)))
