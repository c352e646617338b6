import * as fc from "fast-check"
import type { Answer, Fill } from "../../src/domain/Answer.ts"
import { Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import type { Order, Side, TimeInForce } from "../../src/domain/Order.ts"
import type { Simulation } from "../../src/domain/Plan.ts"
import type { Band } from "../../src/exchange/Deficit.ts"
import * as EventMarket from "../../src/exchange/EventMarket.ts"
import * as Matching from "../../src/exchange/EventMatching.ts"
import * as EventRules from "../../src/exchange/EventRules.ts"
import * as Latency from "../../src/exchange/Latency.ts"
import type { SideIndex } from "../../src/exchange/Queue.ts"
import { MARKET, order } from "./floor.ts"

/** What the engine is told. Prices in cents, sizes in micro-shares. */
export type Event =
  | {
      readonly _tag: "level"
      readonly side: SideIndex
      readonly index: number
      readonly size: number
      readonly at: number
    }
  | { readonly _tag: "full"; readonly bids: Sizes; readonly asks: Sizes; readonly at: number }
  | { readonly _tag: "trade"; readonly index: number; readonly size: number; readonly at: number }
  | { readonly _tag: "gap"; readonly at: number }
  | { readonly _tag: "tick"; readonly tick: number; readonly at: number }
  | { readonly _tag: "resolve"; readonly payout: number; readonly at: number }

export type Sizes = ReadonlyArray<readonly [index: number, size: number]>

export interface Sent {
  readonly order: Order
  readonly at: number
  readonly cancelAt?: number | undefined
}

export interface Filled {
  readonly order: Order
  readonly band: Band
  readonly fill: Fill
}

export interface Played {
  readonly market: EventMarket.EventMarket
  readonly answers: ReadonlyArray<Answer>
  readonly fills: ReadonlyArray<Filled>
  readonly known: ReadonlyArray<number>
}

export const rules = (but: Partial<EventRules.Rules> = {}): EventRules.Rules => ({
  ...EventRules.rulesOf(MARKET.conditionId, MARKET.tick, [{ fromMillis: 0, fees: MARKET.fees }]),
  latency: Latency.ZERO,
  ...but
})

export const feed = (market: EventMarket.EventMarket, event: Event): void => {
  switch (event._tag) {
    case "level":
      Matching.level(market, event.side, event.index, event.size, event.at)
      break
    case "full":
      Matching.clear(market, event.at)
      for (const [index, size] of event.bids) Matching.level(market, 0, index, size, event.at)
      for (const [index, size] of event.asks) Matching.level(market, 1, index, size, event.at)
      Matching.seal(market, event.at)
      break
    case "trade":
      Matching.trade(market, event.index, event.size, event.at)
      break
    case "gap":
      Matching.gap(market, event.at)
      break
    case "tick":
      Matching.tick(market, Price(BigInt(event.tick)), event.at)
      break
    case "resolve":
      Matching.resolve(market, event.payout, event.at)
  }
}

/** Events in order of time; what is decided at a time is decided after the events of that time. */
export const play = (
  events: ReadonlyArray<Event>,
  sent: ReadonlyArray<Sent>,
  but: Partial<EventRules.Rules> = {},
  until = 1_000_000
): Played => {
  const answers: Array<Answer> = []
  const fills: Array<Filled> = []
  const known: Array<number> = []
  const market = EventMarket.make(rules(but), {
    answer: (answer, _, knownMillis) => {
      answers.push(answer)
      known.push(knownMillis)
    },
    fill: (of, band, fill) => {
      fills.push({ order: of, band, fill })
    }
  })
  const decisions = sent
    .flatMap((each) => [
      { at: each.at, act: () => Matching.submit(market, each.order, each.at) },
      ...(each.cancelAt === undefined
        ? []
        : [{ at: each.cancelAt, act: () => Matching.cancel(market, each.order.id, each.cancelAt ?? 0) }])
    ])
    .toSorted((a, b) => a.at - b.at)
  let next = 0
  const decide = (before: number) => {
    for (let each = decisions[next]; each !== undefined && each.at < before; each = decisions[++next]) each.act()
  }
  for (const event of events) {
    decide(event.at)
    feed(market, event)
  }
  decide(until + 1)
  Matching.advance(market, until)
  return { market, answers, fills, known }
}

/** Shares by band of one order, or of all. */
export const filledIn = ({ fills }: Played, band: Band, id?: string): bigint =>
  fills
    .filter((each) => each.band === band && (id === undefined || each.order.id === id))
    .reduce((sum, { fill }) => sum + fill.shares, 0n)

export const bandsOf = (played: Played, id?: string): ReadonlyArray<number> =>
  (["pessimistic", "neutral", "optimistic"] as const).map((band) => Number(filledIn(played, band, id)) / 1e6)

const CENT = 10_000n
export const cents = (count: number): Price => Price(BigInt(count) * CENT)

/** Levels as they are written down in tests: cents and whole shares. */
export const full = (at: number, bids: Sizes, asks: Sizes): Event => ({
  _tag: "full",
  at,
  bids: bids.map(([index, size]) => [index, size * 1e6]),
  asks: asks.map(([index, size]) => [index, size * 1e6])
})
export const bid = (at: number, index: number, size: number): Event => ({
  _tag: "level",
  side: 0,
  index,
  size: size * 1e6,
  at
})
export const ask = (at: number, index: number, size: number): Event => ({
  _tag: "level",
  side: 1,
  index,
  size: size * 1e6,
  at
})
export const trade = (at: number, index: number, size: number): Event => ({
  _tag: "trade",
  index,
  size: size * 1e6,
  at
})
export const gap = (at: number): Event => ({ _tag: "gap", at })

export const LOW = 46
export const HIGH = 54

interface Move {
  readonly kind: number
  readonly side: SideIndex
  readonly index: number
  readonly size: number
  readonly wait: number
  readonly part: number
}

const moves = (longest: number): fc.Arbitrary<ReadonlyArray<Move>> =>
  fc.array(
    fc.record({
      kind: fc.integer({ min: 0, max: 99 }),
      side: fc.constantFrom<SideIndex>(0, 1),
      index: fc.integer({ min: LOW, max: HIGH }),
      size: fc.integer({ min: 0, max: 40 }).map((size) => size * 1_000_003),
      wait: fc.constantFrom(0, 0, 1, 5, 40, 90),
      part: fc.integer({ min: 0, max: 2 })
    }),
    { minLength: longest >> 1, maxLength: longest }
  )

/** What a stream may hold beside changes of single levels. */
export interface Kinds {
  readonly trades: boolean
  readonly fulls: boolean
  readonly gaps: boolean
}

export const ALL: Kinds = { trades: true, fulls: true, gaps: true }
export const QUOTES: Kinds = { trades: false, fulls: true, gaps: false }

/**
 * A stream as a venue sends it: a quote that would cross first takes what it meets away, with prints before, after or
 * without them. Some prints are made up, as feeds have them.
 */
const streamOf = (all: ReadonlyArray<Move>, kinds: Kinds): ReadonlyArray<Event> => {
  const sizes = [new Map<number, number>(), new Map<number, number>()] as const
  const events: Array<Event> = []
  let at = 1000
  const put = (side: SideIndex, index: number, size: number) => {
    if (size === 0) sizes[side].delete(index)
    else sizes[side].set(index, size)
    events.push({ _tag: "level", side, index, size, at })
  }
  const take = (side: SideIndex, index: number, size: number, part: number) => {
    const shown = sizes[side].get(index) ?? 0
    const met = Math.min(shown, size)
    if (met === 0) return
    const print: Event = { _tag: "trade", index, size: met, at }
    if (kinds.trades && part === 0) events.push(print)
    put(side, index, shown - met)
    if (kinds.trades && part === 1) events.push(print)
  }
  const whole = (): Event => ({ _tag: "full", bids: [...sizes[0]], asks: [...sizes[1]], at })
  events.push({ _tag: "full", bids: [], asks: [], at })
  for (const move of all) {
    at += move.wait
    if (kinds.gaps && move.kind < 3) {
      events.push({ _tag: "gap", at })
      at += move.part
      if (move.part > 0) events.push(whole())
    } else if (kinds.fulls && move.kind < 12) events.push(whole())
    else if (kinds.trades && move.kind < 18) events.push({ _tag: "trade", index: move.index, size: move.size + 1, at })
    else if (move.kind < 45) {
      const met = move.side === 0 ? Math.max(0, ...sizes[0].keys()) : Math.min(100, ...sizes[1].keys())
      take(move.side, met, move.size, move.part)
    } else {
      // Now and then the quote comes before what it takes away: for that long the book is crossed.
      if (move.part === 2) put(move.side, move.index, move.size)
      const other = move.side === 0 ? 1 : 0
      for (const index of [...sizes[other].keys()]) {
        const crossed = move.side === 0 ? index <= move.index : index >= move.index
        if (!crossed || move.size === 0) continue
        if (move.part === 2 && move.kind > 95) at++
        take(other, index, sizes[other].get(index) ?? 0, move.part)
      }
      if (move.part !== 2) put(move.side, move.index, move.size)
    }
  }
  return events
}

export const streams = (kinds: Kinds = ALL, longest = 80): fc.Arbitrary<ReadonlyArray<Event>> =>
  moves(longest).map((all) => streamOf(all, kinds))

const lifetimes = fc.constantFrom<TimeInForce>("GTC", "GTC", "FAK", "FOK")

export const anyOrder = (of: fc.Arbitrary<TimeInForce> = lifetimes, budgets = true): fc.Arbitrary<Order> =>
  fc
    .record({
      side: fc.constantFrom<Side>("BUY", "SELL"),
      outcomeIndex: fc.constantFrom(0 as const, 1 as const),
      at: fc.integer({ min: LOW, max: HIGH }),
      size: fc.bigInt(1n, 60n),
      timeInForce: of,
      budget: fc.boolean(),
      postOnly: fc.integer({ min: 0, max: 9 })
    })
    .map(({ at, budget, outcomeIndex, postOnly, side, size, timeInForce }) =>
      order({
        side,
        outcomeIndex,
        timeInForce,
        price: cents(at),
        postOnly: timeInForce === "GTC" && postOnly === 0,
        quantity:
          budgets && budget && side === "BUY" && timeInForce !== "GTC"
            ? { _tag: "Budget", usd: Usd(size * UNIT) }
            : { _tag: "Shares", shares: Shares(size * 1_000_007n) }
      })
    )

/** Orders decided at some time of a stream, some of them cancelled or with an end of their own. */
export const orders = (of: fc.Arbitrary<Order> = anyOrder(), most = 8): fc.Arbitrary<ReadonlyArray<Sent>> =>
  fc
    .array(
      fc.record({
        order: of,
        at: fc.integer({ min: 1000, max: 2000 }),
        cancel: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined, freq: 1 }),
        lifetime: fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined, freq: 1 })
      }),
      { minLength: 1, maxLength: most }
    )
    .map((all) =>
      all.map(({ at, cancel, lifetime, order: one }, number) => ({
        order: { ...one, id: `${number}`, cancelAfterMillis: lifetime === undefined ? undefined : at + lifetime },
        at,
        cancelAt: cancel === undefined ? undefined : at + cancel
      }))
    )

const delays: fc.Arbitrary<Latency.Delay> = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((millis) => ({ _tag: "Constant", millis }) as const),
  fc.constant({ _tag: "LogNormal", median: 60, sigma: 0.8 } as const),
  fc.constant({ _tag: "Measured", millis: [5, 20, 20, 90, 400] } as const)
)

export const latencies: fc.Arbitrary<Latency.Latency> = fc.record({
  entry: delays,
  cancel: delays,
  response: delays,
  seed: fc.string({ maxLength: 4 })
})

const simulations: fc.Arbitrary<Simulation> = fc.record({
  slippageTicks: fc.integer({ min: 0, max: 2 }),
  spreadCushion: fc.bigInt(0n, 2n).map((count) => Price(count * CENT)),
  liquidityFraction: fc.constantFrom(UNIT, UNIT, 500_000n, 333_333n)
})

export const settings: fc.Arbitrary<Partial<EventRules.Rules>> = fc.record({
  latency: latencies,
  simulation: simulations,
  takerDelayMillis: fc.constantFrom(0, 0, 50, 1000),
  cancellations: fc.constantFrom("proportional" as const, 0, 0.5, 1),
  pairMillis: fc.constantFrom(0, 10, 100)
})
