import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as fc from "fast-check"
import type { Payouts } from "../../src/domain/Market.ts"
import { Price, UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { upkeep } from "../../src/upkeep.ts"
import { BALANCE, instruction, plan, proven, type Shown, START, Stage, show, trade, world } from "./world.ts"

const MARKETS = ["a", "b"]
const cents = (tick: number) => (tick / 100).toFixed(2)
const sizes = fc.integer({ min: 1, max: 400_000_000 }).map((micro) => (micro / 1e6).toFixed(6))

/** A sound book: bids below `at`, asks above it. */
const books: fc.Arbitrary<Shown> = fc
  .record({
    at: fc.integer({ min: 5, max: 94 }),
    bids: fc.array(sizes, { maxLength: 4 }),
    asks: fc.array(sizes, { minLength: 1, maxLength: 4 })
  })
  .map(({ asks, at, bids }) => ({
    bids: Object.fromEntries(bids.map((size, n) => [cents(at - n), size])),
    asks: Object.fromEntries(asks.map((size, n) => [cents(at + 1 + n), size]))
  }))

const instructions = fc
  .record({
    marketId: fc.constantFrom(...MARKETS),
    outcome: fc.constantFrom("YES", "NO"),
    side: fc.constantFrom("BUY", "BUY", "SELL"),
    price: fc.integer({ min: 2, max: 98 }).map((tick) => tick / 100),
    size: fc.integer({ min: 500, max: 30_000 }).map((hundredths) => hundredths / 100),
    how: fc.constantFrom(
      { timeInForce: "GTC" },
      { timeInForce: "GTC", sizeUnit: "USDC" },
      { timeInForce: "GTC", sizeUnit: "USDC", feesInclusive: true },
      { timeInForce: "FAK", sizeUnit: "USDC" },
      { timeInForce: "FOK", sizeUnit: "USDC" }
    )
  })
  .map(({ how, side, ...rest }) =>
    instruction({ ...rest, side, ...(side === "SELL" ? { timeInForce: how.timeInForce } : how) })
  )

interface Step {
  readonly books: ReadonlyArray<Shown>
  readonly instructions: ReadonlyArray<Readonly<Record<string, unknown>>>
}

interface Days {
  readonly rate: bigint
  readonly simulation: Readonly<Record<string, number>>
  readonly steps: ReadonlyArray<Step>
}

const days: fc.Arbitrary<Days> = fc.record({
  rate: fc.constantFrom(0n, 40_000n, 72_000n),
  simulation: fc.constantFrom<Days["simulation"]>(
    {},
    { slippageTicks: 2 },
    { liquidityFraction: 0.333333 },
    { spreadCushion: 0.01 }
  ),
  steps: fc.array<Step>(
    fc.record({
      books: fc.tuple(books, books),
      instructions: fc.array(instructions, { minLength: 1, maxLength: 12 })
    }),
    { minLength: 2, maxLength: 5 }
  )
})

const WAYS: ReadonlyArray<Payouts> = [
  [Usd(UNIT), Usd(0n)],
  [Usd(0n), Usd(UNIT)],
  [Usd(UNIT / 2n), Usd(UNIT / 2n)]
]

const sum = <A>(all: ReadonlyArray<A>, of: (each: A) => bigint) => all.reduce((total, each) => total + of(each), 0n)

/** Balance, and what every fill did to it: told from executions alone. */
const folded = (fills: ReadonlyArray<{ side: string; notional: bigint; fee: bigint }>) =>
  BALANCE + sum(fills, (fill) => (fill.side === "SELL" ? fill.notional : -fill.notional) - fill.fee)

const balances = Effect.fn("balances")(function* ({ rate, simulation, steps }: Days) {
  const ledger = yield* Ledger
  const stage = yield* Stage
  yield* TestClock.setTime(START)
  for (const id of MARKETS) yield* stage.change(id, { fees: { rate, exponent: 1 }, tick: Price(10_000n) })
  for (const [n, step] of steps.entries()) {
    for (const [at, id] of MARKETS.entries()) yield* show(id, step.books[at] ?? {})
    yield* trade(plan(`day-${n}`, step.instructions, { onReject: "skip", simulation }))
    yield* TestClock.adjust("1 hour")
  }
  const fills = yield* ledger.fills({})
  const held = yield* ledger.positions("paper")
  const cash = folded(fills)
  assert.strictEqual((yield* ledger.cash("paper")).cash, cash)
  for (const position of held) {
    const own = fills.filter(
      (fill) => fill.conditionId === position.conditionId && fill.outcomeIndex === position.outcomeIndex
    )
    assert.strictEqual(
      position.qty,
      sum(own, (fill) => (fill.side === "BUY" ? fill.shares : -fill.shares))
    )
    assert.isTrue(position.qty >= 0n)
    assert.strictEqual(position.cashFlow, position.realizedPnl - position.costBasis)
  }
  // What equity would be at each payout, against the P&L that positions tell.
  for (const [yes, no] of WAYS) {
    const worth = sum(held, (position) => (position.qty * (position.outcomeIndex === 0 ? yes : no)) / UNIT)
    const told = sum(
      held,
      (position) =>
        position.realizedPnl +
        (position.qty * (position.outcomeIndex === 0 ? yes : no)) / UNIT -
        position.costBasis -
        position.fees
    )
    assert.strictEqual(cash + worth, BALANCE + told)
  }
  // And one of them for each market, paid.
  const [first, second] = [WAYS[fills.length % 3], WAYS[held.length % 3]]
  const due = sum(held, (position) => {
    const payouts = position.conditionId === "0xa" ? first : second
    return (position.qty * (payouts?.[position.outcomeIndex] ?? 0n)) / UNIT
  })
  if (first !== undefined) yield* stage.resolve("a", first)
  if (second !== undefined) yield* stage.resolve("b", second)
  yield* upkeep("paper", { held: true })
  assert.strictEqual((yield* ledger.cash("paper")).cash, cash + due)
  assert.deepStrictEqual(
    (yield* ledger.positions("paper")).map((position) => [position.qty, position.costBasis]),
    held.map(() => [0n, 0n])
  )
  yield* proven
  return fills.length
})

describe("money", () => {
  it.effect("balances to the micro-dollar for every payout: cash + shares x payout - fees", () =>
    Effect.gen(function* () {
      const fills = yield* Effect.forEach(fc.sample(days, { numRuns: 15, seed: 20_260_923 }), (day) =>
        Effect.provide(balances(day), world)
      )
      assert.isAbove(fills.filter((count) => count > 0).length, 10, `days with fills, of which there were ${fills}`)
    })
  )
})
