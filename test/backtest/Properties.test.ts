import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import type { TapeMarket } from "../../src/replay/TapeMarket.ts"
import type { BacktestRun } from "../../src/report/BacktestReport.ts"
import { iso } from "../../src/report/Moment.ts"
import { backtest, type Happening, type Line, market, plan, START, tape } from "./tapes.ts"

type At = (at: number) => Happening

const price = fc.integer({ min: 40, max: 60 }).map((cents) => cents / 100)
const size = fc.integer({ min: 0, max: 30 }).map((tens) => tens * 10)
const level = fc.tuple(price, size)
const what: fc.Arbitrary<At> = fc.oneof(
  {
    weight: 5,
    arbitrary: level.map(
      (bid): At =>
        (at) => ({ at, bid: [Math.min(bid[0], 0.49), bid[1]] })
    )
  },
  {
    weight: 5,
    arbitrary: level.map(
      (ask): At =>
        (at) => ({ at, ask: [Math.max(ask[0], 0.51), ask[1]] })
    )
  },
  {
    weight: 4,
    arbitrary: level.map(
      (trade): At =>
        (at) => ({ at, trade: [trade[0], trade[1] + 5] })
    )
  },
  {
    weight: 1,
    arbitrary: size.map(
      (most): At =>
        (at) => ({ at, book: { bids: { 0.48: most + 1 }, asks: { 0.5: 60, 0.53: most + 1 } } })
    )
  },
  { weight: 1, arbitrary: fc.constant<At>((at) => ({ at, gap: true })) }
)
const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), what), { minLength: 1, maxLength: 40 })

const opening: Happening = { at: 0, book: { bids: { 0.49: 50, 0.48: 100 }, asks: { 0.51: 50, 0.52: 100 } } }

/** Happenings one after the other, from a time on. */
const following = (from: number, all: ReadonlyArray<readonly [number, At]>): ReadonlyArray<Happening> => {
  let at = from
  return all.map(([wait, happening]) => {
    at += wait
    return happening(at)
  })
}

const line: fc.Arbitrary<Line> = fc.oneof(
  fc.record({ price, size: fc.integer({ min: 10, max: 200 }), outcome: fc.constantFrom("YES", "NO") }),
  fc.record({
    price,
    size: fc.integer({ min: 10, max: 200 }),
    outcome: fc.constantFrom("YES", "NO"),
    timeInForce: fc.constantFrom("FAK", "FOK")
  }),
  fc.record({
    price: price.filter((at) => at < 0.5),
    size: fc.integer({ min: 10, max: 200 }),
    cancelAfterSec: fc.integer({ min: 1, max: 300 })
  })
)
const plans = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => plan(lines, { onReject: "skip" }))

const latency = fc.constantFrom(0, 40, 3_000)

/** Runs over happenings, in blocks of so many rows. */
const over = (
  bytes: Uint8Array,
  happenings: ReadonlyArray<Happening>,
  millis: number,
  rows?: number,
  markets?: ReadonlyArray<TapeMarket>
): Promise<BacktestRun> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.flatMap(tape(happenings, markets, rows), (path) =>
        backtest(bytes, [path], { latency: { _tag: "LogNormal", median: millis, sigma: 0.4 } })
      )
    ).pipe(Effect.provide(NodeFileSystem.layer))
  )

const RAIN_AND_SNOW = [market("rain"), market("snow")]

/** The same among much that happens in another market, at no other times. */
const crowded = (all: ReadonlyArray<Happening>): ReadonlyArray<Happening> =>
  all.flatMap((each) => [each, ...[1, 2, 3, 4, 5].map((size): Happening => ({ at: each.at, in: 1, bid: [0.2, size] }))])

const pathOf = (run: BacktestRun) => run.markets[0]?.path ?? []

/** What of a run lies before a time. Of a path, which gets coarser as it gets longer, the points that another run has, too. */
const until = (run: BacktestRun, other: BacktestRun, millis: number) => {
  const before = iso(START + millis)
  const times = new Set(pathOf(other).map((point) => point.at))
  return {
    from: run.from,
    fills: run.fills.filter((fill) => fill.executedAt < before),
    equity: run.equity.filter((point) => point.at < before),
    path: pathOf(run).filter((point) => point.at < before && times.has(point.at))
  }
}

describe("a backtest", () => {
  it("sees nothing of the future: whatever comes after a time changes nothing before it", () => {
    let compared = 0
    return fc
      .assert(
        fc.asyncProperty(plans, steps, steps, steps, latency, (bytes, past, future, other, millis) => {
          const before = [opening, ...following(0, past)]
          const turn = (before.at(-1)?.at ?? 0) + 1
          const later = following(turn, other)
          return Promise.all([
            over(bytes, [...before, ...following(turn, future)], millis),
            over(bytes, [...before, ...later, { at: (later.at(-1)?.at ?? turn) + 1_000, pays: 0 }], millis)
          ]).then(([one, two]) => {
            const [here, there] = [until(one, two, turn), until(two, one, turn)]
            assert.deepStrictEqual(here, there)
            compared += here.path.length
          })
        }),
        { numRuns: 60, interruptAfterTimeLimit: 30_000 }
      )
      .then(() => assert.isAbove(compared, 100))
  })

  it("is the same each time, byte for byte, however its tape is cut into blocks", () =>
    fc.assert(
      fc.asyncProperty(plans, steps, latency, (bytes, all, millis) => {
        const happenings = [opening, ...following(0, all)]
        return Promise.all([
          over(bytes, happenings, millis),
          over(bytes, happenings, millis),
          over(bytes, happenings, millis, 1),
          // Other markets pass time, whether their blocks are read or passed over.
          over(bytes, crowded(happenings), millis, 1_000, RAIN_AND_SNOW),
          over(bytes, crowded(happenings), millis, 3, RAIN_AND_SNOW)
        ]).then(([one, again, cut, among, apart]) => {
          assert.strictEqual(JSON.stringify(apart), JSON.stringify(among))
          assert.strictEqual(JSON.stringify(among), JSON.stringify(one))
          assert.strictEqual(JSON.stringify(again), JSON.stringify(one))
          assert.strictEqual(JSON.stringify(cut), JSON.stringify(one))
        })
      }),
      { numRuns: 30, interruptAfterTimeLimit: 30_000 }
    ))

  it("balances to the micro-dollar: cash of fills and payouts less fees is the gain", () =>
    fc.assert(
      fc.asyncProperty(plans, steps, fc.constantFrom(0, 0.5, 1), (bytes, all, pays) => {
        const happenings = [opening, ...following(0, all)]
        const last = (happenings.at(-1)?.at ?? 0) + 5_000
        return over(bytes, [...happenings, { at: last, pays }], 0).then((run) => {
          const micro = (text: string) => Math.round(Number(text) * 1e6)
          const cash = run.fills.reduce((sum, fill) => {
            const shares = micro(fill.qty) * (fill.side === "BUY" ? 1 : -1)
            const payout = fill.outcome === "Yes" ? pays : 1 - pays
            return sum - micro(fill.notional) * (fill.side === "BUY" ? 1 : -1) - micro(fill.fee) + shares * payout
          }, 0)
          assert.isAtMost(Math.abs(micro(run.figures.pnl) - cash), run.fills.length)
          for (const order of run.orders) {
            assert.isFalse(["open", "pending", "delayed", "unknown"].includes(order.status), order.status)
            if (order.timeInForce === "FOK" && order.status === "cancelled") assert.strictEqual(order.filledQty, "0")
          }
        })
      }),
      { numRuns: 40, interruptAfterTimeLimit: 30_000 }
    ))
})
