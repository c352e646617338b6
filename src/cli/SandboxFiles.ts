import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { InvalidInput } from "../domain/Failure.ts"
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

/** Reads a script of faults. */
export const readScript = Effect.fn("SandboxFiles.readScript")(function* (file: string) {
  const { Script } = yield* Effect.promise(() => import("../sandbox/Action.ts"))
  const bytes = yield* readInput(file)
  const decode = Schema.decodeUnknown(Schema.parseJson(Script), { onExcessProperty: "error" })
  return yield* Effect.mapError(
    decode(new TextDecoder().decode(bytes)),
    // A list that may be left out is also told as not being undefined: only the first fault is one.
    (error) =>
      new InvalidInput({
        code: "invalid_script",
        message: `${file} is no script of faults`,
        issues: ParseResult.ArrayFormatter.formatErrorSync(error)
          .slice(0, 1)
          .map(({ message, path }) => ({
            path: path.join("."),
            message
          }))
      })
  )
})
