import * as Effect from "effect/Effect"
import { InvalidInput } from "../domain/Failure.ts"

/** A file that cannot be used as it is: no tape, damaged, or not to be read or written. */
export const fault = (code: string, path: string, message: string): InvalidInput =>
  new InvalidInput({ code, message: `${path}: ${message}`, issues: [] })

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user may not",
  EPERM: "this user may not",
  EISDIR: "it is a directory",
  EEXIST: "it is there already",
  ENOSPC: "the disk is full"
}

/** An error of the system in words. */
export const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  return WORDS[code] ?? (error instanceof Error ? error.message : String(error))
}

/** Something done with a file; `doing` says what, as in "cannot be read". */
export const trying = <A>(path: string, doing: string, action: () => Promise<A>): Effect.Effect<A, InvalidInput> =>
  Effect.tryPromise({
    try: action,
    catch: (error) => fault("unusable_file", path, `it cannot be ${doing}: ${reasonOf(error)}`)
  })
