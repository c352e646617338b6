import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { InvalidInput } from "../domain/Failure.ts"
import { Ended, inWords, look, print, USAGE } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const check = Command.make("check", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [App, Checks, Tables] = yield* Effect.promise(() =>
      Promise.all([import("../app.ts"), import("./Checks.ts"), import("../report/CheckTables.ts")])
    )
    const checks = Checks.ofCredentials((yield* App.settings).credentials)
    const complete = checks.every((each) => each.ok || !each.needed)
    yield* print(json, {
      json: () => ({ complete, checks }),
      text: () => Tables.checksText(checks, look())
    })
    if (!complete) return yield* new Ended({ code: USAGE })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("credentials check")))

const create = Command.make("create", { json: Flags.json }, ({ json }) =>
  Effect.fail(
    new InvalidInput({
      code: "not_supported",
      message: "creating API credentials is not supported yet: it comes with live trading",
      issues: [{ path: "", message: "paper trading needs no credentials; README says how to get them by hand" }]
    })
  ).pipe(inWords(json))
).pipe(Command.withDescription(manual("credentials create")))

/** `betteroms credentials ...`: the keys that live trading needs. */
export const credentials = Command.make("credentials").pipe(
  Command.withDescription(manual("credentials")),
  Command.withSubcommands([check, create])
)
