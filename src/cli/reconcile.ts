import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { Ended, exitCode, HALTED, inWords, print, warn } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const accept = Options.boolean("accept").pipe(
  Options.withDescription("What differs at the venue is right as it is there: book it, and trade on")
)

/** `betteroms reconcile`: resting orders against the book as it is now, and the live account against its venue. */
export const reconcile = Command.make(
  "reconcile",
  { accept, marketData: Flags.marketData, json: Flags.json },
  ({ accept, json, marketData }) =>
    Effect.gen(function* () {
      const [App, Reading, Upkeep, Reconcile, Rows, Tables, Accounts] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("./Reading.ts"),
          import("../upkeep.ts"),
          import("../reconcile.ts"),
          import("../report/OrderRows.ts"),
          import("../report/OrderTables.ts"),
          import("../report/AccountTables.ts")
        ])
      )
      const { live, look, paper } = yield* App.run(marketData, (settings) =>
        Effect.gen(function* () {
          const paper = yield* Upkeep.upkeep("paper", { held: true })
          const live = (yield* App.tradesLive(settings, false))
            ? yield* Reconcile.reconcile("live", { accept })
            : undefined
          return { paper, live, look: yield* Reading.named(json) }
        })
      )
      const changed = [...paper.changed, ...(live?.changed ?? [])]
      const settled = [...paper.settled, ...(live?.settled ?? [])]
      const warnings = [...paper.warnings, ...(live?.warnings ?? [])]
      yield* print(json, {
        json: () => ({
          ...Rows.ordersJson(changed),
          settled,
          warnings,
          live: live === undefined ? null : Accounts.accountJson(live)
        }),
        text: () =>
          [
            Tables.reconciledText({ changed, settled }, look),
            ...(live === undefined ? [] : [Accounts.accountText(live, look)])
          ].join("\n\n")
      })
      if (!json) yield* warn(warnings)
      if (live !== undefined && live.stops.length > 0) return yield* new Ended({ code: HALTED })
      if (paper.outage !== undefined) return yield* new Ended({ code: exitCode(paper.outage) })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("reconcile")))
