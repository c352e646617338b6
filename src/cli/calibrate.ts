import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { isTerminal } from "../domain/Order.ts"
import { inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms calibrate`: what happened to real orders beside what was simulated of them. */
export const calibrate = Command.make("calibrate", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [App, { Ledger }, Calibration, Tables] = yield* Effect.promise(() =>
      Promise.all([
        import("../app.ts"),
        import("../persist/Ledger.ts"),
        import("../report/Calibration.ts"),
        import("../report/CalibrationTables.ts")
      ])
    )
    const records = yield* App.onDatabase(
      Effect.provide(
        Effect.flatMap(Ledger, (ledger) => ledger.trials({})),
        Ledger.layer
      )
    )
    const trials = Calibration.trialsOf(records)
    const found = Calibration.calibrate(trials, records.filter(({ order }) => !isTerminal(order.status)).length)
    yield* print(json, { json: () => found, text: () => Tables.calibrationText(found, look()) })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("calibrate")))
