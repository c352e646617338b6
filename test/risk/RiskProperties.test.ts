import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "fast-check"
import { instrumentKey, type OutcomeIndex } from "../../src/domain/Market.ts"
import { complement, type Price, Price as price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { type OrderState, remaining, type Side, type SizeUnit, type TimeInForce } from "../../src/domain/Order.ts"
import type { Instruction } from "../../src/domain/Plan.ts"
import { notionalAt, reservedCash } from "../../src/domain/Reserve.ts"
import { CODES } from "../../src/risk/Reasons.ts"
import { decide } from "../../src/risk/Risk.ts"
import { state } from "../domain/orders.ts"
import { book, facts, holding, instruction, market, plan } from "./world.ts"

// Quarters of a dollar or share: amounts down to the micro-unit would take hours to shrink, should a property ever fail.
const amount = (most: number) => fc.nat(most * 4).map((quarters) => (BigInt(quarters) * UNIT) / 4n)
const cents = fc.bigInt(1n, 99n).map((n) => price(n * 10_000n))
const anyPrice = fc.oneof(
  { weight: 9, arbitrary: cents },
  { weight: 1, arbitrary: fc.bigInt(1n, UNIT - 1n).map(price) }
)

const instructions: fc.Arbitrary<ReadonlyArray<Instruction>> = fc.array(
  fc
    .record({
      side: fc.constantFrom<Side>("BUY", "SELL"),
      outcome: fc.constantFrom("YES", "NO", "YES", "NO", "MAYBE"),
      timeInForce: fc.constantFrom<TimeInForce>("GTC", "GTD", "FOK", "FAK"),
      sizeUnit: fc.constantFrom<SizeUnit>("USDC", "SHARES"),
      feesInclusive: fc.boolean(),
      price: anyPrice,
      size: amount(400)
    })
    .map((of) => ({ ...instruction("BUY", "1", "YES", "0.5"), ...of })),
  { maxLength: 25 }
)

const exposed: fc.Arbitrary<ReadonlyArray<OrderState>> = fc.array(
  fc
    .record({
      side: fc.constantFrom<Side>("BUY", "SELL"),
      outcomeIndex: fc.constantFrom<OutcomeIndex>(0, 1),
      price: cents,
      count: fc.bigInt(1n, 50n)
    })
    .map(({ count, ...of }) => state({ ...of, quantity: { _tag: "Shares", shares: Shares(count * UNIT) } })),
  { maxLength: 4 }
)

const world = fc
  .record({
    instructions,
    exposed,
    cash: amount(600),
    yes: fc.bigInt(0n, 500n),
    no: fc.bigInt(0n, 500n),
    rate: fc.constantFrom(0n, 72_000n)
  })
  .map((of) => {
    const asked = plan(of.instructions)
    return {
      asked,
      known: facts(asked, {
        markets: new Map([["sim-coin", Either.right(market("sim-coin", { fees: { rate: of.rate, exponent: 1 } }))]]),
        books: new Map([["sim-coin", Either.right(book("sim-coin", "0.44", "0.46"))]]),
        cash: Usd(of.cash),
        positions: [holding(`${of.yes}`), holding(`${of.no}`, 1)],
        exposed: of.exposed
      })
    }
  })

const approvedOf = (of: ReturnType<typeof decide>) =>
  of.flatMap(({ outcome }) => (Either.isRight(outcome) ? [outcome.right] : []))

const bidAndAsk = (
  orders: ReadonlyArray<{ readonly side: string; readonly outcomeIndex: 0 | 1; readonly price: Price }>
) => {
  const bids = orders.filter((of) => (of.side === "BUY") === (of.outcomeIndex === 0))
  const asks = orders.filter((of) => (of.side === "BUY") !== (of.outcomeIndex === 0))
  const yes = (of: { readonly outcomeIndex: 0 | 1; readonly price: Price }) =>
    of.outcomeIndex === 0 ? of.price : complement(of.price)
  return { bids: bids.map(yes), asks: asks.map(yes) }
}

describe("whatever the plan and the account", () => {
  it("approved orders never cost more than the free cash, fees included", () => {
    fc.assert(
      fc.property(world, ({ asked, known }) => {
        const buys = approvedOf(decide(asked, known)).filter((order) => order.side === "BUY")
        if (buys.length === 0) return
        const needed = buys.reduce((sum, order) => sum + notionalAt(order.price, order.quantity) + order.worstFee, 0n)
        assert.isTrue(needed + known.exposed.reduce((sum, each) => sum + reservedCash(each), 0n) <= known.cash)
      }),
      { numRuns: 300 }
    )
  })

  it("approved orders never sell more than is held and free", () => {
    fc.assert(
      fc.property(world, ({ asked, known }) => {
        const selling = new Map<string, bigint>()
        const promise = (key: string, shares: bigint) => selling.set(key, (selling.get(key) ?? 0n) + shares)
        const sells = approvedOf(decide(asked, known)).filter((order) => order.side === "SELL")
        for (const order of sells) {
          assert.strictEqual(order.quantity._tag, "Shares")
          if (order.quantity._tag === "Shares") promise(instrumentKey(order), order.quantity.shares)
        }
        for (const each of known.exposed) {
          if (each.order.side === "SELL" && selling.has(instrumentKey(each.order)))
            promise(instrumentKey(each.order), remaining(each))
        }
        for (const position of known.positions)
          assert.isTrue((selling.get(instrumentKey(position)) ?? 0n) <= position.qty)
      }),
      { numRuns: 300 }
    )
  })

  it("every instruction is decided, and every refused one has a reason with a known code and words", () => {
    fc.assert(
      fc.property(world, ({ asked, known }) => {
        const decided = decide(asked, known)
        assert.deepStrictEqual(
          decided.map((each) => each.instruction),
          [...asked.instructions.keys()]
        )
        for (const { outcome } of decided) {
          if (Either.isRight(outcome)) continue
          assert.isAbove(outcome.left.broken.length, 0)
          assert.strictEqual(outcome.left.reasons.length, outcome.left.broken.length)
          for (const { code, message } of outcome.left.broken) assert.isTrue(code in CODES && message.length > 0)
          const told = outcome.left.broken.map((reason) => reason.code)
          assert.strictEqual(new Set(told).size, told.length, "each rule once")
        }
      }),
      { numRuns: 300 }
    )
  })

  it("no approved order could trade with another own one", () => {
    fc.assert(
      fc.property(world, ({ asked, known }) => {
        const approved = approvedOf(decide(asked, known))
        const own = bidAndAsk(known.exposed.map((each) => each.order))
        const fresh = bidAndAsk(approved)
        for (const bid of fresh.bids) for (const ask of [...own.asks, ...fresh.asks]) assert.isTrue(bid < ask)
        for (const ask of fresh.asks) for (const bid of own.bids) assert.isTrue(bid < ask)
      }),
      { numRuns: 300 }
    )
  })

  it("the same plan and facts give the same decisions", () => {
    fc.assert(
      fc.property(world, ({ asked, known }) => assert.deepStrictEqual(decide(asked, known), decide(asked, known)))
    )
  })

  it("an instruction is decided as if those behind it were not there", () => {
    fc.assert(
      fc.property(world, fc.nat(25), ({ asked, known }, cut) => {
        const shorter = { ...asked, instructions: asked.instructions.slice(0, cut) }
        assert.deepStrictEqual(decide(shorter, known), decide(asked, known).slice(0, cut))
      })
    )
  })

  it("some plans are approved and some refused, or the rules above would hold for nothing", () => {
    const sample = fc.sample(world, { numRuns: 300, seed: 1 }).flatMap(({ asked, known }) => decide(asked, known))
    const right = sample.filter((each) => Either.isRight(each.outcome)).length
    assert.isAbove(right, 100)
    assert.isAbove(sample.length - right, 100)
  })
})
