import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DEFECT, Ended, inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const load = Effect.promise(() => import("../report/TapeTables.ts"))

const tapeFile = Args.text({ name: "TAPE" })
const files = Args.text({ name: "FILE" }).pipe(Args.atLeast(1))
const tapes = Args.text({ name: "TAPE" }).pipe(Args.atLeast(2))
const out = Options.text("out").pipe(Options.withDescription("The tape to make"))
const replace = Options.boolean("replace").pipe(Options.withDescription("Take the place of a tape that is there"))
const markets = Options.text("market").pipe(
  Options.withDescription("Only this market, by slug, condition id or token; may be repeated"),
  Options.repeated
)
const marketInfo = Options.text("market-info").pipe(
  Options.withDescription("A file of market records: Gamma's, or those of /clob-markets; may be repeated"),
  Options.repeated
)

/** An ISO time or epoch milliseconds. */
const moment = (text: string): Option.Option<number> => {
  const millis = /^\d{10,15}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(millis) ? Option.none() : Option.some(millis)
}
const time = (name: string, description: string) =>
  Options.text(name).pipe(
    Options.withDescription(description),
    Options.filterMap(moment, "expected a time such as 2026-05-26T14:25:00Z, or epoch milliseconds"),
    Options.optional
  )
const from = time("from", "Keep what was received at this time or later")
const to = time("to", "Keep what was received before this time")
const quoteShares = Options.text("quote-shares").pipe(
  Options.withDescription(
    "Shares assumed at best prices that come without a size: in markets without books, and (default 5) in CSV of best quotes"
  ),
  Options.filterMap(
    (text) => (/^\d{1,9}(\.\d{1,6})?$/.test(text) && Number(text) > 0 ? Option.some(text) : Option.none()),
    "expected shares, such as 5 or 12.5"
  ),
  Options.optional
)

const importing = Command.make(
  "import",
  { files, out, marketInfo, markets, quoteShares, replace, json: Flags.json },
  ({ json, quoteShares, ...options }) =>
    Effect.gen(function* () {
      const [App, Import, Tallies, Tables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("../replay/import/Import.ts"),
          import("../replay/Tallies.ts"),
          import("../report/TapeTables.ts")
        ])
      )
      const made = yield* Import.run({
        ...options,
        quoteShares: Option.getOrUndefined(quoteShares),
        readMarkets: yield* App.marketRecords
      })
      const counted = Tallies.ofCounts(made.counts)
      yield* print(json, {
        json: () => {
          const { counts: _, ...rest } = made
          return Tables.madeJson(rest, counted)
        },
        text: () => Tables.madeText("Written", made, counted, look())
      })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("tape import")))

const info = Command.make("info", { tape: tapeFile, json: Flags.json }, ({ json, tape }) =>
  Effect.gen(function* () {
    const [{ info }, Tables] = yield* Effect.all([Effect.promise(() => import("../replay/Info.ts")), load])
    const found = yield* info(tape)
    yield* print(json, { json: () => Tables.tapeJson(found), text: () => Tables.tapeText(found, look()) })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("tape info")))

const verify = Command.make("verify", { tape: tapeFile, json: Flags.json }, ({ json, tape }) =>
  Effect.gen(function* () {
    const [{ verify }, Tables] = yield* Effect.all([Effect.promise(() => import("../replay/Verify.ts")), load])
    const verdict = yield* verify(tape)
    yield* print(json, { json: () => verdict, text: () => Tables.tapeVerdictText(verdict, look()) })
    if (!verdict.ok) return yield* new Ended({ code: DEFECT })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("tape verify")))

const cut = Command.make(
  "cut",
  { tape: tapeFile, out, from, to, markets, replace, json: Flags.json },
  ({ from, json, markets, out, replace, tape, to }) =>
    Effect.gen(function* () {
      const [{ cut }, Tables] = yield* Effect.all([Effect.promise(() => import("../replay/Cut.ts")), load])
      const range = { from: Option.getOrUndefined(from), to: Option.getOrUndefined(to) }
      const made = yield* cut({ tape, out, markets, replace, ...range })
      yield* print(json, {
        json: () => Tables.madeJson(made, []),
        text: () => Tables.madeText("Written", made, [], look())
      })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("tape cut")))

const merge = Command.make("merge", { tapes, out, replace, json: Flags.json }, ({ json, out, replace, tapes }) =>
  Effect.gen(function* () {
    const [{ merge }, Tables] = yield* Effect.all([Effect.promise(() => import("../replay/Merge.ts")), load])
    const made = yield* merge(tapes, out, replace)
    yield* print(json, {
      json: () => Tables.madeJson(made, []),
      text: () => Tables.madeText("Written", made, [], look())
    })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("tape merge")))

/** `betteroms tape ...`: recorded market data. */
export const tape = Command.make("tape").pipe(
  Command.withDescription(manual("tape")),
  Command.withSubcommands([importing, info, verify, cut, merge])
)
