import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { DEFECT, Ended, inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms doctor`: everything that can be checked before trading, each with what to do about it. */
export const doctor = Command.make("doctor", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [Checks, Tables] = yield* Effect.promise(() =>
      Promise.all([import("./Checks.ts"), import("../report/CheckTables.ts")])
    )
    const checks = yield* Checks.all
    const ok = checks.every((each) => each.ok || !each.needed)
    yield* print(json, { json: () => ({ ok, checks }), text: () => Tables.checksText(checks, look()) })
    if (!ok) return yield* new Ended({ code: DEFECT })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("doctor")))
