import * as Command from "@effect/cli/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

// Beside dist/ and beside src/cli/ alike: plans/ lies at the root of the project.
const PLAN = new URL(
  import.meta.url.includes("/src/cli/") ? "../../plans/demo.json" : "../plans/demo.json",
  import.meta.url
)

/** `betteroms demo`: the demo plan on the simulated market, in a home of its own that is gone afterwards. */
export const demo = Command.make("demo", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const [App, Pipeline, { Ledger }, RunReport, RunTables, Tables] = yield* Effect.promise(() =>
      Promise.all([
        import("../app.ts"),
        import("../pipeline.ts"),
        import("../persist/Ledger.ts"),
        import("../report/RunReport.ts"),
        import("../report/RunTables.ts"),
        import("../report/Tables.ts")
      ])
    )
    const bytes = yield* Effect.orDie(Effect.flatMap(path.fromFileUrl(PLAN), files.readFile))
    // Below the working directory, as any home would be; nobody's own database is touched.
    const home = path.resolve(".betteroms", `demo-${process.pid}`)
    const settings = { ...(yield* App.settings), home, databaseUrl: Option.none() }
    const shown = yield* Effect.gen(function* () {
      const { run } = yield* Pipeline.trade({
        bytes,
        file: "plans/demo.json",
        dryRun: false,
        retryRefused: false,
        paperBalance: settings.paperBalance,
        progress: () => Effect.void
      })
      return { run, proof: yield* (yield* Ledger).verify() }
    }).pipe(
      (work) => App.runWith(settings, Option.some({ _tag: "Sim" }), work),
      Effect.ensuring(Effect.ignore(App.discard(home)))
    )
    yield* print(json, {
      json: () => RunReport.toJson(shown.run),
      text: () =>
        [
          "The market of this demo is SIMULATED: nothing is sent anywhere and no money moves.",
          "",
          "$ betteroms trade plans/demo.json --market-data sim",
          RunTables.runText(shown.run, look()),
          "",
          "$ betteroms verify",
          Tables.verdictText(shown.proof, look())
        ].join("\n")
    })
    if (!json)
      yield* Console.log("Keep what you trade: run the same commands yourself; they keep their database in .betteroms.")
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("demo")))
