import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Decode from "./decode/Decode.ts"
import { type Failure, InvalidInput } from "./domain/Failure.ts"
import type { Usd } from "./domain/Money.ts"
import type { PlanTold, TickTold } from "./domain/Report.ts"
import type { Patience } from "./execute/Resolve.ts"
import { Ledger, type Tenure } from "./persist/Ledger.ts"
import * as Pipeline from "./pipeline.ts"
import { upkeep } from "./upkeep.ts"

const unusable = (directory: string) =>
  new InvalidInput({
    code: "no_plans_directory",
    message: `${directory}: no such directory`,
    issues: [{ path: "--plans", message: "expected a directory that holds plans (*.json)" }]
  })

/** The plan files of a directory, in name order. */
export const plansIn = Effect.fn("Tick.plansIn")(function* (directory: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = yield* Effect.mapError(files.readDirectory(directory), () => unusable(directory))
  return names
    .filter((name) => /\.jsonc?$/.test(name))
    .sort()
    .map((name) => path.join(directory, name))
})

const failed = (file: string, planId: string | undefined, failure: Failure): PlanTold => ({
  file,
  planId,
  status: "failed",
  run: undefined,
  error:
    "issues" in failure && failure.issues[0] !== undefined
      ? `${failure.message}: ${failure.issues[0].path} ${failure.issues[0].message}`
      : failure.message,
  failure
})

/** What a tick works with. */
export interface Work {
  readonly paperBalance: Usd
  /** Whether there is a live account to look after. */
  readonly live: boolean
  readonly tenure?: Tenure | undefined
  readonly patience?: Patience
}

/** One plan of a tick: run, unless it has completed already. Whatever goes wrong with it is told, not thrown. */
const onePlan = (
  file: string,
  { paperBalance, patience, tenure }: Work
): Effect.Effect<PlanTold, never, Pipeline.Needs | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const bytes = yield* Effect.mapError(
      files.readFile(file),
      () => new InvalidInput({ code: "unreadable_file", message: `${file} cannot be read`, issues: [] })
    )
    const plan = yield* Decode.plan(bytes)
    const ledger = yield* Ledger
    const past = yield* ledger.run(plan.planId)
    if (Option.isSome(past) && past.value.status === "completed" && past.value.planHash === plan.hash) {
      return {
        file,
        planId: plan.planId,
        status: "ran already",
        run: undefined,
        error: undefined,
        failure: undefined
      } satisfies PlanTold
    }
    const traded = yield* Effect.either(
      Pipeline.trade({
        bytes,
        file,
        dryRun: false,
        retryRefused: false,
        paperBalance,
        tenure,
        progress: () => Effect.void,
        ...(patience === undefined ? {} : { patience })
      })
    )
    if (Either.isLeft(traded)) return failed(file, plan.planId, traded.left)
    const { failure, run } = traded.right
    const [refused] = run.refused
    const error = failure?.message ?? (run.status === "rejected" ? refused?.reasons.join("; ") : undefined)
    return { file, planId: plan.planId, status: run.status, run, error, failure } satisfies PlanTold
  }).pipe(Effect.catchAll((failure) => Effect.succeed(failed(file, undefined, failure))))

/** One tick: what rests is looked after, then the plans that have not run yet are run, one bad plan not stopping the others. */
export const tick = Effect.fn("Tick.tick")(function* (directory: string, slotMillis: number, work: Work) {
  const startedMillis = yield* Clock.currentTimeMillis
  const { patience, tenure } = work
  const looked = yield* Effect.forEach(work.live ? (["paper", "live"] as const) : (["paper"] as const), (mode) =>
    Effect.either(upkeep(mode, { held: true, tenure, ...(patience === undefined ? {} : { patience }) }))
  )
  const listed = yield* Effect.either(plansIn(directory))
  const plans = yield* Effect.forEach(
    Either.getOrElse(listed, () => []),
    (file) => onePlan(file, work)
  )
  return {
    slotMillis,
    startedMillis,
    completedMillis: yield* Clock.currentTimeMillis,
    changed: looked.flatMap((kept) => (Either.isRight(kept) ? kept.right.changed : [])),
    settled: looked.flatMap((kept) => (Either.isRight(kept) ? kept.right.settled : [])),
    warnings: looked.flatMap((kept) => (Either.isRight(kept) ? kept.right.warnings : [kept.left.message])),
    failure: looked.flatMap((kept) => (Either.isLeft(kept) ? [kept.left] : (kept.right.outage ?? [])))[0],
    plans,
    error: Either.isLeft(listed) ? listed.left.message : undefined
  } satisfies TickTold
})
