import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { FaultSpec } from "../src/sandbox/Faults.ts"
import type { Options } from "../src/sandbox/Options.ts"
import { type Act, acts } from "./Acts.ts"
import { chance, int, oneOf } from "./Draw.ts"
import { mishaps } from "./Mishaps.ts"

/** All that a seed decides. */
export interface Scene {
  readonly plans: ReadonlyArray<unknown>
  readonly books: Readonly<Record<string, { readonly bids: Levels; readonly asks: Levels }>>
  readonly faults: ReadonlyArray<FaultSpec>
  readonly acts: ReadonlyArray<Act>
  /** Whether shares are held before anything goes wrong, for plans to sell. */
  readonly holds: boolean
  /** How the venue is made. */
  readonly venue: Pick<Options, "seed" | "signatureType" | "amounts" | "refusals" | "autoRedeem">
  /** How trades that are stuck end. */
  readonly stuck: "CONFIRMED" | "FAILED"
}
type Levels = ReadonlyArray<readonly [string, string]>

const MARKETS = ["sandbox-rain", "sandbox-btc-up", "sandbox-election", "sandbox-peace", "sandbox-v2", "sandbox-match"]
/** What is held before anything goes wrong, to be sold. */
export const HELD = "sandbox-v2-cup"

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
    const holds = plans.some(({ tradeInstructions }) => tradeInstructions.some(({ marketId }) => marketId === HELD))
    return {
      plans,
      holds,
      books: Object.fromEntries(made.map(([market, { asks, bids }]) => [market, { asks, bids }])),
      faults: yield* mishaps,
      acts: yield* acts(plans.length, [...chosen, ...(holds ? [HELD] : [])]),
      venue: {
        seed: `chaos ${seed}`,
        signatureType: yield* oneOf([0, 1, 2, 3] as const),
        amounts: yield* oneOf(["human", "base"] as const),
        refusals: yield* oneOf(["http", "http", "body"] as const),
        autoRedeem: yield* chance(0.5)
      },
      stuck: yield* oneOf(["CONFIRMED", "FAILED"] as const)
    } satisfies Scene
  }).pipe(Effect.withRandom(Random.make(`chaos ${seed}`)))
