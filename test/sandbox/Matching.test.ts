import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { complement, Price, UNIT } from "../../src/domain/Money.ts"
import * as Controls from "../../src/sandbox/Controls.ts"
import * as Engine from "../../src/sandbox/Engine.ts"
import * as Faults from "../../src/sandbox/Faults.ts"
import { runDue } from "../../src/sandbox/House.ts"
import * as Ladder from "../../src/sandbox/Ladder.ts"
import { pairsOf } from "../../src/sandbox/Matching.ts"
import type { Wanted } from "../../src/sandbox/Placing.ts"
import { notionalOf, sharesOf } from "../../src/sandbox/Trade.ts"
import { isResting, remaining } from "../../src/sandbox/VenueOrder.ts"
import { available, balance, CASH } from "../../src/sandbox/Wallet.ts"
import { cash, type Floor, floorOf, must, NOW, post, rows, show, total, wallets } from "./house.ts"

const cents = fc.integer({ min: 2, max: 98 })
const hundredths = fc.integer({ min: 500, max: 40_000 })

const wanted: fc.Arbitrary<Wanted> = fc.record({
  outcome: fc.constantFrom(0 as const, 1 as const),
  side: fc.constantFrom("BUY" as const, "SELL" as const),
  price: cents.map((each) => Price(BigInt(each) * 10_000n)),
  amount: hundredths.map((each) => BigInt(each) * 10_000n),
  type: fc.constantFrom("GTC" as const, "GTC" as const, "FOK" as const, "FAK" as const)
})

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ by: fc.nat({ max: 2 }), wanted }) },
  { weight: 2, arbitrary: fc.record({ ask: fc.integer({ min: 5, max: 95 }), size: hundredths }) },
  { weight: 1, arbitrary: fc.record({ cancel: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ pass: fc.nat({ max: 400 }) }) }
)
type Step = { by: number; wanted: Wanted } | { ask: number; size: number } | { cancel: number } | { pass: number }

/** Lives through steps, one millisecond apart at least, and looks at the floor after each of them. */
const live = (floor: Floor, steps: ReadonlyArray<Step>, look: (floor: Floor) => void): void => {
  let now = NOW
  for (const each of steps) {
    now += "pass" in each ? each.pass : 1
    runDue(floor.house, now)
    if ("wanted" in each) post(floor, each.wanted, floor.operators[each.by], now)
    else if ("ask" in each) {
      const size = BigInt(each.size) * 10_000n
      const at = (cents: number) => Price(BigInt(cents) * 10_000n)
      show(floor, [[at(each.ask - 1), size]], [[at(each.ask), size]], now)
    } else if ("cancel" in each) {
      const order = [...floor.house.live][each.cancel % Math.max(1, floor.house.live.size)]
      if (order !== undefined) Engine.cancel(floor.house, order, "CANCELED", "cancelled", now)
    }
    look(floor)
  }
}

const rich = (rules: Parameters<typeof floorOf>[0] = {}): Floor => {
  const floor = floorOf({ accounts: 3, ...rules })
  for (const { wallet } of floor.operators) {
    for (const token of floor.listing.tokens) Controls.credit(floor.house, wallet, token, 5_000n * UNIT, NOW)
  }
  show(floor, rows([44n, 100n], [43n, 50n]), rows([45n, 100n], [46n, 50n]))
  return floor
}

const histories = fc.array(step, { minLength: 1, maxLength: 40 })

describe("the matching of the sandbox", () => {
  it("makes and loses neither cash nor shares, whatever is traded, cancelled, settled or fails", () => {
    fc.assert(
      fc.property(histories, fc.constantFrom(0, 3), fc.boolean(), (steps, mined, failing) => {
        const floor = rich({ rules: { minedMillis: mined, confirmedMillis: 2 } })
        if (failing) {
          Faults.add(floor.house, { op: "trade", kind: "fail", p: 0.3 })
          Faults.add(floor.house, { op: "trade", kind: "fail", after: "MINED", p: 0.1 })
        }
        const all = cash(floor)
        live(floor, steps, () => {
          const pairs = total(floor, pairsOf(floor.listing))
          assert.strictEqual(cash(floor) + pairs, all)
          for (const token of floor.listing.tokens) assert.strictEqual(total(floor, token), 15_000n * UNIT + pairs)
        })
      }),
      { numRuns: 60 }
    )
  })

  it("never lets an account spend what it does not have, nor hold less than is bound", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const floor = floorOf({ accounts: 3, cash: 60n * UNIT, rules: { minedMillis: 3, confirmedMillis: 2 } })
        show(floor, rows([44n, 100n]), rows([45n, 100n]))
        live(floor, steps, () => {
          for (const wallet of wallets(floor)) {
            for (const asset of [CASH, ...floor.listing.tokens]) {
              const bound = (wallet.held.get(asset) ?? 0n) + (wallet.committed.get(asset) ?? 0n)
              assert.isTrue(balance(wallet, asset) >= bound, `${asset}: ${balance(wallet, asset)} < ${bound}`)
              assert.strictEqual(available(wallet, asset), balance(wallet, asset) - bound)
            }
          }
        })
      }),
      { numRuns: 60 }
    )
  })

  it("shows at every price what rests there, and is never crossed", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        live(rich(), steps, ({ house, listing: { ladder } }) => {
          assert.isTrue(ladder.book.bestBid < ladder.book.bestAsk)
          for (const order of house.live) {
            if (!isResting(order)) continue
            const { limit, own } = Ladder.standing(ladder, order)
            const queue = (own === "bid" ? ladder.bids : ladder.asks).get(limit) ?? []
            const places = queue.filter((place) => place.order === order)
            assert.deepStrictEqual(
              places.map(({ left }) => BigInt(left)),
              [remaining(order)]
            )
          }
          for (const side of ["bid", "ask"] as const) {
            for (const { size } of Ladder.levels(ladder, 0, side)) assert.isTrue(size > 0n)
          }
        })
      }),
      { numRuns: 60 }
    )
  })

  it("fills nobody beyond the limit or beyond what was ordered", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const floor = rich()
        live(floor, steps, () => undefined)
        for (const trade of floor.house.trades.values()) {
          const { taker } = trade
          for (const { made, price } of trade.levels) {
            if (taker?.side === "BUY") assert.isTrue(price <= taker.price)
            if (taker?.side === "SELL") assert.isTrue(price >= taker.price)
            for (const each of made) if (each.order !== undefined) assert.strictEqual(each.price, each.order.price)
          }
        }
        for (const order of floor.house.orders.values()) {
          const own = [...floor.house.trades.values()].filter(({ taker }) => taker === order)
          if (order.budget === undefined) assert.isTrue(order.matched <= order.shares)
          else assert.isTrue(own.reduce((sum, trade) => sum + notionalOf(trade), 0n) <= order.budget)
        }
      }),
      { numRuns: 60 }
    )
  })

  it("fills a FOK whole or not at all, and a killed one leaves no trace", () => {
    fc.assert(
      fc.property(histories, wanted, (steps, last) => {
        const floor = rich()
        live(floor, steps, () => undefined)
        const before = JSON.stringify([
          Ladder.levels(floor.listing.ladder, 0, "bid").map(({ price, size }) => [`${price}`, `${size}`]),
          Ladder.levels(floor.listing.ladder, 0, "ask").map(({ price, size }) => [`${price}`, `${size}`])
        ])
        const { error, trades } = post(floor, { ...last, type: "FOK" }, floor.operators[0], NOW + 1e6)
        const shares = trades.reduce((sum, trade) => sum + sharesOf(trade), 0n)
        if (error !== undefined) {
          assert.strictEqual(shares, 0n)
          const after = JSON.stringify([
            Ladder.levels(floor.listing.ladder, 0, "bid").map(({ price, size }) => [`${price}`, `${size}`]),
            Ladder.levels(floor.listing.ladder, 0, "ask").map(({ price, size }) => [`${price}`, `${size}`])
          ])
          assert.strictEqual(after, before)
        } else if (last.side === "SELL") assert.strictEqual(shares, last.amount)
        else {
          const spent = trades.reduce((sum, trade) => sum + notionalOf(trade), 0n)
          // Less than a ten-thousandth of a share is left of the budget.
          assert.isTrue(last.amount - spent < 100n, `${last.amount} ${spent}`)
        }
      }),
      { numRuns: 100 }
    )
  })

  it("is one book for both outcomes: buying one at p is selling the other at 1 - p", () => {
    fc.assert(
      fc.property(histories, wanted, (steps, last) => {
        // Buys of less than a dollar are refused, sales are not.
        fc.pre(last.amount * complement(last.price) >= UNIT * UNIT)
        const [straight, mirrored] = [rich(), rich()]
        live(straight, steps, () => undefined)
        live(mirrored, steps, () => undefined)
        const sells = { ...last, side: "SELL" as const, type: "FAK" as const }
        const buys = {
          ...sells,
          side: "BUY" as const,
          type: "GTC" as const,
          outcome: last.outcome === 0 ? (1 as const) : (0 as const),
          price: complement(last.price)
        }
        const levels = (floor: Floor, order: Wanted) =>
          post(floor, order, floor.operators[0], NOW + 1e6).trades.flatMap((trade) =>
            trade.levels.map(({ price, shares }) => [order === buys ? complement(price) : price, shares])
          )
        assert.deepStrictEqual(levels(mirrored, buys), levels(straight, sells))
      }),
      { numRuns: 60 }
    )
  })

  it("is the same every time for the same seed, to the last byte of the journal, and another one for another", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const journal = (seed: string) => {
          const floor = rich({ rules: { seed, minedMillis: 2, confirmedMillis: 1 } })
          Faults.add(floor.house, { op: "trade", kind: "fail", p: 0.5 })
          live(floor, steps, () => undefined)
          return JSON.stringify(floor.house.journal.entries)
        }
        const first = journal("one")
        assert.strictEqual(journal("one"), first)
        assert.notStrictEqual(journal("two"), first)
      }),
      { numRuns: 20 }
    )
  })

  it("serves who was there first at a price, and the better price before", () => {
    const floor = floorOf({ accounts: 3 })
    const [first, second, third] = floor.operators
    const bid = (price: bigint): Wanted => ({
      outcome: 0,
      side: "BUY",
      price: Price(price),
      amount: 10n * UNIT,
      type: "GTC"
    })
    const ids = [
      post(floor, bid(400_000n), first).id,
      post(floor, bid(400_000n), second).id,
      post(floor, bid(410_000n), third).id
    ]
    show(floor, [], rows([39n, 25n]))
    assert.deepStrictEqual(
      ids.map((id) => floor.house.orders.get(must(id))?.matched),
      [10n * UNIT, 5n * UNIT, 10n * UNIT]
    )
  })

  it("fills an account against its own order: the venue prevents no self-trade", () => {
    const floor = floorOf()
    const yes = post(floor, { outcome: 0, side: "BUY", price: Price(550_000n), amount: 10n * UNIT, type: "GTC" })
    const no = post(floor, { outcome: 1, side: "BUY", price: Price(450_000n), amount: 10n * UNIT, type: "GTC" })
    assert.strictEqual(floor.house.orders.get(must(yes.id))?.status, "MATCHED")
    assert.lengthOf(no.trades, 1)
    const { wallet } = must(floor.operators[0])
    assert.deepStrictEqual(
      floor.listing.tokens.map((token) => balance(wallet, token)),
      [10n * UNIT, 10n * UNIT]
    )
  })

  it("lets liquidity of nobody that was taken be gone", () => {
    const floor = floorOf()
    show(floor, [], rows([45n, 100n]))
    const all: Wanted = { outcome: 0, side: "BUY", price: Price(450_000n), amount: 45n * UNIT, type: "FOK" }
    assert.isUndefined(post(floor, all).error)
    assert.include(post(floor, { ...all, type: "FAK" }).error, "no orders found to match with FAK order")
  })
})
