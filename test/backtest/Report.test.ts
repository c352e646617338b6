import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { backtestHtml } from "../../src/report/BacktestHtml.ts"
import type { BacktestReport } from "../../src/report/BacktestReport.ts"
import { backtestText } from "../../src/report/BacktestTables.ts"
import { PLAIN } from "../../src/report/Table.ts"
import { drawn } from "./page.ts"
import { backtest, type Happening, market, plan, tape } from "./tapes.ts"

const HAPPENINGS: ReadonlyArray<Happening> = [
  { at: 0, book: { bids: { 0.48: 100, 0.47: 50 }, asks: { 0.5: 100, 0.51: 50 } } },
  { at: 0, in: 1, book: { bids: { 0.2: 100 }, asks: { 0.3: 100 } } },
  { at: 15_000, bid: [0.49, 10] },
  { at: 20_000, trade: [0.48, 130] },
  { at: 20_000, bid: [0.48, 0] },
  { at: 100_000, bid: [0.47, 20] },
  { at: 610_000, bid: [0.49, 0] },
  { at: 800_000, pays: 1 },
  { at: 900_000, in: 1, bid: [0.2, 90] }
]

const ORDERS = [
  { price: 0.5, size: 30, timeInForce: "FAK" },
  { price: 0.48, size: 20, sizeUnit: "SHARES" },
  { price: 0.3, size: 15, timeInForce: "FAK", marketId: "snow" },
  { price: 0.1, size: 100, sizeUnit: "SHARES", marketId: "snow" }
]

const reported = Effect.gen(function* () {
  const fees = { rate: 70_000n, exponent: 1 }
  const path = yield* tape(HAPPENINGS, [market("rain", { fees }), market("snow", { fees })])
  const run = yield* backtest(plan(ORDERS), [path])
  const report: BacktestReport = {
    options: { seed: "1", latencyMs: "0", answerLatencyMs: "0", cancelShare: "proportional" },
    tapes: [{ path: "day.tape", from: run.from, to: run.to, rows: run.rows, markets: 2 }],
    runs: [run]
  }
  return { run, report }
}).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

describe("the report of a backtest", () => {
  it.effect("has every figure as a pencil has it, in JSON, as a table and on its page", () =>
    Effect.gen(function* () {
      const { report, run } = yield* reported
      // 60 at 0.50 and 20 at 0.48, paid 1 each; 50 at 0.30, which one could sell at 0.20 in the end.
      // Fees: 60 x 0.07 x 0.25 = 1.05, and 50 x 0.07 x 0.21 = 0.735.
      assert.deepInclude(run.figures, {
        pnl: "33.615",
        return: "0.033615",
        // Most that was out at once: 30 + 1.05 + 15 + 0.735 + 9.6.
        returnOnCapital: "0.596169",
        fees: "1.785",
        // 80 shares at 0.47 and 50 at 0.20: 1000 - 56.385 + 47.6 before the market paid.
        maxDrawdown: "0.008785",
        hitRate: "0.666667",
        turnover: "0.0546",
        // 130 of 60 + 20 + 50 + 100.
        fillRate: "0.565217",
        coverage: "1",
        gaps: 0
      })
      // At 10 s the mids are 0.49 and 0.25; the maker's fill comes at 20 s and looks at 30 s: 0.495.
      // (60 x -0.01 + 20 x 0.015 + 50 x -0.05) / 130. At 1 min the mid is 0.495, and so it is for the maker at 80 s; at
      // 10 min, too, but by 620 s it is 0.485.
      assert.deepStrictEqual(run.figures.markout, { "10s": "-0.021538", "1m": "-0.019231", "10m": "-0.020769" })
      assert.deepStrictEqual(
        run.markets.map(({ pnl, slug }) => [slug, pnl]),
        [
          ["rain", "39.35"],
          ["snow", "-5.735"]
        ]
      )
      assert.deepStrictEqual(
        run.calibration.map((bin) => [bin.from, bin.fills, bin.shares, bin.meanPrice, bin.meanPayout]),
        [
          ["0.4", 1, "20", "0.48", "1"],
          ["0.5", 1, "60", "0.5", "1"]
        ]
      )

      const text = backtestText(report, PLAIN).replace(/ +/g, " ")
      const page = drawn(backtestHtml(report))
      const { textContent } = page
      const figures: ReadonlyArray<readonly [table: string, page: string]> = [
        ["P&L │ +33.615 ", "P&L +$33.62"],
        ["3.36% (59.62%)", "Return 3.36% 59.62% on capital used"],
        ["Sharpe, Sortino (annualised) │ 1", "Sharpe 1"],
        ["Deepest drawdown │ 0.88%", "Deepest drawdown 0.88% fees $1.79"],
        ["Hit rate │ 66.67%", "Hit rate 66.67% turnover 5.46%"],
        ["Turnover │ 5.46%", "turnover 5.46%"],
        ["Fees │ 1.785", "fees $1.79"],
        ["Fill rate │ 56.52%", "Fill rate 56.52% 3 fills, 4 orders"],
        ["10s / 1m / 10m │ -0.0215 / -0.0192 / -0.0208", "Markout 1m -0.0192 10s -0.0215, 10m -0.0208"],
        ["Data coverage (gaps) │ 100.00% (0)", "Data coverage 100.00% 0 gaps"]
      ]
      for (const [told, shown] of figures) {
        assert.include(text, told)
        assert.include(textContent, shown)
      }
    })
  )

  it.effect("draws equity and drawdown, prices with the fills on them, position, bands, markets and calibration", () =>
    Effect.gen(function* () {
      const { report } = yield* reported
      const page = drawn(backtestHtml(report))
      const cards = page.all.filter((node) => node.attributes.get("class") === "card")
      const titled = (title: string) =>
        cards.find(({ kids: [head] }) => typeof head === "object" && head.textContent === title)
      const drawings = (title: string) => titled(title)?.all.filter((node) => node.tag === "svg").length
      assert.deepStrictEqual(
        [
          "Equity and drawdown",
          "Will rain come to pass?",
          "Will snow come to pass?",
          "Bands",
          "Calibration of forecast and outcome",
          "P&L per market"
        ].map((title) => [title, drawings(title)]),
        [
          ["Equity and drawdown", 2],
          // Prices, and what was held.
          ["Will rain come to pass?", 2],
          ["Will snow come to pass?", 2],
          ["Bands", 1],
          ["Calibration of forecast and outcome", 1],
          ["P&L per market", 1]
        ]
      )
      const tips = page.all.filter((node) => node.tag === "title").map((node) => node.textContent)
      assert.include(tips, "2026-09-21 15:06:40 BUY 60 Yes at 0.5 (taker)")
      assert.include(tips, "2026-09-21 15:07:00 BUY 20 Yes at 0.48 (maker)")
      assert.include(tips, "1 fills, 60 shares: price 0.5, paid 1")
      // Nothing is drawn at a place that is none.
      for (const node of page.all) for (const [name, value] of node.attributes) assert.notInclude(value, "NaN", name)
    })
  )

  it.effect("follows the prices closely however short the data are, and fills lie on them", () =>
    Effect.gen(function* () {
      const { run } = yield* reported
      const path = run.markets[0]?.path ?? []
      // A look a second, half as many once there were 400: until the market was resolved at 800 s.
      assert.isAtLeast(path.length, 200)
      assert.isAtMost(path.length, 400)
      const at = path.find((point) => point.at >= "2026-09-21T15:07:00.000Z")
      assert.deepStrictEqual([at?.bid, at?.ask], ["0.49", "0.5"])
      assert.deepStrictEqual([...new Set(path.map((point) => point.held[0]))], ["60", "80"])
    })
  )
})
