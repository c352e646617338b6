import * as Effect from "effect/Effect"
import type { FaultSpec } from "../src/sandbox/Faults.ts"
import { int, oneOf } from "./Draw.ts"

/** What can go wrong with the post of an order. */
const POSTS: ReadonlyArray<FaultSpec> = [
  { op: "POST /order", kind: "dropBefore" },
  { op: "POST /order", kind: "dropAfter" },
  { op: "POST /order", kind: "dropAfter" },
  { op: "POST /order", kind: "delayRequest", ms: 250 },
  { op: "POST /order", kind: "delayRequest", ms: 900 },
  { op: "POST /order", kind: "delayRequest", ms: 900 },
  { op: "POST /order", kind: "delayRequest", ms: 1_400 },
  { op: "POST /order", kind: "delayAnswer", ms: 250 },
  { op: "POST /order", kind: "delayAnswer", ms: 900 },
  { op: "POST /order", kind: "restart" },
  { op: "POST /order", kind: "rateLimit" },
  { op: "POST /order", kind: "timeout", booked: false },
  { op: "POST /order", kind: "timeout", booked: true },
  { op: "POST /order", kind: "couldNotInsert", booked: false },
  { op: "POST /order", kind: "couldNotInsert", booked: true },
  { op: "POST /order", kind: "badGateway", booked: true },
  { op: "POST /order", kind: "unavailable", booked: false },
  { op: "POST /order", kind: "contextCanceled", booked: true },
  { op: "POST /order", kind: "contextCanceled", booked: false },
  { op: "POST /order", kind: "forbidden", booked: false },
  { op: "POST /order", kind: "unauthorized", booked: false },
  { op: "POST /order", kind: "answer", status: 200, body: {}, booked: true },
  { op: "POST /order", kind: "answer", status: 400, body: { error: "words that nobody has seen" }, booked: true },
  { op: "POST /order", kind: "noTradeIds" },
  { op: "POST /order", kind: "baseUnits" },
  { op: "POST /order", kind: "hang" },
  { op: "POST /order", kind: "refusedInBody" },
  { op: "POST /order", kind: "successWithError" }
]

/** What can go wrong with what is asked of the venue. */
const READS: ReadonlyArray<FaultSpec> = [
  { op: "GET *", kind: "badGateway" },
  { op: "GET *", kind: "dropBefore" },
  { op: "GET *", kind: "delayAnswer", ms: 200 },
  { op: "GET *", kind: "rateLimit" },
  { op: "GET /data", kind: "hang" },
  { op: "GET /data", kind: "prefixed" },
  { op: "GET /data/order", kind: "stale" },
  { op: "GET /data/orders", kind: "stale" },
  { op: "GET /data/trades", kind: "stale" },
  { op: "GET /data/trades", kind: "lag", ms: 600 },
  { op: "GET /data/trades", kind: "notBroadcast" },
  { op: "GET /balance-allowance", kind: "stale" },
  { op: "balance", kind: "staleBalance" }
]

/** What can go wrong with cancels. */
const CANCELS: ReadonlyArray<FaultSpec> = [
  { op: "DELETE *", kind: "cancelNoEffect" },
  { op: "DELETE *", kind: "cancelNoEffect" },
  { op: "DELETE *", kind: "notCanceled" },
  { op: "DELETE *", kind: "notCanceled", booked: true },
  { op: "DELETE *", kind: "dropBefore" },
  { op: "DELETE *", kind: "dropAfter" },
  { op: "DELETE *", kind: "delayAnswer", ms: 900 },
  { op: "DELETE *", kind: "badGateway" },
  { op: "DELETE *", kind: "restart" }
]

/** What can become of trades. */
const TRADES: ReadonlyArray<FaultSpec> = [
  { op: "trade", kind: "fail", after: "MATCHED" },
  { op: "trade", kind: "fail", after: "MINED" },
  { op: "trade", kind: "stuck" }
]

const faults = (among: ReadonlyArray<FaultSpec>, least: number, most: number) =>
  Effect.gen(function* () {
    return yield* Effect.replicateEffect(
      Effect.gen(function* () {
        const spec = yield* oneOf(among)
        return { ...spec, p: yield* oneOf([0.05, 0.15, 0.3, 0.6]), count: yield* int(1, 6) }
      }),
      yield* int(least, most)
    )
  })

/** Everything that goes wrong in one scene. */
export const mishaps = Effect.map(
  Effect.all([faults(POSTS, 1, 3), faults(READS, 0, 2), faults(CANCELS, 0, 2), faults(TRADES, 0, 1)]),
  (found): ReadonlyArray<FaultSpec> => found.flat()
)
