import * as Options from "@effect/cli/Options"
import { source } from "../layers/MarketData.ts"

/** `--json`: exactly one JSON document on stdout. */
export const json = Options.boolean("json").pipe(Options.withDescription("Print one JSON document instead of tables"))

/** `--yes`: do what was shown without asking. */
export const yes = Options.boolean("yes").pipe(Options.withDescription("Go on without asking"))

export const mode = Options.choice("mode", ["paper", "live"] as const).pipe(
  Options.withDescription("Only this mode"),
  Options.optional
)

export const plan = Options.text("plan").pipe(Options.withDescription("Only this planId"), Options.optional)

export const marketData = Options.text("market-data").pipe(
  Options.withDescription("Where books come from: live, sim (simulated) or file:PATH (a recorded book or tape)"),
  Options.filterMap(source, "expected live, sim or file:PATH"),
  Options.optional
)

export const status = Options.choice("status", [
  "pending",
  "open",
  "filled",
  "cancelled",
  "expired",
  "rejected",
  "unknown",
  "delayed",
  "cancelling",
  "blocked"
] as const).pipe(Options.withDescription("Only this status; may be repeated"), Options.repeated)
