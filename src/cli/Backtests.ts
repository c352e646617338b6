import { Worker } from "node:worker_threads"
import * as Effect from "effect/Effect"
import { type Job, run } from "../backtest.ts"
import { InvalidInput, type Issue } from "../domain/Failure.ts"
import type { BacktestRun } from "../report/BacktestReport.ts"

/** What a worker says while it works on a job, and at its end. */
export type Told =
  | { readonly _tag: "Rows"; readonly rows: number }
  | { readonly _tag: "Run"; readonly run: BacktestRun }
  | { readonly _tag: "Failure"; readonly code: string; readonly message: string; readonly issues: ReadonlyArray<Issue> }
  | { readonly _tag: "Defect"; readonly message: string }

// Bundled, the worker lies beside this code; from the sources there is none, and everything runs in this thread.
const WORKER = import.meta.url.includes("/src/cli/") ? undefined : new URL("./worker.js", import.meta.url)

const ask = (worker: Worker, job: Job, onRows: (rows: number) => void): Effect.Effect<BacktestRun, InvalidInput> =>
  Effect.async<BacktestRun, InvalidInput>((resume) => {
    const done = (answer: Effect.Effect<BacktestRun, InvalidInput>) => {
      worker.off("message", hear).off("error", fail).off("exit", leave)
      resume(answer)
    }
    const hear = (told: Told) => {
      if (told._tag === "Rows") onRows(told.rows)
      else if (told._tag === "Run") done(Effect.succeed(told.run))
      else if (told._tag === "Failure") done(Effect.fail(new InvalidInput(told)))
      else done(Effect.dieMessage(told.message))
    }
    const fail = (error: unknown) => done(Effect.die(error))
    const leave = (code: number) => done(Effect.dieMessage(`a worker ended with code ${code}`))
    worker.on("message", hear).on("error", fail).on("exit", leave)
    worker.postMessage(job)
  })

const worker = (url: URL) =>
  Effect.acquireRelease(
    Effect.sync(() => new Worker(url)),
    (worker) => Effect.promise(() => worker.terminate())
  )

/**
 * Runs all jobs, as many at a time as there are workers, and returns what they came to in the order of the jobs. One
 * worker and many give the same answers: each job is a world of its own.
 */
export const all = Effect.fn("Backtests.all")(function* (
  jobs: ReadonlyArray<Job>,
  workers: number,
  onRows: (rows: number) => void
) {
  const many = Math.min(workers, jobs.length)
  if (WORKER === undefined || many <= 1) {
    return yield* Effect.forEach(jobs, (job) => run(job, (rows) => Effect.sync(() => onRows(rows))))
  }
  const found: Array<BacktestRun> = []
  let next = 0
  const one = Effect.gen(function* () {
    const thread = yield* worker(WORKER)
    for (let at = next++; ; at = next++) {
      const job = jobs[at]
      if (job === undefined) return
      found[at] = yield* ask(thread, job, onRows)
    }
  })
  yield* Effect.all(
    Array.from({ length: many }, () => Effect.scoped(one)),
    { concurrency: "unbounded", discard: true }
  )
  return found
}) satisfies (
  jobs: ReadonlyArray<Job>,
  workers: number,
  onRows: (rows: number) => void
) => Effect.Effect<ReadonlyArray<BacktestRun>, InvalidInput>
