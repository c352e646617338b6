import { availableParallelism } from "node:os"
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import { Ended, inWords, look, printJson, RISK_REFUSED } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { readInput } from "./Input.ts"
import { manual } from "./Manual.ts"
import { progressBar } from "./ProgressBar.ts"

const plans = Args.text({ name: "FILE|DIR" }).pipe(
  Args.withDescription("Plans, or directories of plans"),
  Args.atLeast(1)
)
const tape = Options.text("tape").pipe(
  Options.withDescription("A tape, or a directory of tapes (*.tape); may be repeated"),
  Options.atLeast(1)
)
const html = Options.file("html").pipe(Options.withDescription("Write the report to this file, too"), Options.optional)
const seed = Options.text("seed").pipe(Options.withDescription("Where chance begins"), Options.withDefault("1"))
const latency = Options.text("latency").pipe(
  Options.withDescription(
    "Milliseconds that an order, a cancel and an answer take; MEDIAN:SIGMA (log-normal); or file:PATH, a file of measured times"
  ),
  Options.withDefault("100")
)
const answerLatency = Options.text("answer-latency").pipe(
  Options.withDescription("The same for answers alone, where they take another time"),
  Options.withDefault("")
)
const cancelShare = Options.text("cancel-share").pipe(
  Options.withDescription("Part (0 to 1) of each cancellation that is taken to have stood ahead of a resting order"),
  Options.withDefault("proportional")
)
const at = Options.text("at").pipe(
  Options.withDescription("Trade at this time instead of the first moment at which all books of a plan are known"),
  Options.optional
)
const grid = Options.text("grid").pipe(
  Options.withDescription(
    "Try values: FIELD=FROM..TO:STEP or FIELD=A,B,C; FIELD is price, size, BUY.price, 2.price, simulation.slippageTicks, latency, ...; may be repeated"
  ),
  Options.repeated
)
const workers = Options.integer("workers").pipe(
  Options.withDescription("Threads that replay side by side (default: one a core)"),
  Options.filterMap((many) => (many >= 1 && many <= 256 ? Option.some(many) : Option.none()), "expected 1 to 256"),
  Options.optional
)

const isDirectory = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.match(files.stat(path), { onFailure: () => false, onSuccess: (info) => info.type === "Directory" })
  )

/** The files that a path stands for: itself, or those of a directory in name order. */
const expand = Effect.fn("Backtest.expand")(function* (path: string, pattern: RegExp, what: string) {
  if (!(yield* isDirectory(path))) return [path]
  const files = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const unreadable = new InvalidInput({ code: "unreadable_file", message: `${path}: it cannot be read`, issues: [] })
  const names = yield* Effect.mapError(files.readDirectory(path), () => unreadable)
  const found = names.filter((name) => pattern.test(name)).sort()
  if (found.length === 0)
    return yield* new InvalidInput({ code: "nothing_found", message: `${path}: it holds no ${what}`, issues: [] })
  return found.map((name) => join(path, name))
})

/** `betteroms backtest FILE --tape PATH`: what plans would have done over recorded books. */
export const backtest = Command.make(
  "backtest",
  { plans, tape, html, seed, latency, answerLatency, cancelShare, at, grid, workers, json: Flags.json },
  ({ answerLatency, at, cancelShare, grid, html, json, latency, plans, seed, tape, workers }) =>
    Effect.gen(function* () {
      const [Backtests, Jobs, Tapes, Tables, { AppConfig }] = yield* Effect.promise(() =>
        Promise.all([
          import("./Backtests.ts"),
          import("./BacktestJobs.ts"),
          import("../backtest.ts"),
          import("../report/BacktestTables.ts"),
          import("../layers/Config.ts")
        ])
      )
      const files = yield* Effect.forEach(plans, (path) => expand(path, /\.jsonc?$/, "plans"))
      const tapes = (yield* Effect.forEach(tape, (path) => expand(path, /\.tape$/, "tapes"))).flat()
      const written = yield* Effect.forEach(files.flat(), (file) =>
        Effect.map(readInput(file), (bytes) => ({ file, bytes }))
      )
      const { paperBalance: balance } = yield* Effect.provide(AppConfig, AppConfig.layer)
      const options = { seed, latency, answerLatency, cancelShare }
      const named = [latency, answerLatency, ...grid.flatMap((axis) => axis.slice(axis.indexOf("=") + 1).split(","))]
      const measured = new Map<string, ReadonlyArray<number>>()
      for (const path of named.flatMap((text) => Jobs.measuredIn(text.trim()) ?? [])) {
        const text = yield* Effect.mapError(
          Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path)),
          () => new InvalidInput({ code: "unreadable_file", message: `${path}: it cannot be read`, issues: [] })
        )
        measured.set(path, yield* Jobs.measurements(path, text))
      }
      const notBefore = Option.isSome(at) ? yield* Jobs.moment(at.value) : undefined
      const jobs = yield* Jobs.jobs(written, grid, options, measured, { tapes, notBefore, balance })
      const described = yield* Tapes.describe(tapes)
      const clock = yield* Effect.clock
      const bar = progressBar(described.reduce((rows, each) => rows + each.rows, 0) * jobs.length, clock)
      const runs = yield* Backtests.all(
        jobs,
        Option.getOrElse(workers, () => availableParallelism()),
        bar.add
      ).pipe(Effect.ensuring(Effect.sync(bar.end)))
      const report = {
        options: { seed, latencyMs: latency, answerLatencyMs: answerLatency || latency, cancelShare },
        tapes: described,
        runs
      }
      if (Option.isSome(html)) {
        const { backtestHtml } = yield* Effect.promise(() => import("../report/BacktestHtml.ts"))
        const disk = yield* FileSystem.FileSystem
        yield* Effect.mapError(
          disk.writeFileString(html.value, backtestHtml(report)),
          () => new InvalidInput({ code: "unusable_file", message: `${html.value}: it cannot be written`, issues: [] })
        )
      }
      yield* json ? printJson(report) : Console.log(Tables.backtestText(report, look()))
      if (!json && Option.isSome(html)) yield* Console.error(`report: ${html.value}`)
      if (runs.every((run) => run.status === "rejected")) return yield* new Ended({ code: RISK_REFUSED })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("backtest")))
