import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { InvalidInput } from "../domain/Failure.ts"

const unreadable = (file: string, found: string, advice: string) =>
  new InvalidInput({
    code: "unreadable_file",
    message: `${file}: ${found}`,
    issues: [{ path: "", message: advice }]
  })

const REASONS: Readonly<Record<string, string>> = {
  NotFound: "no such file",
  PermissionDenied: "it may not be read by this user"
}

/**
 * The bytes of a file that the operator named. Dashes are no file but an option that does not exist. A missing file and a
 * directory are told apart.
 */
export const readInput = Effect.fn("Input.readInput")(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const info = yield* Effect.either(files.stat(file))
  if (info._tag === "Left" && file.startsWith("-")) {
    return yield* new InvalidInput({
      code: "usage",
      message: `no option ${file}`,
      issues: [{ path: "", message: "see which there are with --help behind the command" }]
    })
  }
  if (info._tag === "Right" && info.right.type === "Directory") {
    return yield* unreadable(
      file,
      "it is a directory",
      "expected the file of one plan; for all plans of a directory use: betteroms schedule --once --plans DIR"
    )
  }
  return yield* Effect.mapError(files.readFile(file), (error) =>
    unreadable(
      file,
      (error._tag === "SystemError" ? REASONS[error.reason] : undefined) ?? "it cannot be read",
      "expected the path of a plan file, such as plans/demo.json"
    )
  )
})

/** Writes progress on stderr, in place on a terminal and a line a second elsewhere; short work writes nothing. */
export const progressLine = (what: string) => {
  let last: number | undefined
  return (done: number, of: number) =>
    Effect.gen(function* () {
      if (of < 1000) return
      const now = yield* Clock.currentTimeMillis
      last ??= now
      const terminal = process.stderr.isTTY === true
      if (done < of && now - last < (terminal ? 100 : 1000)) return
      last = now
      const line = `${done} of ${of} ${what}`
      process.stderr.write(terminal ? `\r${line}${done === of ? "\n" : ""}` : `${line}\n`)
    })
}
