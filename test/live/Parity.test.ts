import { assert, describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { format, Price, UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { proven } from "../pipeline/world.ts"
import { anyStory, beside, both, lookAfter, marketsOf, PLANS, play, type Story, show, twin } from "./parity.ts"
import { Exchange, scenario, world } from "./world.ts"

const SEED = 20_261_125

const told = (story: Story, number: number) =>
  `story ${number}: ${JSON.stringify(story, (_, value) => (typeof value === "bigint" ? `${value}` : value))}`

describe("paper and a venue that shows the same books", () => {
  it.live(
    "come to the same fills, fees, positions and cash, plan after plan, while the books move",
    () =>
      Effect.gen(function* () {
        // PARITY_PLANS=600 plays ten times as many.
        const plans = yield* Config.withDefault(Config.integer("PARITY_PLANS"), 60)
        const seed = yield* Config.withDefault(Config.integer("PARITY_SEED"), SEED)
        const stories = fc.sample(anyStory, { numRuns: Math.ceil(plans / PLANS), seed })
        const seen = yield* Effect.forEach(stories, (story, number) =>
          Effect.zipLeft(play(story), proven).pipe(
            Effect.provide(world({ markets: marketsOf(story), cash: story.cash })),
            Effect.tapErrorCause(() => Effect.logError(told(story, number)))
          )
        )
        const all = (of: keyof (typeof seen)[number]) => seen.reduce((sum, each) => sum + each[of], 0)
        const least = stories.length
        // What nothing was compared of would prove nothing.
        assert.isAbove(all("took"), 2 * least)
        assert.isAbove(all("gave"), least)
        assert.isAbove(all("killed"), least)
        assert.isAbove(all("refused"), 0)
      }),
    3_600_000
  )
})

const RAIN = { slug: "rain" }
const SHARES = 1_000_000n
const BALANCE = Usd(1_000n * UNIT)
const OPTIONS = { markets: marketsOf({ kinds: [RAIN] }), cash: BALANCE }

const bid = (price: number, size: number) => ({
  marketId: "rain",
  outcome: "YES",
  side: "BUY",
  price,
  size,
  sizeUnit: "SHARES"
})
const levels = (sizes: Readonly<Record<number, bigint>>) =>
  Object.entries(sizes).map(([cents, size]) => [Number(cents), size * SHARES] as const)
const book = (bids: Readonly<Record<number, bigint>>, asks: Readonly<Record<number, bigint>>) => ({
  bid: levels({ 1: 1_000n, ...bids }),
  ask: levels({ 99: 1_000n, ...asks })
})

/** What the only paper order has come to: pessimistic, neutral and optimistic shares. */
const bands = Effect.gen(function* () {
  const [order] = yield* Effect.flatMap(Ledger, (ledger) => ledger.orders({ mode: "paper" }))
  return [order?.bands.pessimistic, order?.filled, order?.bands.optimistic].map((shares) => format(shares ?? -1n))
})
const filledLive = Effect.map(
  Effect.flatMap(Ledger, (ledger) => ledger.orders({ mode: "live" })),
  (orders) => orders.map(({ filled }) => format(filled)).join()
)

describe("an order that rests while the book moves", () => {
  /** A bid of 80 at 0.45 that 500 others stand ahead of, and what its bands and the venue make of the next book. */
  const moved = (name: string, next: ReturnType<typeof book>, expected: ReadonlyArray<string>, live: string) =>
    scenario(
      name,
      () =>
        Effect.gen(function* () {
          const first = book({ 45: 500n }, { 47: 500n })
          yield* show(RAIN, first, undefined)
          yield* both("p", [bid(0.45, 80)], { balance: BALANCE })
          yield* show(RAIN, next, first)
          yield* lookAfter
          yield* beside
          assert.deepStrictEqual(yield* bands, expected)
          assert.strictEqual(yield* filledLive, live)
        }),
      OPTIONS
    )

  moved("fills by what is offered through it, in every band", book({ 43: 9n }, { 44: 200n }), ["80", "80", "80"], "80")
  moved("fills in part where less is offered", book({ 43: 9n }, { 44: 30n }), ["30", "30", "80"], "30")
  moved("fills where it is touched, but for the pessimist", book({ 43: 9n }, { 45: 50n }), ["0", "50", "80"], "50")
  moved("fills by both where it is crossed and touched", book({}, { 44: 20n, 45: 40n }), ["20", "60", "80"], "60")
  moved("does not fill where others ahead of it leave", book({ 45: 100n }, { 46: 50n }), ["0", "0", "0"], "0")
  moved("may have filled, to an optimist, where all ahead of it leave", book({}, { 46: 50n }), ["0", "0", "80"], "0")

  scenario(
    "may fill between two looks: within the bands, though nothing that is displayed tells",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        const seller = yield* exchange.another("seller")
        yield* show(RAIN, book({ 45: 500n }, { 47: 500n }), undefined)
        yield* both("p", [bid(0.45, 80)], { balance: BALANCE })
        for (const slug of ["rain", twin("rain")]) {
          const { tokens } = yield* Effect.orDie(exchange.market(slug))
          yield* exchange.credit(1_000n * SHARES, tokens[0], seller.wallet)
          const amount = 550n * SHARES
          yield* Effect.orDie(
            exchange.place(seller, slug, { outcome: 0, side: "SELL", price: Price(450_000n), amount, type: "FAK" })
          )
        }
        yield* lookAfter
        assert.strictEqual(yield* filledLive, "50")
        assert.deepStrictEqual(yield* bands, ["0", "0", "80"])
      }),
    OPTIONS
  )
})

describe("a plan behind a fill that took all that is displayed", () => {
  scenario(
    "is sized as at the venue, which does not show it any more",
    () =>
      Effect.gen(function* () {
        const first = book({}, { 47: 40n })
        yield* show(RAIN, first, undefined)
        yield* both("taking", [bid(0.47, 40)], { balance: BALANCE })
        yield* show(RAIN, first, first)
        yield* both("resting", [bid(0.47, 10.27)], { balance: BALANCE })
        const { orders } = yield* beside
        const resting = orders.get("resting 0")?.state
        assert.deepStrictEqual(
          [resting?.order.quantity, resting?.status],
          [{ _tag: "Shares", shares: 10_270_000n }, "open"]
        )
      }),
    OPTIONS
  )
})
