import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { inWords, look, print, warn } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms balances`: cash, what orders reserve of it, and equity. */
export const balances = Command.make(
  "balances",
  { mode: Flags.mode, marketData: Flags.marketData, json: Flags.json },
  ({ json, marketData, mode }) =>
    Effect.gen(function* () {
      const [App, ReadOuts, Rows, Tables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("../readouts.ts"),
          import("../report/Rows.ts"),
          import("../report/Tables.ts")
        ])
      )
      const found = yield* App.run(marketData, () => ReadOuts.balances(mode))
      yield* warn(found.warnings)
      yield* print(json, {
        json: () => Rows.balancesJson(found.balances),
        text: () => Tables.balancesText(found.balances, look())
      })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("balances")))
