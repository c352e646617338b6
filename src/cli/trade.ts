import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { Usd } from "../domain/Money.ts"
import { Ended, exitCode, inColor, inWords, look, print, RISK_REFUSED } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { progressLine, readInput } from "./Input.ts"
import { manual } from "./Manual.ts"

const file = Args.text({ name: "FILE" }).pipe(Args.withDescription("The plan: JSON, comments allowed"))
const dryRun = Options.boolean("dry-run").pipe(Options.withDescription("Show what would happen; write nothing"))
const yes = Options.boolean("yes").pipe(Options.withDescription("Do not ask before a live plan is sent"))
const retryRefused = Options.boolean("retry-refused").pipe(
  Options.withDescription("Make a new attempt at the instructions of this plan that were refused")
)

/** `betteroms trade FILE`: one plan through the pipeline. */
export const trade = Command.make(
  "trade",
  { file, dryRun, yes, retryRefused, marketData: Flags.marketData, json: Flags.json },
  ({ dryRun, file, json, marketData, retryRefused, yes }) =>
    Effect.gen(function* () {
      const bytes = yield* readInput(file)
      const [App, ConfirmTotal, Pipeline, { totalOf }, RunReport, RunTables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("./ConfirmTotal.ts"),
          import("../pipeline.ts"),
          import("../pipeline/Decision.ts"),
          import("../report/RunReport.ts"),
          import("../report/RunTables.ts")
        ])
      )
      const traded = (preview: boolean, confirmed?: Usd) =>
        App.run(marketData, (settings) =>
          Pipeline.trade({
            bytes,
            file,
            dryRun: preview,
            retryRefused,
            confirmed,
            paperBalance: settings.paperBalance,
            progress: progressLine("orders")
          })
        )
      // Nothing live is sent that was not seen and confirmed: where nothing would be sent now, nothing is agreed to.
      const agreed = Effect.gen(function* () {
        // What is not set is told before anybody is asked.
        const destination = yield* App.destination
        const { leaving = [], run } = yield* traded(true)
        const total = totalOf(leaving)
        if (leaving.length === 0) return total
        yield* Console.error(RunTables.runText(run, { ...look(), color: inColor("stderr") }))
        yield* ConfirmTotal.confirmTotal(leaving, total, destination)
        return total
      })
      const asks = !dryRun && !yes && ConfirmTotal.isLive(bytes)
      const { failure, run } = yield* traded(dryRun, asks ? yield* agreed : undefined)
      yield* print(json, { json: () => RunReport.toJson(run), text: () => RunTables.runText(run, look()) })
      if (failure !== undefined) return yield* new Ended({ code: exitCode(failure) })
      if (run.status === "rejected") return yield* new Ended({ code: RISK_REFUSED })
    }).pipe(inWords(json, file))
).pipe(Command.withDescription(manual("trade")))
