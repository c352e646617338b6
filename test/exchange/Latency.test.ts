import { assert, describe, it } from "@effect/vitest"
import * as Latency from "../../src/exchange/Latency.ts"

const drawn = (entry: Latency.Delay, seed = "seed", count = 4000): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, at) => Latency.latencyOf({ ...Latency.ZERO, entry, seed }, "entry", `order-${at}`))

const share = (values: ReadonlyArray<number>, holds: (value: number) => boolean): number =>
  values.filter(holds).length / values.length

describe("latency", () => {
  it("that is constant is the same for every order, in whole milliseconds", () => {
    assert.deepStrictEqual([...new Set(drawn({ _tag: "Constant", millis: 49.6 }))], [50])
    assert.deepStrictEqual([...new Set(drawn({ _tag: "Constant", millis: -5 }))], [0])
  })

  it("that is log-normal has its median in the middle and its spread on both sides", () => {
    const values = drawn({ _tag: "LogNormal", median: 1000, sigma: 0.5 })
    assert.approximately(
      share(values, (value) => value < 1000),
      0.5,
      0.03
    )
    // One standard deviation: e^0.5 and e^-0.5 times the median.
    assert.approximately(
      share(values, (value) => value > 1649),
      0.1587,
      0.02
    )
    assert.approximately(
      share(values, (value) => value < 607),
      0.1587,
      0.02
    )
  })

  it("that was measured comes back as often as it was measured", () => {
    const values = drawn({ _tag: "Measured", millis: [10, 20, 20, 400] })
    assert.deepStrictEqual(
      [...new Set(values)].sort((a, b) => a - b),
      [10, 20, 400]
    )
    assert.approximately(
      share(values, (value) => value === 20),
      0.5,
      0.03
    )
    assert.deepStrictEqual([...new Set(drawn({ _tag: "Measured", millis: [] }))], [0])
  })

  it("is a function of the seed, the way and the order", () => {
    const delay = { _tag: "LogNormal", median: 100, sigma: 1 } as const
    assert.deepStrictEqual(drawn(delay), drawn(delay))
    assert.notDeepEqual(drawn(delay), drawn(delay, "another"))
    const both: Latency.Latency = { entry: delay, cancel: delay, response: delay, seed: "seed" }
    const ways = (["entry", "cancel", "response"] as const).map((way) => Latency.latencyOf(both, way, "order"))
    assert.strictEqual(new Set(ways).size, 3)
  })

  it("draws evenly, also for ids that are nearly the same", () => {
    const values = Array.from({ length: 8000 }, (_, at) => Latency.uniform(`seed|entry|0000-${at}`))
    for (let bin = 0; bin < 8; bin++) {
      assert.approximately(
        share(values, (value) => Math.floor(value * 8) === bin),
        0.125,
        0.015
      )
    }
    assert.isTrue(values.every((value) => value > 0 && value < 1))
  })
})
