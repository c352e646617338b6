import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DatabaseUnavailable } from "../domain/Failure.ts"

const textOf = (from: unknown, key: string): string | undefined => {
  const value: unknown = typeof from === "object" && from !== null ? Reflect.get(from, key) : undefined
  return typeof value === "string" && value !== "" ? value : undefined
}

/** The SQLSTATE, or the code of a system error. */
export const codeOf = (error: SqlError): string | undefined => textOf(error.cause, "code")

/** What the database or the way to it said, with its code; parameters are never part of it. */
export const describe = (error: SqlError): string => {
  const said = textOf(error.cause, "message") ?? error.message
  const code = codeOf(error)
  return code === undefined || said.includes(code) ? said : `${said} (${code})`
}

const unavailable = (error: SqlError) =>
  new DatabaseUnavailable({ message: `the database cannot be used: ${describe(error)}` })

/** Gives SQL errors their name in the domain. A transaction whose end could not be told dies of one: that counts too. */
export const orUnavailable = <A, E, R>(
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
