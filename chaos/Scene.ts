import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { FaultSpec } from "../src/sandbox/Faults.ts"

/** One thing that a seed has done to the venue or by the operator. */
export type Step =
  | { readonly _tag: "Trade"; readonly plan: number }
  | { readonly _tag: "Retry"; readonly plan: number }
  | { readonly _tag: "Reconcile" }
  | { readonly _tag: "Cancel" }
  | { readonly _tag: "Halt" }
  | { readonly _tag: "Move"; readonly market: string; readonly ticks: number }
  | { readonly _tag: "Tick"; readonly market: string }

/** A step, and how long after its process has begun it is killed; absent, it may end by itself. */
export interface Act {
  readonly step: Step
  readonly killMillis: number | undefined
}

/** All that a seed decides. */
export interface Scene {
  readonly plans: ReadonlyArray<unknown>
  readonly books: Readonly<Record<string, { readonly bids: Levels; readonly asks: Levels }>>
  readonly faults: ReadonlyArray<FaultSpec>
  readonly acts: ReadonlyArray<Act>
  readonly signatureType: 0 | 1 | 2 | 3
}
type Levels = ReadonlyArray<readonly [string, string]>

const MARKETS = ["sandbox-rain", "sandbox-btc-up", "sandbox-election", "sandbox-peace", "sandbox-v2", "sandbox-match"]
/** What is held before anything goes wrong, to be sold. */
export const HELD = "sandbox-v2-cup"

const int = (low: number, high: number) => Random.nextIntBetween(low, high + 1)
const chance = (p: number) => Effect.map(Random.next, (drawn) => drawn < p)
const oneOf = <A>(all: ReadonlyArray<A>) =>
  Effect.flatMap(Random.nextIntBetween(0, all.length), (index) => {
    const found = all[index]
    return found === undefined ? Effect.dieMessage("nothing to choose from") : Effect.succeed(found)
  })

const price = (cents: number) => (cents / 100).toFixed(2)

const levels = (from: number, step: number) =>
  Effect.forEach([0, 1, 2, 3, 4], (n) =>
    Effect.map(int(500, 40_000), (size) => [price(from + n * step), (size / 100).toFixed(2)] as const)
  )

const book = Effect.gen(function* () {
  const ask = yield* int(35, 65)
  const spread = yield* int(1, 3)
  return { ask, bids: yield* levels(ask - spread, -1), asks: yield* levels(ask, 1) }
})

/** What can go wrong with the post of an order, with its probability's ceiling. */
const POSTS: ReadonlyArray<FaultSpec> = [
  { op: "POST /order", kind: "dropBefore" },
  { op: "POST /order", kind: "dropAfter" },
  { op: "POST /order", kind: "delayRequest", ms: 250 },
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
  { op: "POST /order", kind: "noTradeIds" },
  { op: "POST /order", kind: "baseUnits" },
  { op: "POST /order", kind: "hang" },
  { op: "POST /order", kind: "refusedInBody" },
  { op: "POST /order", kind: "successWithError" }
]

const OTHERS: ReadonlyArray<FaultSpec> = [
  { op: "GET *", kind: "badGateway" },
  { op: "GET *", kind: "dropBefore" },
  { op: "GET *", kind: "delayAnswer", ms: 200 },
  { op: "GET /data/order", kind: "stale" },
  { op: "GET /data/orders", kind: "stale" },
  { op: "GET /data/trades", kind: "stale" },
  { op: "GET /balance-allowance", kind: "stale" },
  { op: "GET *", kind: "rateLimit" },
  { op: "DELETE *", kind: "cancelNoEffect" },
  { op: "DELETE *", kind: "notCanceled" },
  { op: "DELETE *", kind: "dropAfter" },
  { op: "DELETE *", kind: "badGateway" },
  { op: "trade", kind: "fail", after: "MATCHED" },
  { op: "trade", kind: "fail", after: "MINED" },
  { op: "trade", kind: "stuck" }
]

const faults = (among: ReadonlyArray<FaultSpec>, most: number) =>
  Effect.gen(function* () {
    const many = yield* int(1, most)
    return yield* Effect.replicateEffect(
      Effect.gen(function* () {
        const spec = yield* oneOf(among)
        return { ...spec, p: yield* oneOf([0.05, 0.15, 0.3, 0.6]), count: yield* int(1, 6) }
      }),
      many
    )
  })

const plan = (planId: string, asks: ReadonlyMap<string, number>) =>
  Effect.gen(function* () {
    const many = yield* int(2, 5)
    const tradeInstructions = yield* Effect.forEach(Array.from({ length: many }), () =>
      Effect.gen(function* () {
        if (yield* chance(0.12)) {
          return {
            marketId: HELD,
            outcome: "YES",
            side: "SELL",
            price: price(yield* int(40, 55)),
            size: yield* int(5, 15)
          }
        }
        const [marketId, ask] = yield* oneOf([...asks])
        // One direction a market, or own orders would meet each other.
        const yes = marketId.length % 2 === 0
        const near = yes ? ask : 100 - ask + 2
        const limit = Math.min(95, Math.max(5, near + (yield* int(-4, 4))))
        const at = { marketId, outcome: yes ? "YES" : "NO", side: "BUY", price: price(limit) }
        const kind = yield* oneOf(["GTC", "GTC", "GTC", "FAK", "FOK", "POST", "GTD"])
        if (kind === "FAK" || kind === "FOK") return { ...at, timeInForce: kind, size: yield* int(3, 60) }
        const shares = { ...at, size: yield* int(6, 80), sizeUnit: "SHARES" }
        if (kind === "POST") return { ...shares, postOnly: true }
        return kind === "GTD" ? { ...shares, timeInForce: "GTD", cancelAfterSec: 600 } : shares
      })
    )
    return {
      planId,
      mode: "live",
      onReject: yield* oneOf(["stop", "skip"]),
      tradeInstructions: tradeInstructions.map((each) => ({ ...each, price: Number(each.price) }))
    }
  })

/** Everything that a seed decides: plans, books, faults, what is done when, and which process is killed. */
export const scene = (seed: number) =>
  Effect.gen(function* () {
    const chosen = new Set([yield* oneOf(MARKETS), yield* oneOf(MARKETS), yield* oneOf(MARKETS)])
    const made = yield* Effect.forEach([...chosen], (market) => Effect.map(book, (found) => [market, found] as const))
    const asks = new Map(made.map(([market, { ask }]) => [market, ask]))
    const plans = yield* Effect.forEach(Array.from({ length: yield* int(1, 2) }), (_, index) =>
      plan(`chaos-${seed}-${index}`, asks)
    )
    const acts: Array<Act> = []
    for (const index of plans.keys()) {
      const tries = yield* int(1, 4)
      for (let one = 0; one < tries; one++) {
        const killed = yield* chance(0.75)
        acts.push({ step: { _tag: "Trade", plan: index }, killMillis: killed ? yield* int(0, 1_200) : undefined })
        if (yield* chance(0.15)) {
          const kind = yield* oneOf(["Reconcile", "Reconcile", "Cancel", "Halt"] as const)
          acts.push({ step: { _tag: kind }, killMillis: (yield* chance(0.5)) ? yield* int(0, 400) : undefined })
        }
        if (yield* chance(0.2)) {
          const market = yield* oneOf([...chosen])
          acts.push({ step: { _tag: "Move", market, ticks: yield* int(-3, 3) }, killMillis: undefined })
        }
        if (yield* chance(0.05)) {
          acts.push({ step: { _tag: "Tick", market: yield* oneOf([...chosen]) }, killMillis: undefined })
        }
      }
      acts.push({ step: { _tag: "Trade", plan: index }, killMillis: undefined })
      if (yield* chance(0.2)) acts.push({ step: { _tag: "Retry", plan: index }, killMillis: undefined })
    }
    return {
      plans,
      books: Object.fromEntries(made.map(([market, { asks, bids }]) => [market, { asks, bids }])),
      faults: [...(yield* faults(POSTS, 3)), ...(yield* faults(OTHERS, 2))],
      acts,
      signatureType: yield* oneOf([0, 1, 2, 3] as const)
    } satisfies Scene
  }).pipe(Effect.withRandom(Random.make(`chaos ${seed}`)))
