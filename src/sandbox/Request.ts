import * as Either from "effect/Either"
import type { FaultSpec } from "./Faults.ts"

/** One HTTP request as the venue reads it. */
export interface Request {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** As it came over the wire. */
  readonly body: string
  /** The faults that strike it. */
  readonly struck: ReadonlyArray<FaultSpec>
}

/** Its body as JSON; undefined where it is none. */
export const json = ({ body }: Request): unknown => Either.getOrUndefined(Either.try((): unknown => JSON.parse(body)))

/** What stands behind a prefix of its path; undefined where that is nothing. */
export const behind = ({ path }: Request, prefix: string): string | undefined => {
  const rest = path.startsWith(prefix) ? path.slice(prefix.length) : ""
  return rest === "" ? undefined : decodeURIComponent(rest)
}
