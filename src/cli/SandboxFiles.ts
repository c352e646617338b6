import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser"
import { InvalidInput } from "../domain/Failure.ts"
import { Script } from "../sandbox/Action.ts"
import { readInput } from "./Input.ts"

const MARK = "# Written by betteroms sandbox: it may be overwritten."

const refuse = (code: string, message: string) => new InvalidInput({ code, message, issues: [] })

/** Writes an environment for shells, readable by its owner alone; a file of somebody else's making stays as it is. */
export const writeEnvironment = Effect.fn("SandboxFiles.writeEnvironment")(function* (
  file: string,
  env: Readonly<Record<string, string>>
) {
  const files = yield* FileSystem.FileSystem
  const there = yield* Effect.orElseSucceed(files.exists(file), () => true)
  const mine = there ? (yield* Effect.orElseSucceed(files.readFileString(file), () => "")).startsWith(MARK) : true
  if (!mine) {
    return yield* refuse(
      "file_exists",
      `${file} is there already and was not written by the sandbox: name another file`
    )
  }
  const text = [MARK, ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ""].join("\n")
  const written = Effect.gen(function* () {
    if (there) yield* files.remove(file)
    yield* files.writeFileString(file, text, { mode: 0o600, flag: "wx" })
  })
  yield* Effect.mapError(written, () => refuse("unwritable_file", `${file} cannot be written`))
})

const decode = Schema.decodeUnknown(Script, { onExcessProperty: "error" })

/** Reads a script of faults: JSON, with comments and trailing commas. */
export const readScript = Effect.fn("SandboxFiles.readScript")(function* (file: string) {
  const text = new TextDecoder().decode(yield* readInput(file))
  const wrong = (issues: ReadonlyArray<{ readonly path: string; readonly message: string }>) =>
    new InvalidInput({ code: "invalid_script", message: `${file} is no script of faults`, issues })
  const errors: Array<ParseError> = []
  const value: unknown = parse(text, errors, { allowTrailingComma: true })
  if (errors.length > 0) {
    return yield* wrong(
      errors.map(({ error, offset }) => ({
        path: `line ${text.slice(0, offset).split("\n").length}`,
        message: printParseErrorCode(error)
      }))
    )
  }
  return yield* Effect.mapError(decode(value), (error) =>
    wrong(
      ParseResult.ArrayFormatter.formatErrorSync(error)
        // A list that may be left out is also told as not being undefined: only the first fault is one.
        .slice(0, 1)
        .map(({ message, path }) => ({ path: path.join("."), message }))
    )
  )
})
