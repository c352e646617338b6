import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { inWords, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms fills`: every execution. */
export const fills = Command.make(
  "fills",
  { mode: Flags.mode, plan: Flags.plan, json: Flags.json },
  ({ json, mode, plan }) =>
    Effect.gen(function* () {
      const [Reading, Rows, Tables] = yield* Effect.promise(() =>
        Promise.all([import("./Reading.ts"), import("../report/Rows.ts"), import("../report/Tables.ts")])
      )
      const [found, look] = yield* Reading.askNamed(json, (ledger) =>
        ledger.fills({ mode: Option.getOrUndefined(mode), planId: Option.getOrUndefined(plan) })
      )
      yield* print(json, { json: () => Rows.fillsJson(found), text: () => Tables.fillsText(found, look) })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("fills")))
