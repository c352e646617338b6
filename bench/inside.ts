/**
 * What the benches run inside a process of their own: `hold` keeps the database server of the home up, `trade FILE [live]`
 * takes a plan down the corridor, over simulated or live market data, and times that alone, without the start of the process.
 */

import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as App from "../src/app.ts"
import * as Embedded from "../src/layers/Embedded.ts"
import * as Migrations from "../src/layers/Migrations.ts"
import * as Pipeline from "../src/pipeline.ts"
import * as RunReport from "../src/report/RunReport.ts"

const millisOf = (from: bigint, to: bigint): number => Number((to - from) / 1_000n) / 1_000

const SOURCES = { sim: Option.some({ _tag: "Sim" } as const), live: Option.some({ _tag: "Live" } as const) }

const trade = (file: string, source: keyof typeof SOURCES) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const bytes = yield* files.readFile(file)
    const settings = yield* App.settings
    const work = Effect.gen(function* () {
      const started = yield* Clock.currentTimeNanos
      let first = 0
      const busy = process.cpuUsage()
      const { failure, run } = yield* Pipeline.trade({
        bytes,
        file,
        dryRun: false,
        retryRefused: false,
        paperBalance: settings.paperBalance,
        progress: () =>
          Effect.map(Clock.currentTimeNanos, (now) => {
            if (first === 0) first = millisOf(started, now)
          })
      })
      const traded = yield* Clock.currentTimeNanos
      const { system, user } = process.cpuUsage(busy)
      const { length } = JSON.stringify(RunReport.toJson(run), null, 2)
      const reported = yield* Clock.currentTimeNanos
      const { ordersFilled, ordersOpen, ordersPlaced } = RunReport.toJson(run).totals
      yield* Console.log(
        JSON.stringify({
          millis: millisOf(started, traded),
          first,
          report: millisOf(traded, reported),
          cpu: (user + system) / 1_000,
          length,
          failure: failure?.message,
          status: run.status,
          ordersFilled,
          ordersOpen,
          ordersPlaced,
          megabytes: process.resourceUsage().maxRSS / 1024
        })
      )
    })
    yield* App.runWith(settings, SOURCES[source], work)
  })

const hold = Effect.gen(function* () {
  const settings = yield* App.settings
  const work = Effect.gen(function* () {
    yield* Migrations.status
    yield* Console.log(JSON.stringify(yield* Embedded.acquire(settings.home)))
    yield* Effect.async<void>((resume) => {
      process.stdin.on("end", () => resume(Effect.void)).resume()
    })
  })
  yield* Effect.ensuring(
    Effect.provide(Effect.scoped(work), App.database(settings)),
    Effect.ignore(App.discard(settings.home))
  )
})

const [, , command, file = "", from] = process.argv

NodeRuntime.runMain(
  Effect.provide(command === "hold" ? hold : trade(file, from === "live" ? "live" : "sim"), NodeContext.layer)
)
