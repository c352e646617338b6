import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Decode from "../../src/decode/Decode.ts"
import type { Answer, Fill } from "../../src/domain/Answer.ts"
import { cost, Price, Shares, UNIT, Usd, ZERO_SHARES, ZERO_USD } from "../../src/domain/Money.ts"
import type { Order } from "../../src/domain/Order.ts"
import { placed } from "../../src/domain/OrderState.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import * as MemoryLedger from "../../src/persist/memory/MemoryLedger.ts"
import { plan as written } from "./tapes.ts"

const plan = Either.getOrThrow(Decode.plan(written([{ price: 0.4, size: 40 }])))

const order = (instruction: number, parts: Partial<Order> = {}): Order => ({
  id: `order-${instruction}`,
  planId: plan.planId,
  instruction,
  attempt: 1,
  mode: "paper",
  marketId: "rain",
  conditionId: "0xrain",
  tokenId: "rain-yes",
  outcomeIndex: 0,
  outcome: "Yes",
  side: "BUY",
  price: Price(400_000n),
  quantity: { _tag: "Shares", shares: Shares(100n * UNIT) },
  size: 40n * UNIT,
  sizeUnit: "USDC",
  feesInclusive: false,
  timeInForce: "GTC",
  postOnly: false,
  worstFee: ZERO_USD,
  placedMillis: 1_000,
  cancelAfterMillis: undefined,
  notes: undefined,
  ...parts
})

const fill = (shares: bigint, fee = 0n): Fill => ({
  shares: Shares(shares * UNIT),
  price: Price(400_000n),
  notional: cost(400_000n, shares * UNIT),
  fee: Usd(fee),
  liquidity: "maker",
  atMillis: 2_000,
  final: true,
  externalId: undefined
})

const answer = (to: Order, status: Answer["status"], fills: ReadonlyArray<Fill>): Answer => ({
  orderId: to.id,
  status,
  fills,
  bands: { pessimistic: ZERO_SHARES, optimistic: ZERO_SHARES, queueAhead: ZERO_SHARES },
  reason: undefined,
  atMillis: 2_000,
  externalOrderId: undefined
})

const request = {
  mode: "paper",
  planId: plan.planId,
  planHash: plan.hash,
  plan,
  planFile: "test.json",
  atMillis: 1_000,
  paperBalance: Usd(1_000n * UNIT),
  conditionIds: ["0xrain"],
  earlier: 0
} as const

const story = <E>(name: string, work: Effect.Effect<void, E, Ledger>) =>
  it.effect(name, () => Effect.provide(work, MemoryLedger.layer))

const journalled = (...orders: ReadonlyArray<Order>) =>
  Effect.tap(Ledger, (ledger) => ledger.journal(request, () => ({ orders, value: undefined })))

describe("a ledger in memory", () => {
  story(
    "folds answers into orders, positions and cash",
    Effect.gen(function* () {
      const one = order(0)
      const ledger = yield* journalled(one)
      const before = new Map([[one.id, placed(one)]])
      const after = yield* ledger.append(
        { answers: [answer(one, "open", [fill(30n, 500n)]), answer(one, "open", [fill(20n)])], memory: [] },
        before,
        "paper"
      )
      assert.strictEqual(after.get(one.id)?.filled, 50n * UNIT)
      const facts = yield* ledger.facts("paper", ["0xrain"], Usd(1_000n * UNIT))
      assert.strictEqual(facts.cash, 980n * UNIT - 500n)
      assert.strictEqual(facts.exposed.length, 1)
      assert.strictEqual(facts.positions[0]?.qty, 50n * UNIT)
      const ids = (yield* ledger.fills({})).map((each) => each.id)
      assert.strictEqual(new Set(ids).size, 2)
      assert.isTrue((yield* ledger.verify()).ok)
    })
  )

  story(
    "writes nothing of a reply that was based on what has moved on",
    Effect.gen(function* () {
      const [one, two] = [order(0), order(1)]
      const ledger = yield* journalled(one, two)
      const before = new Map([one, two].map((each) => [each.id, placed(each)]))
      yield* ledger.append({ answers: [answer(two, "open", [])], memory: [] }, before, "paper")
      const both = { answers: [answer(one, "open", [fill(5n)]), answer(two, "cancelled", [])], memory: [] }
      const conflict = yield* Effect.flip(ledger.append(both, before, "paper"))
      assert.strictEqual(conflict._tag, "Conflict")
      assert.deepStrictEqual(
        (yield* ledger.orders({})).map((each) => each.status),
        ["pending", "open"]
      )
      assert.deepStrictEqual(yield* ledger.fills({}), [])
    })
  )

  story(
    "dies of an answer that no order could have had",
    Effect.gen(function* () {
      const one = order(0)
      const ledger = yield* journalled(one)
      const reply = { answers: [answer(one, "filled", [fill(101n)])], memory: [] }
      const exit = yield* Effect.exit(ledger.append(reply, new Map([[one.id, placed(one)]]), "paper"))
      assert.isTrue(exit._tag === "Failure" && exit.cause._tag === "Die")
    })
  )

  story(
    "lets nobody take up a plan that has orders already",
    Effect.gen(function* () {
      const ledger = yield* journalled(order(0))
      const again = yield* Effect.flip(ledger.journal(request, () => ({ orders: [order(1)], value: undefined })))
      assert.strictEqual(again._tag, "PlanExists")
      assert.strictEqual((yield* ledger.orders({})).length, 1)
    })
  )

  story(
    "pays out once what is held of a resolved market",
    Effect.gen(function* () {
      const one = order(0)
      const ledger = yield* journalled(one)
      yield* ledger.append(
        { answers: [answer(one, "open", [fill(50n)])], memory: [] },
        new Map([[one.id, placed(one)]]),
        "paper"
      )
      assert.isTrue(yield* ledger.settle("paper", "0xrain", [Usd(UNIT), ZERO_USD], 3_000))
      assert.isFalse(yield* ledger.settle("paper", "0xrain", [Usd(UNIT), ZERO_USD], 3_001))
      const { cash, payouts, trading } = yield* ledger.cash("paper")
      assert.deepStrictEqual([cash, payouts, trading], [1_030n * UNIT, 50n * UNIT, -20n * UNIT])
      assert.isTrue((yield* ledger.verify()).ok)
    })
  )
})
