// A recorder for the tests that kill it. Arguments: ADDRESS TAPE
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { MarketData } from "../../../src/layers/MarketData.ts"
import { noCounts } from "../../../src/replay/FeedCore.ts"
import * as Recorder from "../../../src/replay/Recorder.ts"
import { toMarket } from "../../../src/replay/TapeMarket.ts"
import { marketOf } from "./scene.ts"

const [, , url = "", out = ""] = process.argv

const noData = Layer.succeed(
  MarketData,
  MarketData.of({ markets: () => Effect.dieMessage("not asked"), books: () => Effect.dieMessage("not asked") })
)

const patience: Recorder.Patience = { ...Recorder.PATIENCE, flushEvery: "50 millis", firstRetry: "50 millis" }
const work = Recorder.run(
  { url, out, patience, markets: [toMarket(marketOf("first"))], tell: (what) => Console.error(what) },
  Recorder.noProgress(noCounts())
)
Effect.runCallback(work.pipe(Effect.provide(noData), Effect.provide(NodeSocket.layerWebSocketConstructor)))
