import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Ended, exitCode, inWords, look, print, RISK_REFUSED } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { progressLine, readInput } from "./Input.ts"
import { manual } from "./Manual.ts"

const file = Args.text({ name: "FILE" }).pipe(Args.withDescription("The plan: JSON, comments allowed"))
const tape = Options.text("tape").pipe(
  Options.withDescription("The tape that the session records: a backtest over it is the same again")
)
const seconds = Options.integer("seconds").pipe(
  Options.withDescription("End after so many seconds; otherwise when nothing rests any more, or with Ctrl-C"),
  Options.filterMap(
    (value) => (value >= 1 && value <= 31_536_000 ? Option.some(value) : Option.none()),
    "expected 1 to 31536000"
  ),
  Options.optional
)
const latency = Options.text("latency").pipe(
  Options.withDescription("Milliseconds that an order, a cancel and an answer take, or MEDIAN:SIGMA (log-normal)"),
  Options.withDefault("100")
)

/** `betteroms paper FILE --tape OUT`: a plan on paper over the venue's live stream. */
export const paper = Command.make(
  "paper",
  { file, tape, seconds, latency, json: Flags.json },
  ({ file, json, latency, seconds, tape }) =>
    Effect.gen(function* () {
      const bytes = yield* readInput(file)
      const [App, NodeSocket, Jobs, Paper, { Ledger }, RunReport, RunTables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("@effect/platform-node/NodeSocket"),
          import("./BacktestJobs.ts"),
          import("../paper.ts"),
          import("../persist/Ledger.ts"),
          import("../report/RunReport.ts"),
          import("../report/RunTables.ts")
        ])
      )
      const settings = yield* App.settings
      const url = `${settings.wsUrl}/market`
      const delay = yield* Jobs.latency(latency)
      yield* Console.error(`trading ${file} on paper over ${url}, recorded in ${tape}; Ctrl-C ends it`)
      const session = Paper.run({
        bytes,
        file,
        paperBalance: settings.paperBalance,
        progress: progressLine("orders"),
        url,
        tape,
        millis: Option.getOrUndefined(Option.map(seconds, (many) => many * 1000)),
        latency: delay,
        tell: (what) => Effect.logWarning(what)
      })
      const { failure, run } = yield* session.pipe(
        Effect.provide(
          Layer.mergeAll(
            App.dataFrom({ _tag: "Live" }),
            NodeSocket.layerWebSocketConstructor,
            Layer.provide(Ledger.layer, App.database(settings))
          )
        )
      )
      yield* print(json, { json: () => RunReport.toJson(run), text: () => RunTables.runText(run, look()) })
      if (failure !== undefined) return yield* new Ended({ code: exitCode(failure) })
      if (run.status === "rejected") return yield* new Ended({ code: RISK_REFUSED })
    }).pipe(inWords(json, file))
).pipe(Command.withDescription(manual("paper")))
