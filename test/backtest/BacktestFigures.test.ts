import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as Curve from "../../src/report/BacktestCurve.ts"
import * as Figures from "../../src/report/BacktestFigures.ts"

const of = (all: ReadonlyArray<number>): Figures.Returns => {
  const returns = Figures.returns()
  for (const each of all) Figures.addReturn(returns, each)
  return returns
}

describe("the figures of a backtest", () => {
  it("compute Sharpe and Sortino as a pencil does", () => {
    // Mean 0.005; squared distances 0.000225 + 0.000225 + 0.000025 + 0.000025 = 0.0005, over 3.
    const returns = of([0.02, -0.01, 0.01, 0])
    assert.approximately(Figures.sharpe(returns) ?? 0, (0.005 / Math.sqrt(0.0005 / 3)) * Math.sqrt(525_600), 1e-9)
    // One loss of 0.01 among four.
    assert.approximately(Figures.sortino(returns) ?? 0, (0.005 / 0.005) * Math.sqrt(525_600), 1e-9)
  })

  it("have no Sharpe ratio where nothing varies, and no Sortino ratio where nothing was lost", () => {
    assert.strictEqual(Figures.sharpe(of([0.01])), undefined)
    assert.strictEqual(Figures.sharpe(of([0, 0, 0])), undefined)
    assert.strictEqual(Figures.sortino(of([0.01, 0.02])), undefined)
  })

  it("measure drawdown from the highest point so far", () => {
    const drawdown = Figures.drawdown(100)
    assert.deepStrictEqual(
      [90, 120, 96, 150, 149].map((equity) => Figures.addEquity(drawdown, equity)),
      [0.1, 0, 0.2, 0, 1 / 150]
    )
    assert.strictEqual(drawdown.deepest, 0.2)
  })

  it("count a buyer's markout upwards and a seller's downwards", () => {
    assert.approximately(Figures.markout("BUY", 0.5, 0.53), 0.03, 1e-12)
    assert.approximately(Figures.markout("SELL", 0.5, 0.53), -0.03, 1e-12)
    const mean = Figures.weighted()
    Figures.addWeighted(mean, 0.03, 10)
    Figures.addWeighted(mean, -0.01, 30)
    Figures.addWeighted(mean, undefined, 500)
    assert.approximately(Figures.meanOf(mean) ?? 1, 0, 1e-12)
    assert.strictEqual(mean.missing, 1)
  })

  it("put a price on the edge of two bins into the upper one, and 1 into the last", () => {
    const bins = Figures.bins()
    for (const price of [0.3, 0.29, 0.7, 0.999, 1]) Figures.addOutcome(bins, price, 1, 1)
    assert.deepStrictEqual(
      bins.map((bin) => bin.fills),
      [0, 0, 1, 1, 0, 0, 0, 1, 0, 2]
    )
  })

  it("are told as decimal text", () => {
    assert.deepStrictEqual(
      [100, 0.5, -0.0000001, 1 / 3, undefined, Number.NaN].map((value) => Figures.decimal(value)),
      ["100", "0.5", "0", "0.333333", null, null]
    )
  })
})

describe("a curve", () => {
  it("keeps its bounds however many samples come, in order, and always the last one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom(2, 8, 64), (samples, capacity) => {
        const curve = Curve.make<{ readonly last: number; readonly most: number }>(capacity, (a, b) => ({
          last: b.last,
          most: Math.max(a.most, b.most)
        }))
        for (let at = 1; at <= samples; at++) Curve.add(curve, { last: at, most: at === 5 ? 1_000_000 : at })
        const points = Curve.points(curve)
        assert.isAtMost(points.length, capacity)
        assert.strictEqual(points.at(-1)?.last, samples)
        assert.deepStrictEqual(
          points.map((point) => point.last),
          points.map((point) => point.last).toSorted((a, b) => a - b)
        )
        assert.strictEqual(
          points.some((point) => point.most === 1_000_000),
          samples >= 5
        )
      }),
      { numRuns: 60 }
    )
  })
})
