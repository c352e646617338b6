import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const out = Options.file("out").pipe(
  Options.withDescription("Write it to this file instead of printing it"),
  Options.optional
)

/** `betteroms schema`: the JSON Schema of plans, for editors. It is JSON with and without `--json`. */
export const schema = Command.make("schema", { out, json: Flags.json }, ({ out }) =>
  Effect.gen(function* () {
    const { schemaText } = yield* Effect.promise(() => import("../decode/PlanSchema.ts"))
    if (Option.isNone(out)) return yield* Console.log(schemaText().trimEnd())
    const files = yield* FileSystem.FileSystem
    yield* Effect.orDie(files.writeFileString(out.value, schemaText()))
  })
).pipe(Command.withDescription(manual("schema")))
