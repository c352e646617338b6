import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { format, Price, UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import type { FillRecord } from "../../src/persist/Records.ts"
import * as Ladder from "../../src/sandbox/Ladder.ts"
import type { Wish } from "../../src/sandbox/Markets.ts"
import { upkeep } from "../../src/upkeep.ts"
import { assert, Exchange, plan, reckon, trade } from "./world.ts"

/** Markets of every kind there is: both protocols, neg-risk, fees and none, coarse and fine prices. */
const KINDS: ReadonlyArray<Wish> = [
  { slug: "plain" },
  { slug: "dear", feeRate: 70_000n, outcomes: ["Up", "Down"] },
  { slug: "cheap", feeRate: 40_000n, negRisk: true },
  { slug: "fine", feeRate: 40_000n, tick: Price(1_000n) },
  { slug: "free", feeRate: 0n },
  { slug: "new", version: "v2" },
  { slug: "new-cup", version: "v2", negRisk: true, tick: Price(1_000n) },
  { slug: "odd", tick: Price(2_500n) },
  { slug: "coarse", tick: Price(100_000n) }
]

type Side = "bid" | "ask"
/** What others show on one side: micro-shares by index of the grid. */
type Levels = ReadonlyArray<readonly [index: number, size: bigint]>
type Shown = Readonly<Record<Side, Levels>>

const stepsOf = ({ tick = Price(10_000n) }: Wish): number => Number(UNIT / tick)

/** A book around a middle, never crossed, with enough at its ends for whatever is asked of it. */
const anyBook = (steps: number, fine: boolean): fc.Arbitrary<Shown & { readonly mid: number }> => {
  const least = Math.min(8, Math.floor(steps / 3))
  const size = fine ? fc.bigInt(1n, 150n * UNIT) : fc.bigInt(1n, 15_000n).map((count) => count * 10_000n)
  const side = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), size), { maxLength: 4 })
  return fc.tuple(fc.noBias(fc.integer({ min: least, max: steps - least })), side, side).map(([mid, below, above]) => {
    const ladder = (rows: ReadonlyArray<readonly [number, bigint]>, outward: 1 | -1, from: number): Levels => {
      const levels = new Map<number, bigint>([[outward === 1 ? steps - 1 : 1, 2_000n * UNIT]])
      let at = from
      for (const [gap, each] of rows) {
        at += outward * gap
        if (at > 1 && at < steps - 1) levels.set(at, each)
      }
      return [...levels]
    }
    return { mid, bid: ladder(below, -1, mid + 1), ask: ladder(above, 1, mid) }
  })
}

/** The same middle for all books of a market, more or less: orders that rest are met by later ones. */
const anyBooks = (kind: Wish, count: number, fine: boolean) => {
  const steps = stepsOf(kind)
  return anyBook(steps, fine).chain((first) =>
    fc
      .array(
        anyBook(steps, fine).filter(({ mid }) => Math.abs(mid - first.mid) <= Math.max(2, steps / 20)),
        { minLength: count - 1, maxLength: count - 1 }
      )
      .map((later) => [first, ...later])
  )
}

const anyInstruction = fc.record({
  market: fc.constantFrom(0, 0, 1),
  outcome: fc.constantFrom(0, 1),
  // Most orders of a plan are of one mind about a market: those that are not would mostly meet their own kind.
  agrees: fc.constantFrom(true, true, true, true, true, false),
  away: fc.integer({ min: -5, max: 5 }),
  lifetime: fc.constantFrom("GTC", "GTC", "GTC", "post-only", "GTD", "FAK", "FAK", "FOK"),
  inDollars: fc.boolean(),
  hundredths: fc.integer({ min: 400, max: 15_000 }),
  feesInclusive: fc.boolean()
})
type Wanted = typeof anyInstruction extends fc.Arbitrary<infer W> ? W : never

interface Round {
  readonly onReject: "stop" | "skip"
  /** What the plan believes of its first market, and does not believe of the second. */
  readonly rising: boolean
  readonly wanted: ReadonlyArray<Wanted>
}

/**
 * Markets, and books one after the other: the first is followed by a plan that buys what the others may sell, the last by
 * none.
 */
export interface Story {
  readonly kinds: ReadonlyArray<Wish>
  readonly cash: Usd
  readonly books: ReadonlyArray<ReadonlyArray<Shown & { readonly mid: number }>>
  readonly plans: ReadonlyArray<Round>
}

/** Random plans of a story. */
export const PLANS = 3

export const anyStory: fc.Arbitrary<Story> = fc
  .tuple(fc.shuffledSubarray([...KINDS], { minLength: 2, maxLength: 2 }), fc.boolean())
  .chain(([kinds, fine]) =>
    fc.record({
      kinds: fc.constant(kinds),
      cash: fc.constantFrom(Usd(10_000n * UNIT), Usd(10_000n * UNIT), Usd(650n * UNIT)),
      books: fc.tuple(...kinds.map((kind) => anyBooks(kind, PLANS + 2, fine))),
      plans: fc.array(
        fc.record({
          onReject: fc.constantFrom(...Array.from({ length: 7 }, () => "skip" as const), "stop" as const),
          rising: fc.boolean(),
          wanted: fc.array(anyInstruction, { minLength: 4, maxLength: 8 })
        }),
        { minLength: PLANS, maxLength: PLANS }
      )
    })
  )

/** The market that paper orders meet: the same book, in which nobody sees them. */
export const twin = (slug: string): string => `${slug}-twin`

export const marketsOf = ({ kinds }: Pick<Story, "kinds">): ReadonlyArray<Wish> =>
  kinds.flatMap((kind) => [kind, { ...kind, slug: twin(kind.slug) }])

const text = (kind: Wish, levels: Levels) =>
  levels.map(([index, size]) => [format(BigInt(index) * (kind.tick ?? 10_000n)), format(size)] as const)

/** What of others' liquidity live orders have taken, since a level is there. */
const takenOf = Effect.fnUntraced(function* (slug: string, shown: Shown) {
  const exchange = yield* Exchange
  const { ladder } = yield* Effect.orDie(exchange.market(slug))
  const taken = (side: Side) =>
    new Map(
      shown[side].map(([index, size]) => [index, size - BigInt(Ladder.anonymousAt(ladder, side, index))] as const)
    )
  return { bid: taken("bid"), ask: taken("ask") }
})

/** Others move on: in the paper market as if nobody of ours were there, in the live one less what is ours already. */
export const show = Effect.fnUntraced(function* (kind: Wish, next: Shown, before: Shown | undefined) {
  const exchange = yield* Exchange
  const taken = before === undefined ? undefined : yield* takenOf(kind.slug, before)
  const left = (side: Side): Levels =>
    next[side].flatMap(([index, size]) => {
      const rest = size - (taken?.[side].get(index) ?? 0n)
      return rest > 0n ? [[index, rest] as const] : []
    })
  yield* Effect.orDie(
    Effect.all([
      exchange.setBook(kind.slug, { bids: text(kind, left("bid")), asks: text(kind, left("ask")) }),
      exchange.setBook(twin(kind.slug), { bids: text(kind, next.bid), asks: text(kind, next.ask) })
    ])
  )
})

/** One instruction as a plan writes it; its market by slug. */
export type Instruction = Readonly<Record<string, unknown>> & { readonly marketId: string }

/** One wanted order as a plan writes it, its price so many ticks from the middle. */
const written = (
  { books, kinds }: Story,
  round: number,
  { rising }: Pick<Round, "rising">,
  wanted: Wanted
): ReadonlyArray<Instruction> => {
  const kind = kinds[wanted.market]
  const mid = books[wanted.market]?.[round]?.mid ?? 0
  if (kind === undefined) return []
  const steps = stepsOf(kind)
  const first = Math.min(steps - 1, Math.max(1, mid + wanted.away))
  const index = wanted.outcome === 0 ? first : steps - first
  const immediate = wanted.lifetime === "FAK" || wanted.lifetime === "FOK"
  const bids = (rising === (wanted.market === 0)) === wanted.agrees
  const side = bids === (wanted.outcome === 0) ? "BUY" : "SELL"
  const inDollars = side === "BUY" && (immediate || wanted.inDollars)
  return [
    {
      marketId: kind.slug,
      outcome: (kind.outcomes ?? ["YES", "NO"])[wanted.outcome],
      side,
      price: Number(format(BigInt(index) * (kind.tick ?? 10_000n))),
      size: wanted.hundredths / 100,
      sizeUnit: inDollars ? "USDC" : "SHARES",
      ...(inDollars ? { feesInclusive: wanted.feesInclusive } : {}),
      ...(immediate ? { timeInForce: wanted.lifetime } : {}),
      ...(wanted.lifetime === "post-only" ? { postOnly: true } : {}),
      ...(wanted.lifetime === "GTD" ? { cancelAfterSec: 3_600 } : {})
    }
  ]
}

/** What the first plan buys for the others to sell: one outcome of each market, whatever it costs. */
const stock = ({ kinds }: Story): ReadonlyArray<Instruction> =>
  kinds.map((kind, market) => ({
    marketId: kind.slug,
    outcome: (kind.outcomes ?? ["YES", "NO"])[market % 2],
    side: "BUY",
    price: Number(format(UNIT - (kind.tick ?? 10_000n))),
    size: 300,
    sizeUnit: "SHARES"
  }))

/** What an order's fills come to, without the ids and times that no two venues share. */
const fillText = (fill: FillRecord) =>
  `${format(fill.shares)} at ${format(fill.price)} for ${format(fill.notional)}, fee ${format(fill.fee)}, ${fill.liquidity}`

/** Everything that an account of one mode has come to, told in words that both venues share. */
const accountOf = Effect.fnUntraced(function* (mode: "paper" | "live") {
  const ledger = yield* Ledger
  const { house } = yield* Exchange
  const slug = (conditionId: string) => (house.listings.get(conditionId)?.slug ?? "?").replace(/-twin$/, "")
  const fills = yield* ledger.fills({ mode })
  const orders = new Map(
    (yield* ledger.orders({ mode })).map((state) => {
      const own = fills.filter(({ orderId }) => orderId === state.order.id)
      return [
        `${state.order.planId.replace(/-.*/, "")} ${state.order.instruction}`,
        {
          state,
          what: `${state.order.side} ${state.order.timeInForce} ${slug(state.order.conditionId)} ${state.order.outcome} ${format(state.order.price)}`,
          took: own.filter(({ liquidity }) => liquidity === "taker").map(fillText),
          gave: own.filter(({ liquidity }) => liquidity === "maker")
        }
      ] as const
    })
  )
  const positions = new Map(
    (yield* ledger.positions(mode)).map((position) => [
      `${slug(position.conditionId)} ${position.outcomeIndex}`,
      position
    ])
  )
  return { orders, positions, cash: (yield* ledger.cash(mode)).cash }
})
type Account = Effect.Effect.Success<ReturnType<typeof accountOf>>
type Told = Account["orders"] extends ReadonlyMap<string, infer T> ? T : never

const sum = <A>(all: ReadonlyArray<A>, of: (each: A) => bigint): bigint =>
  all.reduce((total, each) => total + of(each), 0n)

/**
 * By how much notionals may differ: every fill of a resting order is rounded against us by itself, and a snapshot does not
 * tell in how many trades it was filled.
 */
const looseness = (live: Told, paper: Told | undefined): bigint => {
  const more = BigInt(live.gave.length - (paper?.gave.length ?? 0))
  return more > 0n ? more : 0n
}

const near = (live: bigint, paper: bigint, by: bigint, what: string) =>
  assert.isTrue(live - paper <= by && paper - live <= by, `${what}: live ${format(live)}, paper ${format(paper)}`)

/** One order in words that must be the same; what it gave while it rested is compared by itself. */
const briefly = ({ state, took, what }: Told) => ({
  what,
  status: state.status,
  filled: format(state.filled),
  fees: format(state.fees),
  took
})

const alike = (live: Told, paper: Told) => {
  assert.deepStrictEqual(briefly(live), briefly(paper))
  near(live.state.notional, paper.state.notional, looseness(live, paper), `notional of ${live.what}`)
  for (const { fee, price } of [...live.gave, ...paper.gave])
    assert.deepStrictEqual([fee, price], [0n, live.state.order.price])
}

/** Whether the three bands of an order have come to the same: then they have left the same of the book. */
const isPlain = ({ state: { bands, filled } }: Told): boolean =>
  bands.pessimistic === filled && bands.optimistic === filled

const sideOf = ({ state: { order } }: Told): string =>
  `${order.conditionId} ${(order.side === "BUY") === (order.outcomeIndex === 0)}`

/** The bands of an order hold what really filled; of an order alone on its side, for each band keeps books of its own. */
const contained = (live: Told, paper: Told, others: ReadonlyArray<Told>) => {
  const alone = others.every((other) => other === paper || sideOf(other) !== sideOf(paper) || isPlain(other))
  const { filled } = live.state
  const { optimistic, pessimistic } = paper.state.bands
  assert.isTrue(
    !alone || (pessimistic <= filled && filled <= optimistic),
    `${live.what}: ${format(filled)} filled, the bands are ${format(pessimistic)} to ${format(optimistic)}`
  )
}

/** Holds one account beside the other: every order, every position, the cash. */
const compare = (live: Account, paper: Account) => {
  assert.deepStrictEqual([...live.orders.keys()].sort(), [...paper.orders.keys()].sort())
  for (const [name, order] of live.orders) {
    const other = paper.orders.get(name)
    if (other === undefined) continue
    alike(order, other)
    contained(order, other, [...paper.orders.values()])
  }
  const loose = sum([...live.orders], ([name, order]) => looseness(order, paper.orders.get(name)))
  near(live.cash, paper.cash, loose, "cash")
  for (const name of new Set([...live.positions.keys(), ...paper.positions.keys()])) {
    const [ours, theirs] = [live.positions.get(name), paper.positions.get(name)]
    assert.strictEqual(ours?.qty ?? 0n, theirs?.qty ?? 0n, `shares of ${name}`)
    assert.strictEqual(ours?.fees ?? 0n, theirs?.fees ?? 0n, `fees of ${name}`)
    near(ours?.costBasis ?? 0n, theirs?.costBasis ?? 0n, loose, `cost of ${name}`)
    near(ours?.realizedPnl ?? 0n, theirs?.realizedPnl ?? 0n, loose, `P&L of ${name}`)
  }
}

/** What of a story was compared: orders by what became of them. */
export interface Seen {
  readonly orders: number
  readonly took: number
  readonly gave: number
  readonly killed: number
  readonly refused: number
}

const seenIn = ({ orders }: Account): Seen => {
  const count = (which: (told: Told) => boolean) => [...orders.values()].filter(which).length
  return {
    orders: orders.size,
    took: count(({ took }) => took.length > 0),
    gave: count(({ gave }) => gave.length > 0),
    killed: count(({ state }) => state.status === "cancelled"),
    refused: count(({ state }) => state.status === "rejected")
  }
}

/** Sends one plan to both venues, its markets by slug: paper first, for it reads the book and leaves it as it is. */
export const both = Effect.fnUntraced(function* (
  planId: string,
  instructions: ReadonlyArray<Instruction>,
  { balance, onReject = "stop" }: { readonly balance: Usd; readonly onReject?: "stop" | "skip" }
) {
  for (const mode of ["paper", "live"] as const) {
    const placed = instructions.map((each) => ({
      ...each,
      marketId: mode === "paper" ? twin(each.marketId) : each.marketId
    }))
    yield* trade(plan(`${planId}-${mode}`, placed, { mode, onReject }), { paperBalance: balance })
  }
})

/** Looks after what rests at both venues. */
export const lookAfter = Effect.gen(function* () {
  yield* upkeep("paper", { held: false })
  const { flows, stops } = yield* reckon()
  assert.deepStrictEqual([flows, stops], [[], []])
})

/** Compares the accounts as they are now; returns the live one. */
export const beside = Effect.gen(function* () {
  const live = yield* accountOf("live")
  compare(live, yield* accountOf("paper"))
  return live
})

/** Plays a story at both venues and compares the accounts after each plan, and once more after the last book. */
export const play = Effect.fn("play")(function* (story: Story) {
  const turn = (round: number) =>
    Effect.forEach(story.kinds, (kind, at) => {
      const books = story.books[at] ?? []
      const next = books[round]
      return next === undefined ? Effect.void : show(kind, next, books[round - 1])
    })
  yield* turn(0)
  yield* both("p0", stock(story), { balance: story.cash })
  yield* beside
  for (const [at, { onReject, rising, wanted }] of story.plans.entries()) {
    const round = at + 1
    yield* turn(round)
    const instructions = wanted.flatMap((each) => written(story, round, { rising }, each))
    yield* both(`p${round}`, instructions, { balance: story.cash, onReject })
    yield* beside
  }
  yield* turn(PLANS + 1)
  yield* lookAfter
  return seenIn(yield* beside)
})
