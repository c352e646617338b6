import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { DEFECT, Ended, inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms verify`: the database against itself. A difference is told and ends with code 1. */
export const verify = Command.make("verify", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [Reading, Tables] = yield* Effect.promise(() =>
      Promise.all([import("./Reading.ts"), import("../report/Tables.ts")])
    )
    const verdict = yield* Reading.ask((ledger) => ledger.verify())
    yield* print(json, { json: () => verdict, text: () => Tables.verdictText(verdict, look()) })
    if (!verdict.ok) return yield* new Ended({ code: DEFECT })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("verify")))
