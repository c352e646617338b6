import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import type { Market } from "../domain/Market.ts"
import { MarketData } from "../layers/MarketData.ts"
import { inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const markets = Options.text("market").pipe(
  Options.withDescription("A market by slug, numeric id or condition id; may be repeated"),
  Options.atLeast(1)
)
const out = Options.text("out").pipe(Options.withDescription("The tape; one that is there is written further"))
const seconds = Options.integer("seconds").pipe(
  Options.withDescription("Stop by itself after so many seconds; otherwise Ctrl-C ends it"),
  Options.filterMap(
    (value) => (value >= 1 && value <= 31_536_000 ? Option.some(value) : Option.none()),
    "expected 1 to 31536000"
  ),
  Options.optional
)

const known = Effect.fnUntraced(function* (ids: ReadonlyArray<string>) {
  const data = yield* MarketData
  const found = yield* data.markets(ids)
  const list = new Map<string, Market>()
  const issues: Array<{ readonly path: string; readonly message: string }> = []
  for (const id of ids) {
    const market = found.get(id)
    if (market !== undefined && Either.isRight(market)) list.set(market.right.conditionId, market.right)
    else issues.push({ path: id, message: market === undefined ? "not found" : market.left.reason })
  }
  if (issues.length > 0) {
    return yield* new InvalidInput({ code: "unknown_market", message: "a market cannot be recorded", issues })
  }
  return [...list.values()]
})

/** `betteroms record`: writes down what the venue's market channel says. */
export const record = Command.make(
  "record",
  { markets, out, seconds, json: Flags.json },
  ({ json, markets, out, seconds }) =>
    Effect.gen(function* () {
      const [App, NodeSocket, Recorder, FeedCore, Tallies, Tables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("@effect/platform-node/NodeSocket"),
          import("../replay/Recorder.ts"),
          import("../replay/FeedCore.ts"),
          import("../replay/Tallies.ts"),
          import("../report/TapeTables.ts")
        ])
      )
      const settings = yield* App.settings
      const progress = Recorder.noProgress(FeedCore.noCounts())
      const summary = Effect.suspend(() => {
        const made = { out, rows: progress.rows, bytes: progress.bytes, markets: markets.length }
        const counted = Tallies.ofProgress(progress)
        return print(json, {
          json: () => Tables.madeJson(made, counted),
          text: () => Tables.madeText("Recorded", made, counted, look())
        })
      })
      const recording = Effect.gen(function* () {
        const list = yield* known(markets)
        const url = `${settings.wsUrl}/market`
        yield* Console.error(
          `recording ${list.map(({ slug }) => slug).join(", ")} from ${url} into ${out}; Ctrl-C ends it`
        )
        const work = Recorder.run({ url, markets: list, out, tell: (what) => Effect.logWarning(what) }, progress)
        yield* Option.match(seconds, {
          onNone: () => work,
          onSome: (most) => Effect.asVoid(Effect.timeoutOption(work, most * 1000))
        }).pipe(Effect.onInterrupt(() => summary))
        yield* summary
      })
      yield* recording.pipe(
        Effect.provide(App.dataFrom({ _tag: "Live" })),
        Effect.provide(NodeSocket.layerWebSocketConstructor)
      )
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("record")))
