import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { Ended, inWords, look, print, USAGE } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const check = Command.make("check", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [App, Checks, Tables] = yield* Effect.promise(() =>
      Promise.all([import("../app.ts"), import("./Checks.ts"), import("../report/CheckTables.ts")])
    )
    const checks = Checks.ofCredentials((yield* App.settings).credentials)
    const complete = checks.every((each) => each.ok)
    yield* print(json, {
      json: () => ({ complete, checks }),
      text: () => Tables.checksText(checks, look())
    })
    if (!complete) return yield* new Ended({ code: USAGE })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("credentials check")))

const replace = Options.boolean("replace").pipe(
  Options.withDescription("Throw away other API credentials that .env.local holds")
)

const create = Command.make("create", { replace, json: Flags.json }, ({ json, replace }) =>
  Effect.gen(function* () {
    const App = yield* Effect.promise(() => import("../app.ts"))
    const { file, made, signer, written } = yield* App.createCredentials(replace)
    const what = made === "created" ? "A new API key was made" : "The API key that this address has was found"
    const kept = written ? `it is kept in ${file}` : "these credentials are in force already"
    yield* print(json, {
      json: () => ({ made, signer, file, written, proven: true }),
      text: () => `${what} for ${signer}, and the venue takes it; ${kept}. Next: betteroms doctor`
    })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("credentials create")))

/** `betteroms credentials ...`: the keys that live trading needs. */
export const credentials = Command.make("credentials").pipe(
  Command.withDescription(manual("credentials")),
  Command.withSubcommands([check, create])
)
