import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { MarketDataUnavailable } from "../src/domain/Failure.ts"
import { ZERO_SHARES, ZERO_USD } from "../src/domain/Money.ts"
import { MarketData } from "../src/layers/MarketData.ts"
import { Ledger } from "../src/persist/Ledger.ts"
import * as MemoryLedger from "../src/persist/memory/MemoryLedger.ts"
import * as Trials from "../src/trials.ts"
import { book, order, pending } from "./exchange/floor.ts"

const NOTHING = { qty: ZERO_SHARES, notional: ZERO_USD, fees: ZERO_USD }
const BANDS = {
  pessimistic: NOTHING,
  neutral: NOTHING,
  optimistic: NOTHING,
  rests: true,
  ahead: ZERO_SHARES,
  seen: ZERO_SHARES
}

/** A ledger with one order that left at the beginning of time, and a market that nobody can be asked about. */
const outage = (asked: { times: number }) => {
  const down = Effect.suspend(() => {
    asked.times += 1
    return new MarketDataUnavailable({ source: "books", message: "it is down" })
  })
  const ledger = Effect.map(Ledger, (memory) =>
    Ledger.of({
      ...memory,
      trials: () =>
        Effect.succeed([
          {
            order: { ...pending(order({})), externalOrderId: "0x1", sentMillis: 0, updatedMillis: 0 },
            decidedBook: book([["0.4", "5"]], [["0.5", "5"]]),
            bands: BANDS,
            mids: {},
            sinceMillis: undefined,
            firstFillMillis: undefined
          }
        ])
    })
  )
  return Layer.merge(
    Layer.provide(Layer.effect(Ledger, ledger), MemoryLedger.layer),
    Layer.succeed(MarketData, MarketData.of({ markets: () => down, books: () => down }))
  )
}

describe("who marks the markets of real orders", () => {
  it.effect("asks a source that is down every few seconds, and no more often than that", () =>
    Effect.gen(function* () {
      const asked = { times: 0 }
      const watching = yield* Effect.fork(Effect.provide(Trials.watch, outage(asked)))
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(asked.times, 0)
      yield* TestClock.adjust("6 seconds")
      assert.isAbove(asked.times, 0)
      yield* TestClock.adjust("60 seconds")
      assert.isAtMost(asked.times, 16)
      yield* Fiber.interrupt(watching)
    })
  )
})
