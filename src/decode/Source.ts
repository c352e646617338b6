import { isUtf8 } from "node:buffer"
import * as Either from "effect/Either"
import { createScanner } from "jsonc-parser"
import { InvalidInput } from "../domain/Failure.ts"
import { type Fault, invalid, places, problems } from "./Faults.ts"
import type { Located } from "./Json.ts"
import { tree } from "./Tree.ts"

/** The largest plan file, in bytes. */
export const MAX_BYTES = 5_000_000
/** The deepest nesting of objects and lists; a plan needs three. */
export const MAX_DEPTH = 32

/** A file that is JSON: its text, its value with places, and the fields it names twice. */
export interface Source {
  readonly text: string
  readonly root: Located
  readonly duplicates: ReadonlyArray<Fault>
}

/** The text of a plan file: UTF-8, a byte order mark is allowed. Fails with `too_large` or `invalid_utf8`. */
export const textOf = (bytes: Uint8Array): Either.Either<string, InvalidInput> => {
  if (bytes.length > MAX_BYTES) {
    const message = `the plan has ${bytes.length.toLocaleString("en-US")} bytes: expected at most ${MAX_BYTES.toLocaleString("en-US")} (5 MB)`
    return Either.left(new InvalidInput({ code: "too_large", message, issues: [{ path: "", message }] }))
  }
  return isUtf8(bytes) ? Either.right(new TextDecoder().decode(bytes)) : Either.left(notUtf8(bytes))
}

/** Reads JSON with comments and trailing commas. Fails with `invalid_json` and every syntax error. */
export const read = (text: string): Either.Either<Source, InvalidInput> => {
  const deep = tooDeep(text)
  if (deep !== undefined) return Either.left(invalid("invalid_json", "the plan is nested too deeply", text, [deep]))
  if (text.trim() === "") {
    const message = () => 'the file is empty: expected a plan such as { "planId": ..., "mode": "paper", ... }'
    return Either.left(invalid("invalid_json", "the plan is empty", text, [{ offset: 0, path: [], message }]))
  }
  const { root, duplicates, errors, unlisted } = tree(text)
  if (errors.length > 0 || root === undefined) {
    const summary = `the plan is not valid JSON: ${problems(errors.length + unlisted)}`
    return Either.left(invalid("invalid_json", summary, text, errors, unlisted))
  }
  return Either.right({ text, root, duplicates })
}

const notUtf8 = (bytes: Uint8Array): InvalidInput => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  // What does not decode becomes U+FFFD, so the first byte that comes back different is the first bad one.
  const again = new TextEncoder().encode(decoder.decode(bytes))
  const at = bytes.findIndex((byte, index) => byte !== again[index])
  const before = new TextDecoder().decode(bytes.subarray(0, at))
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const hint = utf16 ? ": it looks like UTF-16, save it as UTF-8" : ": expected a file saved as UTF-8"
  const message = `byte ${at} is not valid UTF-8${hint}`
  return new InvalidInput({
    code: "invalid_utf8",
    message: `the plan is not valid UTF-8 at byte ${at}`,
    issues: [{ path: "", ...places(before)(before.length), message }]
  })
}

// Runs before any recursion: the parser calls itself at each level, and a million brackets would overflow the stack.
const tooDeep = (text: string): Fault | undefined => {
  const scanner = createScanner(text, true)
  let depth = 0
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const first = text.charAt(scanner.getTokenOffset())
    if (first === "{" || first === "[") depth += 1
    else if (first === "}" || first === "]") depth -= 1
    if (depth > MAX_DEPTH) {
      const message = `found more than ${MAX_DEPTH} levels of nesting: expected at most ${MAX_DEPTH}`
      return { offset: scanner.getTokenOffset(), path: [], message: () => message }
    }
  }
  return undefined
}
