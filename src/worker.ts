import { parentPort } from "node:worker_threads"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { type Job, run } from "./backtest.ts"

/** A thread of its own that replays one job after the other. What it says to its parent is `Backtests.Told`. */
const port = parentPort

port?.on("message", (job: Job) => {
  const work = run(job, (rows) => Effect.sync(() => port.postMessage({ _tag: "Rows", rows })))
  Effect.runCallback(work, {
    onExit: (exit) => {
      if (Exit.isSuccess(exit)) return port.postMessage({ _tag: "Run", run: exit.value })
      const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
      port.postMessage(
        failure === undefined
          ? { _tag: "Defect", message: Cause.pretty(exit.cause) }
          : { _tag: "Failure", code: failure.code, message: failure.message, issues: failure.issues }
      )
    }
  })
})
