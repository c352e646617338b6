import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { uuidOf } from "../../src/domain/Identity.ts"
import { Lease } from "../../src/persist/Lease.ts"
import { ledger } from "./scene.ts"

const [ONE, TWO] = [uuidOf("holder", "one"), uuidOf("holder", "two")]
const TTL = Duration.toMillis(Duration.seconds(60))

const acquire = (holder: string) =>
  Effect.gen(function* () {
    const lease = yield* Lease
    return Option.getOrUndefined(yield* lease.acquire("schedule", holder, TTL, yield* Clock.currentTimeMillis))
  })

const renew = (holder: string, fence: bigint) =>
  Effect.gen(function* () {
    const lease = yield* Lease
    return yield* lease.renew("schedule", holder, fence, TTL, yield* Clock.currentTimeMillis)
  })

describe("the scheduler's lease", () => {
  it.effect("is held by one, for as long as it is renewed", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* acquire(ONE), { fence: 1n, lastSlotMillis: undefined })
      assert.isUndefined(yield* acquire(TWO))
      assert.deepStrictEqual(yield* acquire(ONE), { fence: 1n, lastSlotMillis: undefined })
      yield* TestClock.adjust("59 seconds")
      assert.isTrue(yield* renew(ONE, 1n))
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(yield* acquire(TWO))
      assert.isFalse(yield* renew(TWO, 1n))
      assert.isFalse(yield* renew(ONE, 2n))
    }).pipe(Effect.provide(ledger))
  )

  it.effect("passes to another when it expires, and the old holder can no longer do anything with it", () =>
    Effect.gen(function* () {
      const { release, slotDone } = yield* Lease
      yield* acquire(ONE)
      assert.isTrue(yield* slotDone("schedule", ONE, 1n, 3_600_000))
      yield* TestClock.adjust("60 seconds")
      assert.isFalse(yield* renew(ONE, 1n))
      assert.deepStrictEqual(yield* acquire(TWO), { fence: 2n, lastSlotMillis: 3_600_000 })
      assert.isFalse(yield* renew(ONE, 1n))
      assert.isFalse(yield* slotDone("schedule", ONE, 1n, 7_200_000))
      yield* release("schedule", ONE, 1n)
      assert.isUndefined(yield* acquire(ONE))
      assert.isTrue(yield* renew(TWO, 2n))
    }).pipe(Effect.provide(ledger))
  )

  it.effect("is free at once when it is given back; its slots never run backwards", () =>
    Effect.gen(function* () {
      const { release, slotDone } = yield* Lease
      yield* acquire(ONE)
      yield* slotDone("schedule", ONE, 1n, 7_200_000)
      yield* slotDone("schedule", ONE, 1n, 3_600_000)
      yield* release("schedule", ONE, 1n)
      assert.isFalse(yield* renew(ONE, 1n))
      assert.deepStrictEqual(yield* acquire(TWO), { fence: 2n, lastSlotMillis: 7_200_000 })
    }).pipe(Effect.provide(ledger))
  )

  it.effect("goes to one of many that ask at once", () =>
    Effect.gen(function* () {
      const asked = Array.from({ length: 8 }, (_, at) => acquire(uuidOf("holder", `${at}`)))
      const taken = yield* Effect.all(asked, { concurrency: "unbounded" })
      assert.strictEqual(taken.filter((tenure) => tenure !== undefined).length, 1)
    }).pipe(Effect.provide(ledger))
  )
})
