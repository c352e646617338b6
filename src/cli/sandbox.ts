import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput, VenueUnavailable } from "../domain/Failure.ts"
import * as Money from "../domain/Money.ts"
import { source } from "../layers/MarketData.ts"
import { inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const within = (least: number, most: number) => (value: number) =>
  value >= least && value <= most ? Option.some(value) : Option.none()

const port = Options.integer("port").pipe(
  Options.withDescription("The port on 127.0.0.1; 0 takes a free one"),
  Options.filterMap(within(0, 65_535), "expected 0 to 65535"),
  Options.withDefault(0)
)
const seed = Options.text("seed").pipe(
  Options.withDescription("Markets, keys, ids, moves and faults follow from it"),
  Options.withDefault("sandbox")
)
const faults = Options.text("faults").pipe(
  Options.withDescription("A script (JSON): what goes wrong, and what is done at which time"),
  Options.optional
)
const marketData = Options.text("market-data").pipe(
  Options.withDescription("Books of real markets: live or file:PATH, with --market; otherwise invented ones"),
  Options.filterMap((text) => Option.filter(source(text), ({ _tag }) => _tag !== "Sim"), "expected live or file:PATH"),
  Options.optional
)
const markets = Options.text("market").pipe(
  Options.withDescription("A market of --market-data by slug, numeric id or condition id; may be repeated"),
  Options.repeated
)
const latency = Options.integer("latency").pipe(
  Options.withDescription("Milliseconds that every answer takes"),
  Options.filterMap(within(0, 60_000), "expected 0 to 60000"),
  Options.withDefault(0)
)
const move = Options.integer("move").pipe(
  Options.withDescription("Seconds from one move of the invented books to the next; 0 leaves them still"),
  Options.filterMap(within(0, 86_400), "expected 0 to 86400"),
  Options.withDefault(0)
)
const signatureType = Options.choiceWithValue("signature-type", [
  ["0", 0],
  ["1", 1],
  ["2", 2],
  ["3", 3]
] as const).pipe(
  Options.withDescription("The operator's wallet: 0 EOA, 1 proxy, 2 safe, 3 deposit wallet"),
  Options.withDefault(0 as const)
)
const cash = Options.text("cash").pipe(
  Options.withDescription("Dollars in the operator's wallet"),
  Options.filterMap(
    (text) => Option.filter(Money.parse(text), (usd) => usd >= 0n && usd <= 1_000_000_000n * Money.UNIT),
    "expected dollars, 0 to 1000000000"
  ),
  Options.withDefault(10_000n * Money.UNIT)
)
const envOut = Options.text("env-out").pipe(
  Options.withDescription("Write the environment to this file instead of printing it"),
  Options.optional
)
const journal = Options.text("journal").pipe(
  Options.withDescription("Append everything that happens at the venue to this file, a JSON document a line"),
  Options.optional
)

const EVERY = 2_000

/** A home of its own: what is rehearsed never stands among what was traded. */
const homeOf = (url: string): string => `.betteroms-sandbox/${new URL(url).port}`

/** What was rehearsed at an earlier venue of that address has gone with it: its ledger would agree with nothing. */
const clear = Effect.fn("sandbox.clear")(function* (home: string) {
  const files = yield* FileSystem.FileSystem
  const App = yield* Effect.promise(() => import("../app.ts"))
  if (!(yield* Effect.orElseSucceed(files.exists(home), () => false))) return
  yield* App.discard(home)
  yield* Console.error(`the database of an earlier rehearsal is removed: ${home}`)
})

/** `betteroms sandbox`: a local exchange that speaks the venue's API, until Ctrl-C. */
export const sandbox = Command.make(
  "sandbox",
  { port, seed, faults, marketData, markets, latency, move, signatureType, cash, envOut, journal, json: Flags.json },
  ({ cash, envOut, faults, journal, json, latency, marketData, markets, move, port, seed, signatureType }) =>
    Effect.gen(function* () {
      const [App, Sandbox, Feed, BookRecord, Files, Tables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("../sandbox/Sandbox.ts"),
          import("../sandbox/Feed.ts"),
          import("../sandbox/BookRecord.ts"),
          import("./SandboxFiles.ts"),
          import("../report/SandboxTables.ts")
        ])
      )
      if (Option.isSome(marketData) !== markets.length > 0) {
        const message = "--market-data and --market go together: the source, and which of its markets"
        return yield* new InvalidInput({ code: "usage", message, issues: [] })
      }
      const script = yield* Option.match(faults, {
        onNone: () => Effect.succeed({ faults: [], schedule: [] }),
        onSome: Files.readScript
      })
      const running = yield* Sandbox.make({
        port,
        seed,
        ...script,
        latencyMillis: latency,
        signatureType,
        cash: Money.Usd(cash),
        autoRedeem: true,
        ...(Option.isSome(journal) ? { journalFile: journal.value } : {}),
        ...(move > 0 ? { moveMillis: move * 1000 } : {}),
        ...(Option.isSome(marketData) ? { markets: [] } : {})
      })
      const listings = yield* Option.match(marketData, {
        onNone: () => Effect.sync(() => [...running.house.listings.values()]),
        onSome: (from) => Effect.provide(Feed.follow(running, markets, EVERY), App.dataFrom(from))
      })
      const home = homeOf(running.url)
      yield* clear(home)
      const env = { ...running.env, DATABASE_URL: "", BETTEROMS_HOME: home }
      const envFile = Option.getOrUndefined(envOut)
      if (envFile !== undefined) yield* Files.writeEnvironment(envFile, env)
      const told = {
        url: running.url,
        env,
        envFile,
        cash,
        markets: listings.map((listing) => ({
          ...listing,
          feeRate: listing.fees.rate,
          ...BookRecord.best({ listing, outcome: 0 })
        }))
      }
      yield* print(json, {
        json: () => Tables.sandboxJson(told),
        text: () => Tables.sandboxText(told, look())
      })
      return yield* Effect.never
    }).pipe(
      Effect.catchTag("SandboxUnavailable", ({ message }) => new VenueUnavailable({ message })),
      Effect.scoped,
      inWords(json)
    )
).pipe(Command.withDescription(manual("sandbox")))
