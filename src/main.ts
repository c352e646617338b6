import { stripVTControlCharacters } from "node:util"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import type * as ValidationError from "@effect/cli/ValidationError"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { betteroms } from "./cli/betteroms.ts"
import { DEFECT, Ended, inColor, printJson, USAGE } from "./cli/Ending.ts"
import { overview } from "./cli/Manual.ts"
import { unknownOptions } from "./cli/UnknownOptions.ts"
import * as Log from "./layers/Log.ts"

declare const BETTEROMS_VERSION: string

// `pnpm run trade -- plan.json` hands the dashes on.
const argv = process.argv.filter((word, index) => word !== "--" || index > 4)
const wantsJson = argv.includes("--json")

let interruptedBy: "SIGINT" | "SIGTERM" = "SIGINT"
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    interruptedBy = name
  })
}
// A reader that goes away, as in `betteroms orders | head`, is no defect.
process.stdout.on("error", () => process.exit(0))

let spoken = false

/** Help and usage come coloured from the parser: only a terminal gets the colours. */
const console = Layer.unwrapEffect(
  Effect.map(Effect.console, (inner) => {
    const plain = (color: boolean) => (args: ReadonlyArray<unknown>) =>
      color ? args : args.map((each) => (typeof each === "string" ? stripVTControlCharacters(each) : each))
    const [out, err] = [plain(inColor("stdout")), plain(inColor("stderr"))]
    return Console.setConsole({
      ...inner,
      log: (...args) => {
        spoken = true
        return inner.log(...out(args))
      },
      error: (...args) => inner.error(...err(args))
    })
  })
)

const usage = (wrong: ValidationError.ValidationError) =>
  Effect.gen(function* () {
    const unknown = unknownOptions(argv.slice(2)).map((name) => `no option ${name}: see betteroms ${argv[2]} --help`)
    for (const words of unknown) yield* Console.error(words)
    if (wantsJson) {
      const message = "the command line cannot be understood; see: betteroms --help"
      const told = unknown.length > 0 ? unknown : [stripVTControlCharacters(HelpDoc.toAnsiText(wrong.error)).trim()]
      const issues = told.map((message) => ({ path: "", message }))
      yield* printJson({ error: { code: "usage", message, issues } })
    }
    return yield* new Ended({ code: USAGE })
  })

const asksForOverview = argv.length < 3 || (argv.length === 3 && /^(help|--help|-h)$/.test(argv[2] ?? ""))

const parsed = Command.run(betteroms, { name: "BetterOMS", version: BETTEROMS_VERSION })

const program = (asksForOverview ? Console.log(overview(BETTEROMS_VERSION)) : parsed(argv)).pipe(
  Effect.catchAll((error) => (error._tag === "Ended" ? Effect.fail(error) : usage(error))),
  Effect.tapErrorCause((cause) =>
    Option.match(Cause.keepDefects(cause), {
      onNone: () => Effect.void,
      onSome: (defects) =>
        Effect.gen(function* () {
          yield* Console.error(`This is a defect of BetterOMS, not of your input:\n${Cause.pretty(defects)}`)
          if (wantsJson) yield* printJson({ error: { code: "defect", message: "see stderr", issues: [] } })
        })
    })
  ),
  Effect.provide(Layer.mergeAll(CliConfig.layer({ showBuiltIns: false }), Log.layer, console)),
  Effect.provide(NodeContext.layer)
)

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  disablePrettyLogger: true,
  teardown: (exit, onExit) => {
    if (Exit.isSuccess(exit)) return onExit(0)
    const failure = Cause.failureOption(exit.cause)
    if (Option.isSome(failure)) return onExit(failure.value instanceof Ended ? failure.value.code : DEFECT)
    if (Cause.isInterruptedOnly(exit.cause)) {
      const message =
        argv[2] === "sandbox"
          ? "interrupted: the sandbox is gone, and all that was in it"
          : "interrupted: what was committed stays; the same command goes on where this one stopped"
      process.stderr.write(`${message}\n`)
      if (wantsJson && !spoken) {
        process.stdout.write(`${JSON.stringify({ error: { code: "interrupted", message, issues: [] } }, null, 2)}\n`)
      }
      return onExit(interruptedBy === "SIGINT" ? 130 : 143)
    }
    onExit(DEFECT)
  }
})
