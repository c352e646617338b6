import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { Ended, exitCode, inWords, look, print, warn } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms reconcile`: resting orders against the book as it is now. */
export const reconcile = Command.make(
  "reconcile",
  { marketData: Flags.marketData, json: Flags.json },
  ({ json, marketData }) =>
    Effect.gen(function* () {
      const [App, Upkeep, Rows, Tables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("../upkeep.ts"),
          import("../report/OrderRows.ts"),
          import("../report/OrderTables.ts")
        ])
      )
      const { changed, outage, settled, warnings } = yield* App.run(marketData, () =>
        Upkeep.upkeep("paper", { held: true })
      )
      yield* print(json, {
        json: () => ({ ...Rows.ordersJson(changed), settled, warnings }),
        text: () => Tables.reconciledText({ changed, settled }, look())
      })
      if (!json) yield* warn(warnings)
      if (outage !== undefined) return yield* new Ended({ code: exitCode(outage) })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("reconcile")))
