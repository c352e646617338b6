import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { MarketMemory } from "../../src/domain/Answer.ts"
import * as Book from "../../src/exchange/Book.ts"
import * as Deficit from "../../src/exchange/Deficit.ts"
import { price } from "./floor.ts"

const ASK = 45

/** Shows one level at one size (0 is gone) and takes up to `wanted` of it. */
const step = (memory: MarketMemory | undefined, size: number, wanted: number, atMillis = 0) => {
  const book = Book.make(price("0.01"))
  Book.setAsk(book, ASK, size)
  const deficits = Deficit.recall("sim-rain", memory, book, atMillis)
  const available = Math.max(0, size - Deficit.taken(deficits, "neutral", "ask", ASK))
  const took = Math.min(available, wanted)
  if (took > 0) Deficit.take(deficits, book, "neutral", "ask", ASK, took)
  return { available, took, memory: Deficit.remember(deficits, book) }
}

describe("Deficit", () => {
  it("of 500 shown leaves 300 after 200 were taken, 280 at 480, none at 100, and the 50 that are new at 150", () => {
    const first = step(undefined, 500, 200)
    const second = step(first.memory, 480, 0)
    const third = step(second.memory, 100, 0)
    const fourth = step(third.memory, 150, 0)
    const again = step(fourth.memory, 150, 50)
    const spent = step(again.memory, 150, 50)
    assert.deepStrictEqual(
      [first, second, third, fourth, again, spent].map((each) => each.available),
      [500, 280, 0, 50, 50, 0]
    )
  })

  it("is forgotten when the level is gone and when the tick changes", () => {
    const taken = step(undefined, 500, 500)
    const gone = step(taken.memory, 0, 0)
    assert.deepStrictEqual(gone.memory.levels, [])
    assert.strictEqual(step(gone.memory, 30, 30).took, 30)

    const finer = Book.make(price("0.005"))
    Book.setAsk(finer, 90, 500)
    const deficits = Deficit.recall("sim-rain", taken.memory, finer, 0)
    assert.strictEqual(Deficit.taken(deficits, "neutral", "ask", 90), 0)
    assert.isTrue(deficits.changed)
  })

  it("learns nothing from a book that is older than the last one seen", () => {
    const newer = step(undefined, 500, 400, 2000)
    const older = step(newer.memory, 100, 100, 1000)
    assert.strictEqual(older.took, 0)
    assert.deepStrictEqual(older.memory, newer.memory)
    assert.strictEqual(step(older.memory, 500, 500, 3000).took, 100)
  })

  it("lets a run take no more than what was shown first and all later rises", () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })), {
      maxLength: 40
    })
    fc.assert(
      fc.property(sizes, (steps) => {
        let memory: MarketMemory | undefined
        let [last, allowed, taken] = [0, 0, 0]
        for (const [size, wanted] of steps) {
          allowed += Math.max(0, size - last)
          const now = step(memory, size, wanted)
          memory = now.memory
          taken += now.took
          last = size
          assert.isAtMost(taken, allowed)
        }
      })
    )
  })

  it("gives all of a rise to whoever has taken all there was", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }), (sizes) => {
        let memory: MarketMemory | undefined
        let last = 0
        for (const size of sizes) {
          const now = step(memory, size, Number.MAX_SAFE_INTEGER)
          assert.strictEqual(now.took, Math.max(0, size - last))
          memory = now.memory
          last = size
        }
      })
    )
  })

  it("leaves the memory it was given as it was", () => {
    const { memory } = step(undefined, 500, 200)
    const before = structuredClone(memory)
    step(memory, 300, 100)
    assert.deepStrictEqual(memory, before)
  })
})
