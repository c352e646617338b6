import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import type { Check } from "./Checks.ts"
import { DEFECT, Ended, inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms doctor`: everything that can be checked before trading, each with what to do about it. */
export const doctor = Command.make("doctor", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [Checks, Tables] = yield* Effect.promise(() =>
      Promise.all([import("./Checks.ts"), import("../report/CheckTables.ts")])
    )
    const checks: ReadonlyArray<Check> = yield* Checks.all
    const [wrong] = checks.filter((each) => each.needed && !each.ok)
    const ok = wrong === undefined
    yield* print(json, {
      json: () => ({ ok, checks: checks.map(({ code: _, ...told }) => told) }),
      text: () => Tables.checksText(checks, look())
    })
    if (wrong !== undefined) return yield* new Ended({ code: wrong.code ?? DEFECT })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("doctor")))
