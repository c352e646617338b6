import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { inWords, print, warn } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms positions`: what is held, what it cost and what it would fetch now. */
export const positions = Command.make(
  "positions",
  { mode: Flags.mode, marketData: Flags.marketData, json: Flags.json },
  ({ json, marketData, mode }) =>
    Effect.gen(function* () {
      const [App, ReadOuts, Reading, Rows, Tables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("../readouts.ts"),
          import("./Reading.ts"),
          import("../report/Rows.ts"),
          import("../report/Tables.ts")
        ])
      )
      const [held, look] = yield* App.run(marketData, () => Effect.all([ReadOuts.positions(mode), Reading.named(json)]))
      yield* warn(held.warnings)
      yield* print(json, {
        json: () => Rows.positionsJson(held.positions),
        text: () => Tables.positionsText(held.positions, look)
      })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("positions")))
