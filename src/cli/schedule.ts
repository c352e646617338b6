import { randomUUID } from "node:crypto"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { TickTold } from "../domain/Report.ts"
import { Ended, exitCode, inWords, look, printJson, RISK_REFUSED } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const plans = Options.text("plans").pipe(
  Options.withDescription("The directory whose plans are run, in name order"),
  Options.withDefault("plans")
)
const interval = Options.integer("interval").pipe(
  Options.withDescription("Minutes from tick to tick (default: CRON_INTERVAL_MINUTES, or 60)"),
  Options.filterMap(
    (minutes) => (minutes >= 1 && minutes <= 1440 ? Option.some(minutes) : Option.none()),
    "expected 1 to 1440"
  ),
  Options.optional
)
const heartbeat = Options.boolean("heartbeat").pipe(
  Options.withDescription(
    "Arm the venue's dead-man switch: when this process is gone, it cancels every open order of the API key"
  )
)
const once = Options.boolean("once").pipe(Options.withDescription("One tick now, then leave: for an outside cron"))

/**
 * What an outside cron is to learn of a tick: the code of the first plan that did not complete, else of an account that
 * could not be looked after.
 */
const codeOf = ({ failure, plans }: TickTold): number => {
  const [wrong] = plans.filter((plan) => plan.failure !== undefined || plan.status === "rejected")
  if (wrong === undefined) return failure === undefined ? 0 : exitCode(failure)
  return wrong.failure === undefined ? RISK_REFUSED : exitCode(wrong.failure)
}

/** `betteroms schedule`: looks after resting orders and runs the plans of a directory, tick by tick. */
export const schedule = Command.make(
  "schedule",
  { plans, interval, once, heartbeat, marketData: Flags.marketData, json: Flags.json },
  ({ heartbeat, interval, json, marketData, once, plans }) =>
    Effect.gen(function* () {
      const [App, Schedule, Tick, TickTables, Trials] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("../schedule.ts"),
          import("../tick.ts"),
          import("../report/TickTables.ts"),
          import("../trials.ts")
        ])
      )
      yield* Tick.plansIn(plans)
      const holder = yield* Effect.sync(() => randomUUID())
      let code = 0
      yield* App.run(marketData, (settings) =>
        Effect.scoped(
          Effect.gen(function* () {
            const beats = heartbeat ? [yield* App.heartbeat(settings)] : []
            return yield* Schedule.run({
              intervalMinutes: Option.getOrElse(interval, () => settings.intervalMinutes),
              once,
              holder,
              beside: Effect.raceAll([Trials.watch, ...beats]),
              onWait: Console.error("another scheduler holds the lease; waiting for it to end"),
              tick: (slotMillis, tenure) =>
                Effect.gen(function* () {
                  const live = yield* App.tradesLive(settings, false)
                  const told = yield* Tick.tick(plans, slotMillis, {
                    paperBalance: settings.paperBalance,
                    live,
                    tenure
                  })
                  yield* json ? printJson(TickTables.tickJson(told)) : Console.log(TickTables.tickText(told, look()))
                  code = codeOf(told)
                })
            })
          })
        )
      )
      if (code !== 0) return yield* new Ended({ code })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("schedule")))
