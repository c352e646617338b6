import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import { inWords, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** The report of a run as it was written when it ended. */
export const showRun = (planId: string, json: boolean) =>
  Effect.gen(function* () {
    const [Reading, RunTables] = yield* Effect.promise(() =>
      Promise.all([import("./Reading.ts"), import("../report/RunTables.ts")])
    )
    const [found, look] = yield* Reading.askNamed(json, (ledger) => ledger.run(planId))
    if (Option.isNone(found)) {
      const issues = [{ path: "PLAN_ID", message: "see what has run with: betteroms runs" }]
      return yield* new InvalidInput({ code: "unknown_plan", message: `no run of a plan "${planId}"`, issues })
    }
    const record = found.value
    yield* print(json, { json: () => record.summary, text: () => RunTables.recordText(record, look) })
  }).pipe(inWords(json))

/** `betteroms report PLAN_ID`: what a run came to. */
export const report = Command.make(
  "report",
  { planId: Args.text({ name: "PLAN_ID" }), json: Flags.json },
  ({ json, planId }) => showRun(planId, json)
).pipe(Command.withDescription(manual("report")))
