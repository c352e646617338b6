import { assert, describe, it } from "@effect/vitest"
import { Price, UNIT } from "../../src/domain/Money.ts"
import * as Controls from "../../src/sandbox/Controls.ts"
import * as Engine from "../../src/sandbox/Engine.ts"
import * as Faults from "../../src/sandbox/Faults.ts"
import { type House, runDue } from "../../src/sandbox/House.ts"
import type { Wanted } from "../../src/sandbox/Placing.ts"
import * as Resolution from "../../src/sandbox/Resolution.ts"
import * as Settlement from "../../src/sandbox/Settlement.ts"
import { available, balance, CASH, cached, refresh } from "../../src/sandbox/Wallet.ts"
import { micro } from "../exchange/floor.ts"
import { cash, type Floor, floorOf, must, NOW, post, rows, show } from "./house.ts"

const BUY: Wanted = { outcome: 0, side: "BUY", price: Price(450_000n), amount: 100n * UNIT, type: "GTC" }
const SELL: Wanted = { ...BUY, side: "SELL", price: Price(440_000n) }

/** 100 shares cost 45 dollars and a fee of 1.2375. */
const COST = 46_237_500n
const CASH_BEFORE = 1_000_000n * UNIT

const scene = (but: Parameters<typeof floorOf>[0] = {}): Floor => {
  const floor = floorOf({ accounts: 2, rules: { minedMillis: 150, confirmedMillis: 150 }, ...but })
  show(floor, rows([44n, 500n]), rows([45n, 100n]))
  return floor
}

const statuses = (house: House) =>
  house.journal.entries.flatMap((entry) => (entry.kind === "trade" ? [entry.status] : []))

describe("a match", () => {
  it("moves funds when it is mined, and is final when it is confirmed", () => {
    const floor = scene()
    const { house, listing } = floor
    const { wallet } = must(floor.operators[0])
    const [trade] = post(floor, BUY).trades
    assert.strictEqual(trade?.status, "MATCHED")
    assert.strictEqual(balance(wallet, CASH), CASH_BEFORE)
    assert.strictEqual(available(wallet, CASH), CASH_BEFORE - COST)
    assert.strictEqual(balance(wallet, listing.tokens[0]), 0n)
    runDue(house, NOW + 149)
    assert.strictEqual(trade?.status, "MATCHED")
    runDue(house, NOW + 150)
    assert.strictEqual(trade?.status, "MINED")
    assert.match(trade?.hash ?? "", /^0x[0-9a-f]{64}$/)
    assert.strictEqual(balance(wallet, CASH), CASH_BEFORE - COST)
    assert.strictEqual(available(wallet, CASH), CASH_BEFORE - COST)
    assert.strictEqual(balance(wallet, listing.tokens[0]), 100n * UNIT)
    runDue(house, NOW + 300)
    assert.strictEqual(trade?.status, "CONFIRMED")
    assert.deepStrictEqual(statuses(house), ["MINED", "CONFIRMED"])
  })

  it("is final at once where there is no delay", () => {
    const floor = scene({ rules: { minedMillis: 0, confirmedMillis: 0 } })
    assert.strictEqual(post(floor, BUY).trades[0]?.status, "CONFIRMED")
  })

  it("gives no shares to sell before it is mined", () => {
    const floor = scene()
    post(floor, BUY)
    assert.strictEqual(
      post(floor, SELL).error,
      "not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 100000000"
    )
    assert.isUndefined(post(floor, SELL, floor.operators[0], NOW + 150).error)
  })

  it("leaves no cash to spend twice before it is mined", () => {
    const floor = scene({ cash: 60n * UNIT })
    assert.isUndefined(post(floor, BUY).error)
    assert.match(
      String(post(floor, { ...BUY, price: Price(400_000n), amount: 50n * UNIT }).error),
      /^not enough balance/
    )
  })

  it("that fails gives back what it took, before it was mined and after", () => {
    for (const after of ["MATCHED", "MINED"] as const) {
      const floor = scene()
      const { house, listing } = floor
      const { wallet } = must(floor.operators[0])
      const all = cash(floor)
      Faults.add(house, { op: "trade", kind: "fail", after, count: 1 })
      const [trade] = post(floor, BUY).trades
      runDue(house, NOW + 1_000)
      assert.strictEqual(trade?.status, "FAILED")
      assert.deepStrictEqual(statuses(house), after === "MATCHED" ? ["FAILED"] : ["MINED", "FAILED"])
      assert.strictEqual(balance(wallet, CASH), CASH_BEFORE)
      assert.strictEqual(available(wallet, CASH), CASH_BEFORE)
      assert.strictEqual(balance(wallet, listing.tokens[0]), 0n)
      assert.strictEqual(cash(floor), all)
      // The order stays as it was matched: only its trades tell.
      assert.strictEqual(must(trade?.taker).matched, 100n * UNIT)
    }
  })

  it("that is stuck is retried under another hash, until somebody ends it", () => {
    const floor = scene()
    const { house } = floor
    const { wallet } = must(floor.operators[0])
    Faults.add(house, { op: "trade", kind: "stuck", count: 1 })
    const [trade] = post(floor, BUY).trades
    runDue(house, NOW + 60_000)
    assert.strictEqual(trade?.status, "RETRYING")
    const { hash } = must(trade)
    Settlement.settleAll(house, NOW + 60_000)
    assert.strictEqual(trade?.status, "RETRYING")
    assert.strictEqual(available(wallet, CASH), CASH_BEFORE - COST)
    Controls.finish(house, must(trade).id, "CONFIRMED", NOW + 61_000)
    assert.strictEqual(trade?.status, "CONFIRMED")
    assert.notStrictEqual(trade?.hash, hash)
    assert.strictEqual(balance(wallet, CASH), CASH_BEFORE - COST)
  })
})

describe("the journal", () => {
  const kinds = (floor: Floor) =>
    floor.house.journal.entries.flatMap((entry) => (entry.kind === "balance" ? [] : [entry.kind]))

  it("tells acceptance, match, settlement and what was killed, in that order", () => {
    const floor = scene()
    post(floor, { ...BUY, type: "FAK", amount: 90n * UNIT })
    runDue(floor.house, NOW + 300)
    assert.deepStrictEqual(kinds(floor), ["accepted", "matched", "cancelled", "trade", "trade"])
    const [, matched] = floor.house.journal.entries.filter(({ kind }) => kind !== "balance")
    assert.deepInclude(matched?.kind === "matched" ? matched.trade : {}, {
      shares: "100",
      notional: "45",
      fee: "1.2375",
      side: "BUY"
    })
  })

  it("tells every change of a balance, and they add up to it", () => {
    const floor = scene()
    post(floor, BUY)
    runDue(floor.house, NOW + 150)
    post(floor, SELL, floor.operators[0], NOW + 151)
    runDue(floor.house, NOW + 1_000)
    const { wallet } = must(floor.operators[0])
    for (const asset of [CASH, floor.listing.tokens[0]]) {
      const changes = floor.house.journal.entries.flatMap((entry) =>
        entry.kind === "balance" && entry.wallet === wallet.address && entry.asset === asset ? [entry.change] : []
      )
      const sum = changes.reduce((total, change) => total + micro(change), 0n)
      assert.strictEqual(sum, balance(wallet, asset))
    }
  })
})

describe("the venue's idea of a balance", () => {
  it("can stay behind the chain until it is told to read it again", () => {
    const floor = scene()
    const { house, listing } = floor
    const { wallet } = must(floor.operators[0])
    Faults.add(house, { op: "balance", kind: "staleBalance" })
    post(floor, BUY)
    runDue(house, NOW + 150)
    const [token] = listing.tokens
    assert.strictEqual(balance(wallet, token), 100n * UNIT)
    assert.strictEqual(cached(wallet, token), 0n)
    assert.match(String(post(floor, SELL, floor.operators[0], NOW + 200).error), /balance: 0, order amount: 100000000$/)
    refresh(wallet, token)
    assert.isUndefined(post(floor, SELL, floor.operators[0], NOW + 201).error)
  })
})

describe("a resolved market", () => {
  const resolved = (autoRedeem: boolean) => {
    const floor = scene({ rules: { autoRedeem } })
    const { id } = post(floor, { ...BUY, price: Price(100_000n) })
    post(floor, BUY)
    Resolution.resolve(floor.house, floor.listing, Controls.PAYOUTS.first, NOW + 1)
    return { floor, id: must(id) }
  }

  it("cancels what rests, settles what matched, and takes nothing more", () => {
    const { floor, id } = resolved(false)
    assert.strictEqual(floor.house.orders.get(id)?.status, "CANCELED_MARKET_RESOLVED")
    assert.deepStrictEqual(
      [...floor.house.trades.values()].map(({ status }) => status),
      ["CONFIRMED"]
    )
    assert.strictEqual(post(floor, BUY).error, "the market is not yet ready to process new orders")
    const { wallet } = must(floor.operators[0])
    assert.strictEqual(balance(wallet, floor.listing.tokens[0]), 100n * UNIT)
    assert.strictEqual(wallet.held.get(CASH), 0n)
  })

  it("pays winners by itself where that is set: shares go, dollars come", () => {
    const { floor } = resolved(true)
    const { wallet } = must(floor.operators[0])
    assert.strictEqual(balance(wallet, floor.listing.tokens[0]), 0n)
    assert.strictEqual(balance(wallet, CASH), CASH_BEFORE - COST + 100n * UNIT)
  })

  it("pays nothing to losers and half to everybody where it is void", () => {
    const each = (winner: keyof typeof Controls.PAYOUTS) => {
      const floor = scene({ rules: { autoRedeem: true } })
      post(floor, BUY)
      Resolution.resolve(floor.house, floor.listing, Controls.PAYOUTS[winner], NOW + 1)
      return balance(must(floor.operators[0]).wallet, CASH) - CASH_BEFORE + COST
    }
    assert.deepStrictEqual([each("second"), each("void")], [0n, 50n * UNIT])
  })
})

describe("a finer tick", () => {
  it("keeps orders where they are, and their place in the queue", () => {
    const floor = scene()
    const { id } = post(floor, { ...BUY, price: Price(440_000n), amount: 10n * UNIT })
    Resolution.setTick(floor.house, floor.listing, Price(1_000n), NOW)
    const seller = must(floor.operators[1])
    Controls.credit(floor.house, seller.wallet, floor.listing.tokens[0], 505n * UNIT, NOW)
    post(floor, { ...SELL, amount: 505n * UNIT }, seller)
    assert.strictEqual(floor.house.orders.get(must(id))?.matched, 5n * UNIT)
    assert.isUndefined(post(floor, { ...BUY, price: Price(333_000n), amount: 10n * UNIT }).error)
  })

  it("that becomes coarser drops orders at prices that are none any more", () => {
    const floor = floorOf({ wish: { tick: Price(1_000n) } })
    const ids = [Price(441_000n), Price(440_000n)].map((price) => post(floor, { ...BUY, price, amount: 10n * UNIT }).id)
    Resolution.setTick(floor.house, floor.listing, Price(10_000n), NOW)
    assert.deepStrictEqual(
      ids.map((id) => floor.house.orders.get(must(id))?.status),
      ["CANCELED", "LIVE"]
    )
    assert.isTrue(Engine.cancel(floor.house, must(floor.house.orders.get(must(ids[1]))), "CANCELED", "cancelled", NOW))
  })
})
