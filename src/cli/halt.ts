import * as Command from "@effect/cli/Command"
import * as OptionsOf from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Mode } from "../domain/Order.ts"
import { inWords, look as plain, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const reason = OptionsOf.text("reason").pipe(
  OptionsOf.withDescription("Why: it is kept, and told to whatever is refused"),
  OptionsOf.optional
)
const foreign = OptionsOf.boolean("foreign").pipe(
  OptionsOf.withDescription("Take back every order of the account at the venue, also those that are not ours")
)

/** `betteroms halt`: the kill switch. */
export const halt = Command.make("halt", { reason, foreign, json: Flags.json }, ({ foreign, json, reason }) =>
  Effect.gen(function* () {
    const [App, Reading, Halting, Rows] = yield* Effect.promise(() =>
      Promise.all([
        import("../app.ts"),
        import("./Reading.ts"),
        import("../halting.ts"),
        import("../report/HaltTables.ts")
      ])
    )
    const { halted, look } = yield* App.run(Option.none(), (settings) =>
      Effect.gen(function* () {
        const options = { reason: Option.getOrUndefined(reason), foreign }
        const real = yield* App.tradesLive(settings, foreign)
        const modes: ReadonlyArray<Mode> = real ? ["live", "paper"] : ["paper"]
        // Both gates close before anything is taken back at either.
        if (!real) yield* Halting.close("live", options.reason)
        else yield* Halting.close("paper", options.reason)
        const halted = yield* Effect.forEach(modes, (mode) => Halting.halt(mode, options))
        // Whether names are to be had or not, what halt came to is told.
        return { halted, look: yield* Effect.orElseSucceed(Reading.named(json), plain) }
      })
    )
    yield* print(json, { json: () => Rows.haltJson(halted), text: () => Rows.haltText(halted, look) })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("halt")))

/** `betteroms resume`: orders may leave again. */
export const resume = Command.make("resume", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [App, Halting] = yield* Effect.promise(() => Promise.all([import("../app.ts"), import("../halting.ts")]))
    const resumed = yield* App.run(Option.none(), () => Halting.resume)
    yield* print(json, {
      json: () => ({ resumed }),
      text: () =>
        resumed.length === 0
          ? "Nothing was halted."
          : `Trading goes on (${resumed.join(", ")}). Voided orders stay voided.`
    })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("resume")))
