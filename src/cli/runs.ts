import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"
import { showRun } from "./report.ts"

const planId = Args.text({ name: "PLAN_ID" })

const show = Command.make("show", { planId, json: Flags.json }, ({ json, planId }) => showRun(planId, json)).pipe(
  Command.withDescription(manual("runs show"))
)

/** `betteroms runs`: what has run, newest first. */
export const runs = Command.make("runs", { mode: Flags.mode, json: Flags.json }, ({ json, mode }) =>
  Effect.gen(function* () {
    const [Reading, Rows, Tables] = yield* Effect.promise(() =>
      Promise.all([import("./Reading.ts"), import("../report/Rows.ts"), import("../report/Tables.ts")])
    )
    const found = yield* Reading.ask((ledger) => ledger.runs({ mode: Option.getOrUndefined(mode) }))
    yield* print(json, { json: () => Rows.runsJson(found), text: () => Tables.runsText(found, look()) })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("runs")), Command.withSubcommands([show]))
