import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as Descriptor from "@effect/cli/CommandDescriptor"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import { allowances } from "./allowances.ts"
import { betteroms } from "./betteroms.ts"
import { credentials } from "./credentials.ts"
import { db } from "./db.ts"
import { runs } from "./runs.ts"
import { tape } from "./tape.ts"

/** Commands that have commands of their own. */
const GROUPS = new Map([
  ["allowances", Command.getSubcommands(allowances)],
  ["credentials", Command.getSubcommands(credentials)],
  ["db", Command.getSubcommands(db)],
  ["runs", Command.getSubcommands(runs)],
  ["tape", Command.getSubcommands(tape)]
])

/**
 * Options that were typed and that the command does not have. The parser takes them for arguments, and complains about
 * whichever word is left over then.
 */
export const unknownOptions = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first = "", second = ""] = words
  const group = GROUPS.get(first)
  const found = Option.orElse(Option.flatMap(Option.fromNullable(group), HashMap.get(second)), () =>
    HashMap.get(Command.getSubcommands(betteroms), first)
  )
  if (Option.isNone(found)) return []
  const help = HelpDoc.toAnsiText(Descriptor.getHelp(found.value, CliConfig.defaultConfig))
  return words.flatMap((word) => {
    const [name = ""] = word.split("=")
    return /^--[a-z]/.test(name) && !help.includes(name) ? [name] : []
  })
}
