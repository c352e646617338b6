import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { inBlocks } from "../../src/persist/Blocks.ts"

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe("rows in blocks", () => {
  it.effect("are all written once, in their order, and what the statements give back is counted", () =>
    Effect.forEach([0, 1, 399, 400, 401, 800, 1_999], (count) =>
      Effect.gen(function* () {
        const written: Array<number> = []
        const returned = yield* inBlocks(numbers(count), (block) =>
          Effect.zipRight(
            Effect.yieldNow(),
            Effect.sync(() => {
              written.push(...block)
              return block.filter((row) => row % 2 === 0)
            })
          )
        )
        assert.deepStrictEqual(written, numbers(count))
        assert.strictEqual(returned, Math.ceil(count / 2))
      })
    )
  )

  it.effect("spell the next block while one is being written, and never two ahead", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<ReadonlyArray<unknown>>()
      const spelt: Array<number> = []
      const writing = yield* Effect.fork(
        inBlocks(numbers(5_000), (block) => {
          spelt.push(block[0] ?? -1)
          return Deferred.await(answer)
        })
      )
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      const [first, second, ...more] = [...spelt]
      yield* Deferred.succeed(answer, [])
      yield* Fiber.join(writing)
      assert.strictEqual(first, 0)
      assert.isAbove(second ?? 0, 0)
      assert.deepStrictEqual(more, [])
      assert.isAbove(spelt.length, 2)
    })
  )

  it.effect("stop at a block that cannot be written", () =>
    Effect.gen(function* () {
      const written: Array<number> = []
      const exit = yield* Effect.exit(
        inBlocks(numbers(5_000), (block) =>
          Effect.suspend(() => {
            written.push(block[0] ?? -1)
            return written.length === 2 ? Effect.fail("refused" as const) : Effect.succeed([])
          })
        )
      )
      assert.deepStrictEqual(exit, Exit.fail("refused"))
      assert.strictEqual(written.length, 2)
    })
  )
})
