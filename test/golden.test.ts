import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as TestClock from "effect/TestClock"
import * as Simulated from "../src/layers/marketdata/Simulated.ts"
import * as Paper from "../src/layers/venue/Paper.ts"
import { Ledger } from "../src/persist/Ledger.ts"
import * as Pipeline from "../src/pipeline.ts"
import * as RunReport from "../src/report/RunReport.ts"
import { BALANCE, database, instruction, plan, START, trade } from "./pipeline/world.ts"

const world = Layer.mergeAll(Paper.layer.pipe(Layer.provideMerge(Simulated.layer("golden"))), Ledger.layer).pipe(
  Layer.provideMerge(database)
)

/** The orders of a report as a list that tells everything that follows from plan, data and clock. */
const listed = (report: RunReport.RunReport): string =>
  report.orders
    .map((order) =>
      [
        `${report.planId}#${order.instruction + 1} ${order.id}`,
        `${order.side} ${order.size} ${order.sizeUnit} of ${order.outcome} in ${order.marketId} at ${order.price} ${order.timeInForce}`,
        `${order.status} ${order.filledQty} of ${order.qty} at ${order.avgFillPrice}`,
        `notional ${order.notional} fees ${order.fees} unspent ${order.unspent}`,
        `bands ${order.bands.pessimistic} ${order.bands.neutral} ${order.bands.optimistic}`,
        ...order.reasons
      ].join(" | ")
    )
    .join("\n")

/** Plans of the program, by their files, one after the other with an hour between them. */
const fromFiles = Effect.fn("fromFiles")(function* (names: ReadonlyArray<string>) {
  const lists: Array<string> = []
  for (const name of names) {
    const bytes = fs.readFileSync(path.resolve(import.meta.dirname, "../plans", name))
    const { run } = yield* Pipeline.trade({
      bytes,
      file: name,
      dryRun: false,
      retryRefused: false,
      paperBalance: BALANCE,
      progress: () => Effect.void
    })
    lists.push(listed(RunReport.toJson(run)))
    yield* TestClock.adjust("1 hour")
  }
  return lists.join("\n")
})

/** Forty orders of all kinds in five moving markets, which risk may refuse. */
const mixed = Effect.gen(function* () {
  const instructions = yield* Effect.replicateEffect(
    Effect.gen(function* () {
      const kind = yield* Random.nextIntBetween(0, 4)
      const take = [{ timeInForce: "FAK" }, { timeInForce: "FOK" }][kind]
      const at = yield* Random.nextIntBetween(0, 5)
      return instruction({
        marketId: `sim-golden-${at}`,
        // One outcome of each market, or the plan's own orders would meet.
        outcome: at % 2 === 0 ? "YES" : "NO",
        price: (yield* Random.nextIntBetween(10, 90)) / 100,
        size: (yield* Random.nextIntBetween(500, 90_000)) / 100,
        sizeUnit: kind < 3 ? "USDC" : "SHARES",
        ...take
      })
    }),
    40
  )
  const { report } = yield* trade(
    plan("mixed", instructions, { onReject: "skip", simulation: { liquidityFraction: 0.6 } })
  )
  return listed(report)
}).pipe(Effect.withRandom(Random.make("golden")))

const GOLDEN = {
  "demo, then sell": {
    list: fromFiles(["demo.json", "sell.json"]),
    sha256: "113438f029686c45f19963d94e570a0dd517726cfd7ae27b8cfe41fe4cd1903d"
  },
  minimal: {
    list: fromFiles(["minimal.json"]),
    sha256: "fb523302032c649f00919d6e8fccb5e19ff74b8a51c8e41c976c534699568225"
  },
  full: { list: fromFiles(["full.json"]), sha256: "6846947645c2476b16d1a0787c04ffcec8661e4cd61b7eb40d4254b0a1a25f66" },
  "forty mixed orders": { list: mixed, sha256: "953d773923cfa3f101d32c57df0b56c1fb50e4bab2d11462617bd8a8327cec08" }
} as const

describe("the orders of a reference plan are, for good", () => {
  for (const [name, { list, sha256 }] of Object.entries(GOLDEN)) {
    it.effect(`those of ${name}`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(START)
        const text = yield* list
        assert.strictEqual(createHash("sha256").update(text).digest("hex"), sha256, `the orders are now\n${text}\n`)
      }).pipe(Effect.provide(world))
    )
  }
})
