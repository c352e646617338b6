import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { parse } from "dotenv"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"

/** Settings by name; values are secrets. */
export type Values = Readonly<Record<string, string>>

/** Names whose value stands in a file and is another one. */
export const others = (text: string, values: Values): ReadonlyArray<string> => {
  const standing = parse(text)
  return Object.entries(values).flatMap(([name, value]) => {
    const found = standing[name]?.trim() ?? ""
    return found === "" || found === value ? [] : [name]
  })
}

const quoted = (value: string): Option.Option<string> => {
  if (/^[A-Za-z0-9+/=_.:-]*$/.test(value)) return Option.some(value)
  const mark = ["'", '"', "`"].find((each) => !value.includes(each) && !(each === '"' && value.includes("\\")))
  return Option.map(Option.fromNullable(mark), (found) => `${found}${value}${found}`)
}

/** A comment behind a value that is not quoted. */
const remark = (rest: string): string => /^[^'"`#]*?(\s+#.*)$/.exec(rest)?.[1] ?? ""

/**
 * The file with these settings in it: a line that sets one is replaced where it stands, what is missing is added at the
 * end; every other line, comments too, stays as it is. None where that cannot be done without touching other settings.
 */
export const withValues = (text: string, values: Values): Option.Option<string> => {
  const end = text.includes("\r\n") ? "\r\n" : "\n"
  const before = parse(text)
  let after = text === "" || text.endsWith("\n") ? text : `${text}${end}`
  for (const [name, value] of Object.entries(values)) {
    const written = quoted(value)
    if (Option.isNone(written)) return Option.none()
    const line = new RegExp(`^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=)([^\\r\\n]*)`, "gm")
    after = line.test(after)
      ? after.replace(line, (_, head: string, rest: string) => `${head}${written.value}${remark(rest)}`)
      : `${after}${name}=${written.value}${end}`
  }
  // A value over several lines may look like a setting of its own: what the file says now decides.
  const wanted: Record<string, string> = { ...before, ...values }
  const got = parse(after)
  const names = new Set([...Object.keys(wanted), ...Object.keys(got)])
  return [...names].every((name) => wanted[name] === got[name]) ? Option.some(after) : Option.none()
}

const unwritable = (file: string) => (error: PlatformError) =>
  new InvalidInput({ code: "unwritable", message: `${file} cannot be written: ${reasonOf(error)}`, issues: [] })
const reasonOf = (error: PlatformError) => (error._tag === "SystemError" ? error.reason : error._tag)

/** The text of a file; none where there is no such file. */
export const read = Effect.fn("EnvFile.read")(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  return yield* files.readFileString(file).pipe(
    Effect.map(Option.some),
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeedNone
    ),
    Effect.mapError(unwritable(file))
  )
})

/**
 * Writes settings into a file that only its owner can read (mode 0600), whole or not at all: a crash leaves the old file
 * or the new one. A link stays one, and the file it leads to is written.
 */
export const write = Effect.fn("EnvFile.write")(function* (file: string, values: Values) {
  const files = yield* FileSystem.FileSystem
  const text = Option.getOrElse(yield* read(file), () => "")
  const next = withValues(text, values)
  if (Option.isNone(next)) {
    return yield* new InvalidInput({
      code: "unwritable",
      message: `${file} cannot be changed without touching its other settings: take ${Object.keys(values).join(", ")} out of it first`,
      issues: []
    })
  }
  const target = yield* Effect.orElseSucceed(files.realPath(file), () => file)
  const draft = `${target}.${process.pid}.tmp`
  yield* Effect.scoped(
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Effect.ignore(files.remove(draft, { force: true })))
      yield* files.remove(draft, { force: true })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const open = yield* files.open(draft, { flag: "wx", mode: 0o600 })
          yield* open.writeAll(new TextEncoder().encode(next.value))
          yield* open.sync
        })
      )
      yield* files.rename(draft, target)
    })
  ).pipe(Effect.mapError(unwritable(file)))
})
