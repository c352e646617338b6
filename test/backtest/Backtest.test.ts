import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { HEAD } from "../../src/replay/Frame.ts"
import { open } from "../../src/replay/TapeReader.ts"
import { backtest, type Happening, market, plan, START, tape } from "./tapes.ts"

const on = (happenings: ReadonlyArray<Happening>, ...more: [Uint8Array, Parameters<typeof backtest>[2]?]) =>
  Effect.scoped(Effect.flatMap(tape(happenings), (path) => backtest(more[0], [path], more[1]))).pipe(
    Effect.provide(NodeFileSystem.layer)
  )

const book: Happening = { at: 0, book: { bids: { 0.48: 100, 0.47: 50 }, asks: { 0.5: 100, 0.51: 50 } } }

const brief = (
  order: { readonly status: string; readonly filledQty: string; readonly avgFillPrice: string | null } | undefined
) => (order === undefined ? "no order" : `${order.status} ${order.filledQty} at ${order.avgFillPrice}`)

describe("a backtest", () => {
  it.effect("takes what is displayed and holds it to the end, marked to the best bid", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [book, { at: 60_000, bid: [0.49, 10] }, { at: 120_000, bid: [0.47, 60] }],
        plan([{ price: 0.5, size: 30, timeInForce: "FAK" }])
      )
      assert.strictEqual(brief(run.orders[0]), "filled 60 at 0.5")
      assert.strictEqual(run.figures.pnl, "-0.6")
      assert.strictEqual(run.figures.equity, "999.4")
      assert.deepStrictEqual(run.markets[0]?.payouts, null)
      assert.include(run.warnings.join(), "marked to the last book")
    })
  )

  it.effect("pays out when the market is resolved", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [book, { at: 60_000, pays: 1 }, { at: 120_000, gap: true }],
        plan([{ price: 0.5, size: 30, timeInForce: "FAK" }])
      )
      assert.strictEqual(run.figures.pnl, "30")
      assert.deepStrictEqual(run.markets[0]?.payouts, ["1", "0"])
      assert.deepStrictEqual(
        run.calibration.map((bin) => [bin.meanPrice, bin.meanPayout]),
        [["0.5", "1"]]
      )
      assert.strictEqual(run.to, "2026-09-21T15:07:40.000Z")
    })
  )

  it.effect("meets the book one latency after its decision", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [book, { at: 100, ask: [0.5, 0] }, { at: 5_000, bid: [0.47, 60] }],
        plan([{ price: 0.5, size: 30, timeInForce: "FAK" }]),
        { latency: { _tag: "Constant", millis: 200 } }
      )
      assert.strictEqual(brief(run.orders[0]), "cancelled 0 at null")
    })
  )

  it.effect("fills what rests behind its queue, and cancels it when its time is over", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [
          book,
          { at: 10_000, trade: [0.48, 110] },
          { at: 10_000, bid: [0.48, 0] },
          { at: 90_000, bid: [0.48, 10] },
          { at: 91_000, trade: [0.48, 40] },
          { at: 95_000, bid: [0.47, 1] }
        ],
        plan([{ price: 0.48, size: 100, sizeUnit: "SHARES", timeInForce: "GTD", cancelAfterSec: 60 }])
      )
      assert.strictEqual(brief(run.orders[0]), "expired 10 at 0.48")
      assert.deepStrictEqual(
        run.fills.map((fill) => [fill.executedAt, fill.qty, fill.liquidity]),
        [["2026-09-21T15:06:50.000Z", "10", "maker"]]
      )
    })
  )

  it.effect("waits for the books of its plan", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [
          { at: 0, gap: true },
          { ...book, at: 30_000 },
          { at: 95_000, bid: [0.47, 1] }
        ],
        plan([{ price: 0.48, size: 30 }])
      )
      assert.strictEqual(run.from, "2026-09-21T15:07:10.000Z")
    })
  )

  it.effect("counts on events that have happened when its order arrives, though they are told later", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [
          { ...book, late: 400 },
          { at: 450, late: 400, ask: [0.5, 0] },
          { at: 5_000, late: 400, bid: [0.47, 60] }
        ],
        plan([{ price: 0.5, size: 30, timeInForce: "FAK" }]),
        { latency: { _tag: "Constant", millis: 100 } }
      )
      // Decided at 400, it meets the book of 500, from which the offer had gone at 450.
      assert.strictEqual(brief(run.orders[0]), "cancelled 0 at null")
    })
  )

  it.effect("trades at the time it is told, not before", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [book, { at: 50_000, ask: [0.5, 0] }, { at: 95_000, bid: [0.47, 1] }],
        plan([{ price: 0.51, size: 30, timeInForce: "FAK" }]),
        { notBefore: START + 60_000 }
      )
      assert.strictEqual(run.from, "2026-09-21T15:07:40.000Z")
      assert.strictEqual(run.orders[0]?.avgFillPrice, "0.51")
    })
  )

  it.effect("is refused by risk as any plan is, and places nothing", () =>
    Effect.gen(function* () {
      const run = yield* on([book], plan([{ price: 0.48, size: 5_000 }]))
      assert.strictEqual(run.status, "rejected")
      assert.deepStrictEqual(
        run.orders.map((order) => order.id),
        [null]
      )
      assert.deepStrictEqual(run.fills, [])
    })
  )

  it.effect("leaves what the data end before open, and says so", () =>
    Effect.gen(function* () {
      const run = yield* on([book, { at: 20_000, bid: [0.46, 5] }], plan([{ price: 0.48, size: 30 }]))
      assert.strictEqual(brief(run.orders[0]), "open 0 at null")
      assert.strictEqual(run.figures.fillRate, "0")
    })
  )

  it.effect("goes on from tape to tape, and over several side by side", () =>
    Effect.gen(function* () {
      const first: ReadonlyArray<Happening> = [book, { at: 30_000, trade: [0.48, 60] }]
      const second: ReadonlyArray<Happening> = [
        { at: 50_000, bid: [0.48, 40] },
        { at: 60_000, trade: [0.48, 100] },
        { at: 120_000, bid: [0.47, 1] }
      ]
      const snow: ReadonlyArray<Happening> = [
        { at: 0, book: { bids: { 0.2: 10 }, asks: { 0.3: 500 } } },
        { at: 70_000, pays: 1 }
      ]
      const bytes = plan([
        { price: 0.48, size: 100, sizeUnit: "SHARES" },
        { price: 0.3, size: 30, timeInForce: "FAK", marketId: "snow" }
      ])
      const side = yield* tape(snow, [market("snow")])
      const [one, two, whole] = [yield* tape(first), yield* tape(second), yield* tape([...first, ...second])]
      const run = yield* backtest(bytes, [two, side, one])
      assert.deepStrictEqual(
        run.orders.map(brief),
        ["filled 60 at 0.48", "filled 100 at 0.3"].with(0, brief(run.orders[0]))
      )
      assert.strictEqual(run.markets.find((each) => each.slug === "snow")?.pnl, "70")
      const again = yield* backtest(bytes, [whole, side])
      assert.strictEqual(JSON.stringify(run), JSON.stringify(again))
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("does not read blocks in which none of its markets happens, and lives as long as the tape", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* tape(
        [book, { at: 50_000, in: 1, bid: [0.2, 5] }, { at: 90_000, in: 1, bid: [0.2, 6] }],
        [market("rain"), market("snow")],
        1
      )
      const bytes = plan([{ price: 0.48, size: 30 }])
      const whole = yield* backtest(bytes, [path])
      assert.strictEqual(whole.to, "2026-09-21T15:08:10.000Z")
      const found = yield* Effect.scoped(open(path))
      const last = found.index.blocks.at(-1)
      assert.deepStrictEqual([...(last?.markets ?? [])], [1])
      const damaged = yield* files.readFile(path)
      damaged.fill(0, (last?.offset ?? 0) + HEAD + 2, (last?.offset ?? 0) + (last?.length ?? 0))
      yield* files.writeFile(path, damaged)
      assert.strictEqual(JSON.stringify(yield* backtest(bytes, [path])), JSON.stringify(whole))
      const snow = plan([{ marketId: "snow", price: 0.2, size: 30 }])
      assert.strictEqual((yield* Effect.flip(backtest(snow, [path]))).code, "damaged_tape")
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("pays the fee of the date, by the record of the tape that tells it", () =>
    Effect.gen(function* () {
      const day = (rate: bigint, at: number) =>
        tape(
          [
            { at, book: { bids: { 0.48: 100 }, asks: { 0.5: 100 } } },
            { at: at + 60_000, bid: [0.47, 1] }
          ],
          [market("rain", { fees: { rate, exponent: 1 } })]
        )
      const tapes = [yield* day(0n, 0), yield* day(70_000n, 1_000_000)]
      const bytes = plan([{ price: 0.5, size: 30, timeInForce: "FAK" }])
      const feesOf = (notBefore: number) =>
        Effect.map(backtest(bytes, tapes, { notBefore: START + notBefore }), (run) => run.figures.fees)
      // 60 shares x 0.07 x 0.25.
      assert.deepStrictEqual([yield* feesOf(10_000), yield* feesOf(1_010_000)], ["0", "1.05"])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )
})

describe("the figures of a run", () => {
  it.effect("are those of a pencil", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [
          book,
          { at: 5_000, bid: [0.49, 10] },
          { at: 30_000, gap: true },
          { ...book, at: 90_000 },
          { at: 100_000, ask: [0.5, 0] },
          { at: 150_000, pays: 1 }
        ],
        plan([{ price: 0.5, size: 30, timeInForce: "FAK" }])
      )
      // 60 shares for 30 dollars. Equity: 1000 at the beginning; at 60 s marked to the last bid known, 0.49; at 120 s to 0.48; paid 60 in the end.
      const equity = [1_000, 1_000, 970 + 60 * 0.49, 970 + 60 * 0.48, 1_030]
      assert.deepStrictEqual(
        run.equity.map((point) => Number(point.neutral)),
        equity.slice(1)
      )
      const returns = equity.slice(1).map((each, at) => each / (equity[at] ?? 0) - 1)
      const mean = returns.reduce((sum, each) => sum + each, 0) / 4
      const deviation = Math.sqrt(returns.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 3)
      assert.approximately(Number(run.figures.sharpe), (mean / deviation) * Math.sqrt(525_600), 1e-5)
      const downside = Math.sqrt(returns.reduce((sum, each) => sum + Math.min(each, 0) ** 2, 0) / 4)
      assert.approximately(Number(run.figures.sortino), (mean / downside) * Math.sqrt(525_600), 1e-4)
      assert.approximately(Number(run.figures.maxDrawdown), (1_000 - 998.8) / 1_000, 1e-6)
      assert.deepInclude(run.figures, {
        pnl: "30",
        return: "0.03",
        returnOnCapital: "1",
        hitRate: "1",
        turnover: "0.03",
        fillRate: "1",
        // Known from 0 to 30 s and from 90 s to the end at 150 s.
        coverage: "0.6",
        gaps: 1
      })
      // After 10 s the book is 0.49 / 0.50, after 1 min it is not known, after 10 min it has paid 1: over by then.
      assert.deepStrictEqual(run.figures.markout, { "10s": "-0.005", "1m": null, "10m": null })
    })
  )

  it.effect("count the time after a fill in which the market is resolved at what it paid", () =>
    Effect.gen(function* () {
      const run = yield* on(
        [book, { at: 20_000, pays: 0 }, { at: 100_000, gap: true }],
        plan([
          { price: 0.5, size: 30, timeInForce: "FAK" },
          { price: 0.2, size: 20, sizeUnit: "SHARES" }
        ])
      )
      assert.strictEqual(run.figures.pnl, "-30")
      assert.strictEqual(run.figures.hitRate, "0")
      assert.deepStrictEqual(
        run.orders.map((order) => order.status),
        ["filled", "cancelled"]
      )
    })
  )
})
