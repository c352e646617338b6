import * as Effect from "effect/Effect"
import { DatabaseUnavailable } from "../../domain/Failure.ts"

/** The reason a system call gives, in its own words. */
export const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** The code of a system or PostgreSQL error, as in `ENOENT` or `57P03`. */
export const codeOf = (cause: unknown): string | undefined => {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, "code") : undefined
  return typeof code === "string" ? code : undefined
}

export const unavailable = (message: string) => new DatabaseUnavailable({ message })

/** Runs file system calls; `doing` completes the sentence "cannot ...". */
export const attempt = <A>(doing: string, work: () => A) =>
  Effect.try({ try: work, catch: (cause) => unavailable(`cannot ${doing}: ${reason(cause)}`) })

/** What to do where the embedded server cannot run at all. */
export const INSTEAD = "set DATABASE_URL to a PostgreSQL server, 15 or later (docker-compose.yml starts one)"
