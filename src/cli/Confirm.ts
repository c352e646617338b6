import * as readline from "node:readline"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { InvalidInput } from "../domain/Failure.ts"

/** The next line of the standard input; nothing when it has ended. */
export const line = Effect.async<string>((resume) => {
  const input = readline.createInterface({ input: process.stdin })
  input.once("line", (text) => {
    resume(Effect.succeed(text))
    input.close()
  })
  input.once("close", () => resume(Effect.succeed("")))
  return Effect.sync(() => input.close())
})

/**
 * Shows what is about to be done and goes on only after a typed `yes`. With `--yes` nothing is asked; with `--json` nobody
 * is there to be asked. Anything else fails: nothing was sent.
 */
export const confirmed = (ask: { readonly yes: boolean; readonly json: boolean; readonly what: string }) =>
  Effect.gen(function* () {
    if (ask.yes) return
    const refused = (message: string) => new InvalidInput({ code: "not_confirmed", message, issues: [] })
    if (ask.json) return yield* refused("--json asks nothing: add --yes to go on; nothing was sent")
    yield* Console.error(`${ask.what}\n\nType yes to go on:`)
    if ((yield* line).trim().toLowerCase() !== "yes") return yield* refused("not confirmed; nothing was sent")
  })
