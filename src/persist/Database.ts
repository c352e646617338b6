import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Pg from "pg"
import { DatabaseUnavailable } from "../domain/Failure.ts"
import type { Mode } from "../domain/Order.ts"
import type { Row } from "./Cells.ts"

type Sql = SqlClient.SqlClient

/** Advisory lock keys, constants of this schema: the first 48 bits of SHA-256 over "betteroms <name>". */
const ACCOUNT_LOCK: Readonly<Record<Mode, string>> = { paper: "245645193725429", live: "16507951327085" }
export const AUDIT_LOCK = "78645848471045"

const textOf = (from: unknown, key: string): string | undefined => {
  if (typeof from !== "object" || from === null) return undefined
  const value: unknown = Reflect.get(from, key)
  return typeof value === "string" && value !== "" ? value : undefined
}

/** Classes of SQLSTATE whose messages quote the values of the statement: data and constraint errors, and syntax. */
const QUOTING = /^(22|23|42|44)/

/** What happened, in words that hold no parameter, no row and no secret. */
export const describe = (error: SqlError): string => {
  const code = textOf(error.cause, "code")
  const said = textOf(error.cause, "message") ?? "no reason given"
  if (code === undefined) return `the database cannot be used: ${said}`
  if (!QUOTING.test(code)) return `the database cannot be used: ${said} (${code})`
  const where = [textOf(error.cause, "table"), textOf(error.cause, "constraint")].filter((name) => name !== undefined)
  return `the database refused a statement: SQLSTATE ${code}${where.length === 0 ? "" : ` at ${where.join(", ")}`}`
}

const unavailable = (error: SqlError) => new DatabaseUnavailable({ message: describe(error) })

/** Gives SQL errors their name in the domain; a transaction that could not even be ended dies of one, and is told too. */
export const available = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Exclude<E, Extract<E, SqlError>> | DatabaseUnavailable, R> =>
  effect.pipe(
    Effect.catchIf(
      (error): error is Extract<E, SqlError> => error instanceof SqlError,
      (error) => Effect.fail(unavailable(error))
    ),
    Effect.catchSomeDefect((defect) =>
      defect instanceof SqlError ? Option.some(Effect.fail(unavailable(defect))) : Option.none()
    )
  )

/**
 * Whoever stands still in the middle of a transaction for so long, frozen or asleep, loses it and the locks with it: the
 * kill switch must not wait for a process that hangs. Far longer than anything here takes between two statements.
 */
const AWAKE = "set local idle_in_transaction_session_timeout = '15s'"

/** One statement without parameters; several in one text are one round trip. */
const tell = (sql: Sql, text: string) => Effect.asVoid(sql.unsafe(text).unprepared)

/**
 * One transaction. What decides under a lock must see what its last holder committed, so each statement takes its own
 * snapshot, whatever the database's default isolation is.
 */
export const transact = <A, E, R>(sql: Sql, work: Effect.Effect<A, E, R>) =>
  available(
    sql.withTransaction(Effect.zipRight(tell(sql, `set transaction isolation level read committed; ${AWAKE}`), work))
  )

/**
 * How an account's transaction begins. Its statements join rows they bring along with as many of a table's, which they
 * name (`= any`): these are found by index, then joined by hash. Nothing is left to statistics. Those taken while a
 * large plan is being written, and not yet committed, say that the table is empty; the planner would then go through all
 * of it for each row, which takes a minute for ten thousand orders.
 */
const begin = (mode: Mode): ReadonlyArray<string> => [
  "begin isolation level read committed",
  AWAKE,
  "set local enable_nestloop = off",
  "set local enable_seqscan = off",
  // What must read a whole table all the same looks so dear now that it would be compiled first.
  "set local jit = off",
  `select pg_advisory_xact_lock(${ACCOUNT_LOCK[mode]})`
]

/** The rows that each of several questions was answered with, in their order. */
export type Answers = ReadonlyArray<ReadonlyArray<Row>>

const rowsOf = (found: ReadonlyArray<unknown>): Answers =>
  found.map((rows) => (Array.isArray(rows) ? rows.filter((row): row is Row => typeof row === "object") : []))

/** Several statements without parameters in one round trip, inside a transaction; each sees what the ones before it did. */
export const ask = (sql: Sql, questions: ReadonlyArray<string>): Effect.Effect<Answers, SqlError> =>
  Effect.map(sql.unsafe<Row>(["select 1", ...questions].join("; ")).unprepared, (found) => rowsOf(found).slice(1))

const literalOf = (parameter: unknown): string =>
  parameter === null || parameter === undefined ? "null" : Pg.escapeLiteral(String(parameter))

/** A statement with its parameters written into it, so that others can share its round trip. */
const spelled = (sql: Sql, write: Fragment): string => {
  const [text, parameters] = sql`${write}`.compile()
  return text.replace(/\$(\d+)/g, (_, at) => literalOf(parameters[Number(at) - 1]))
}

/** Leaves a write to the commit, whose round trip it shares. Nothing else of the transaction may need what it writes. */
export type Leave = (write: Fragment) => void

/**
 * One transaction that alone may decide about, and change, the account of a mode. It begins with questions, which see all
 * that was committed before it had the lock: beginning, lock and answers are one round trip. So are the last write and the
 * commit, where the work leaves it one.
 */
export const transactAsking = <A, E, R>(
  sql: Sql,
  mode: Mode,
  questions: ReadonlyArray<string>,
  work: (answers: Answers, leave: Leave) => Effect.Effect<A, E, R>
) =>
  available(
    Effect.suspend(() => {
      const beginning = begin(mode)
      let answers: Answers = []
      const left: Array<Fragment> = []
      const connected = Effect.flatMap(Scope.make(), (scope) =>
        Effect.map(Scope.extend(sql.reserve, scope), (connection) => [scope, connection] as const)
      )
      const rollback = (connection: Connection) => connection.executeUnprepared("rollback", [], undefined)
      const transaction = SqlClient.makeWithTransaction({
        transactionTag: SqlClient.TransactionConnection,
        spanAttributes: [],
        acquireConnection: connected,
        begin: (connection) =>
          Effect.map(
            connection.executeUnprepared([...beginning, ...questions].join("; "), [], undefined),
            (found: ReadonlyArray<unknown>) => {
              answers = rowsOf(found).slice(beginning.length)
            }
          ),
        commit: (connection) =>
          Effect.tapError(
            connection.executeUnprepared(
              [...left.map((write) => spelled(sql, write)), "commit"].join("; "),
              [],
              undefined
            ),
            () => Effect.ignore(rollback(connection))
          ),
        rollback,
        savepoint: (_, id) => Effect.dieMessage(`transaction ${id} within a transaction of an account`),
        rollbackSavepoint: () => Effect.void
      })
      return transaction(Effect.suspend(() => work(answers, (write) => left.push(write))))
    })
  )

/** Division by zero: how a statement says that what was known does not stand any more. */
const MOVED_ON = "22012"

/**
 * Writes on one condition, an expression of the database, as one transaction that alone may change the account of a mode:
 * one round trip. False, and nothing written, where the condition does not hold.
 */
export const transactIf = (
  sql: Sql,
  mode: Mode,
  locks: ReadonlyArray<string>,
  condition: string,
  writes: ReadonlyArray<Fragment>
) => {
  const text = [
    ...begin(mode),
    ...locks,
    `select 1 / (${condition})::int`,
    ...writes.map((write) => spelled(sql, write)),
    "commit"
  ].join("; ")
  const work = Effect.flatMap(sql.reserve, (connection) =>
    Effect.tapError(connection.executeUnprepared(text, [], undefined), () =>
      Effect.ignore(connection.executeUnprepared("rollback", [], undefined))
    )
  )
  return available(
    Effect.uninterruptible(Effect.scoped(work)).pipe(
      Effect.as(true),
      Effect.catchIf(
        ({ cause }) => textOf(cause, "code") === MOVED_ON,
        () => Effect.succeed(false)
      )
    )
  )
}

/** One transaction that alone may decide about, and change, the account of a mode. */
export const transactAccount = <A, E, R>(sql: Sql, mode: Mode, work: Effect.Effect<A, E, R>) =>
  transactAsking(sql, mode, [], () => work)

const MOMENT = "set transaction isolation level repeatable read read only"

/** One transaction that sees the database at a single moment and cannot write. */
export const observe = <A, E, R>(sql: Sql, work: Effect.Effect<A, E, R>) =>
  available(sql.withTransaction(Effect.zipRight(tell(sql, MOMENT), work)))

/**
 * The same for work that joins whole tables. A table that was filled a moment ago and has no statistics yet looks so
 * small that the planner would go through the other one again for each of its rows.
 */
export const prove = <A, E, R>(sql: Sql, work: Effect.Effect<A, E, R>) =>
  available(
    sql.withTransaction(
      Effect.zipRight(tell(sql, `${MOMENT}; set local enable_nestloop = off; set local jit = off`), work)
    )
  )
