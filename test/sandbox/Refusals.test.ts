import { assert, describe, it } from "@effect/vitest"
import * as Predicate from "effect/Predicate"
import { Price, UNIT, Usd } from "../../src/domain/Money.ts"
import { EXCHANGES } from "../../src/polymarket/Contracts.ts"
import * as Controls from "../../src/sandbox/Controls.ts"
import { type Listing, tokenOf } from "../../src/sandbox/Listing.ts"
import * as Operator from "../../src/sandbox/Operator.ts"
import { bodyOf, type Wanted } from "../../src/sandbox/Placing.ts"
import { postOrder, postOrders } from "../../src/sandbox/Posting.ts"
import { CASH } from "../../src/sandbox/Wallet.ts"
import { type Floor, floorOf, must, NOW, post, rows, show } from "./house.ts"

const BUY: Wanted = { outcome: 0, side: "BUY", price: Price(400_000n), amount: 10n * UNIT, type: "GTC" }

const scene = (but: Parameters<typeof floorOf>[0] = {}): Floor => {
  const floor = floorOf({ accounts: 2, ...but })
  show(floor, rows([44n, 100n]), rows([45n, 100n], [46n, 50n]))
  return floor
}

/** Posts a body that is not what was signed, or not signed for what it is. */
const tampered = (
  floor: Floor,
  change: { readonly body?: object; readonly order?: object; readonly listing?: Partial<Listing> },
  wanted: Wanted = BUY
) => {
  const operator = must(floor.operators[0])
  const text = bodyOf(floor.house, operator, { ...floor.listing, ...change.listing }, wanted, NOW)
  const signed = JSON.parse(text)
  const value = { ...signed, ...change.body, order: { ...signed.order, ...change.order } }
  const { body, status } = postOrder(floor.house, operator.key, value, JSON.stringify(value), [], NOW)
  return [status, Predicate.hasProperty(body, "error") ? body.error : undefined]
}

describe("an order is refused in the venue's own words", () => {
  it("for more than the wallet has, or than is left of it", () => {
    const floor = scene({ cash: 10n * UNIT })
    assert.strictEqual(
      post(floor, { ...BUY, amount: 30n * UNIT }).error,
      "not enough balance / allowance: the balance is not enough -> balance: 10000000, order amount: 12000000"
    )
    assert.isUndefined(post(floor, { ...BUY, amount: 20n * UNIT }).error)
    assert.strictEqual(
      post(floor, BUY).error,
      "not enough balance / allowance: the balance is not enough -> balance: 2000000, order amount: 4000000"
    )
  })

  it("for a fee that does not fit beside the amount", () => {
    const floor = scene({ cash: 45n * UNIT })
    const taker: Wanted = { ...BUY, price: Price(450_000n), amount: 100n * UNIT }
    // 45 dollars and a fee of 1.2375.
    assert.strictEqual(
      post(floor, taker).error,
      "not enough balance / allowance: the balance is not enough -> balance: 45000000, order amount: 46237500"
    )
  })

  it("for selling what is not held", () => {
    assert.strictEqual(
      post(scene(), { ...BUY, side: "SELL" }).error,
      "not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 10000000"
    )
  })

  it("for an allowance that is too small", () => {
    const floor = scene()
    const { address } = EXCHANGES.ctfExchangeV2
    must(floor.operators[0]).wallet.allowances.set(`${CASH}:${address.toLowerCase()}`, 1_000_000n)
    assert.strictEqual(
      post(floor, BUY).error,
      `not enough balance / allowance: the allowance is not enough -> spender: ${address}, allowance: 1000000, order amount: 4000000`
    )
  })

  it("off the grid, too small, or too fine", () => {
    const floor = scene()
    const id = /order 0x[0-9a-f]{64} is invalid\. /
    const tick = String(post(floor, { ...BUY, price: Price(333_000n) }).error)
    assert.match(tick, id)
    assert.match(tick, /Price \(0\.333\) breaks minimum tick size rule: 0\.01$/)
    const size = String(post(floor, { ...BUY, amount: 4_990_000n }).error)
    assert.match(size, id)
    assert.match(size, /Size \(4\.99\) lower than the minimum: 5$/)
    const edge = String(post(floor, { ...BUY, price: Price(UNIT) }).error)
    assert.match(edge, /breaks minimum tick size rule/)
    assert.deepStrictEqual(tampered(floor, { order: { makerAmount: "4000000", takerAmount: "10000001" } })[0], 400)
  })

  it("for buying less than a dollar's worth at once", () => {
    const floor = scene()
    assert.strictEqual(
      post(floor, { ...BUY, price: Price(450_000n), amount: 990_000n, type: "FOK" }).error,
      "invalid amount for a marketable BUY order ($0.99), min size: $1"
    )
    assert.isUndefined(post(floor, { ...BUY, price: Price(10_000n), amount: 5n * UNIT }).error)
  })

  it("for fractions of a cent at once, where that is the rule", () => {
    const floor = scene({ rules: { wholeCents: true } })
    const odd = { ...BUY, price: Price(450_000n), amount: 10_010_000n }
    assert.match(String(post(floor, odd).error), /^invalid amounts, the market buy orders maker amount supports a max/)
    assert.isUndefined(post(floor, { ...odd, price: Price(430_000n) }).error)
  })

  it("that only posts, when it would take", () => {
    const floor = scene()
    const crossing = { ...BUY, price: Price(450_000n), postOnly: true }
    assert.strictEqual(post(floor, crossing).error, "invalid post-only order: order crosses book")
    assert.isUndefined(post(floor, { ...crossing, price: Price(440_000n) }).error)
    assert.strictEqual(
      post(floor, { ...BUY, outcome: 1, price: Price(560_000n), postOnly: true }).error,
      "invalid post-only order: order crosses book"
    )
  })

  it("to be filled whole or at all, when it cannot be", () => {
    const floor = scene()
    const all = { ...BUY, price: Price(460_000n), amount: 100n * UNIT }
    assert.strictEqual(
      post(floor, { ...all, type: "FOK" }).error,
      "order couldn't be fully filled. FOK orders are fully filled or killed."
    )
    assert.strictEqual(
      post(floor, { ...all, price: Price(400_000n), type: "FAK" }).error,
      "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
    )
    assert.strictEqual(floor.house.orders.size, 0)
  })

  it("for a lifetime of less than three minutes, or one where none belongs", () => {
    const floor = scene()
    const at = (seconds: number) => BigInt(NOW / 1000 + seconds)
    assert.strictEqual(post(floor, { ...BUY, type: "GTD", expiration: at(179) }).error, "invalid expiration")
    assert.isUndefined(post(floor, { ...BUY, type: "GTD", expiration: at(180) }).error)
    assert.strictEqual(post(floor, { ...BUY, expiration: at(500) }).error, "invalid expiration")
    assert.strictEqual(post(floor, { ...BUY, type: "GTD" }).error, "invalid expiration")
  })

  it("that is there already", () => {
    const floor = scene()
    const operator = must(floor.operators[0])
    const body = bodyOf(floor.house, operator, floor.listing, BUY, NOW)
    const again = () => postOrder(floor.house, operator.key, JSON.parse(body), body, [], NOW)
    const { body: first } = again()
    const id = Predicate.hasProperty(first, "orderID") ? String(first.orderID) : ""
    assert.deepStrictEqual(again(), { status: 400, body: { error: `order ${id} is invalid. Duplicated.` } })
    assert.deepStrictEqual(
      floor.house.journal.entries.map(({ kind }) => kind),
      ["balance", "balance", "accepted", "duplicate"]
    )
  })

  it("signed for another protocol, another exchange, or by somebody else", () => {
    const floor = scene()
    assert.deepStrictEqual(tampered(floor, { listing: { exchange: EXCHANGES.exchangeV3 } }), [
      400,
      "order_version_mismatch"
    ])
    assert.deepStrictEqual(tampered(floor, { listing: { exchange: EXCHANGES.negRiskExchangeV2 } }), [
      400,
      "invalid signature"
    ])
    assert.deepStrictEqual(tampered(floor, { order: { makerAmount: "3900000" } }), [400, "invalid signature"])
  })

  it("of another owner, signer or maker than the key's", () => {
    const floor = scene()
    const other = must(floor.operators[1])
    assert.deepStrictEqual(tampered(floor, { body: { owner: other.key.id } }), [
      400,
      "the order owner has to be the owner of the API KEY"
    ])
    assert.deepStrictEqual(tampered(floor, { order: { signer: other.account.address } }), [
      400,
      "the order signer address has to be the address of the API KEY"
    ])
    assert.deepStrictEqual(tampered(floor, { order: { maker: other.account.address } }), [
      400,
      "maker address not allowed, please use the deposit wallet flow"
    ])
    const deposit = must(must(floor.operators[0]).account.wallets.get(3)).address
    assert.deepStrictEqual(tampered(floor, { order: { maker: deposit, signatureType: 3 } }), [
      400,
      "the order signer address has to be the address of the API KEY"
    ])
  })

  it("of an account that may not trade, or only close", () => {
    const floor = scene()
    const { account, wallet } = must(floor.operators[0])
    Controls.credit(floor.house, wallet, tokenOf({ listing: floor.listing, outcome: 0 }), 100n * UNIT, NOW)
    account.closedOnly = true
    assert.strictEqual(post(floor, BUY).error, `'${account.address}' address in closed only mode`)
    assert.isUndefined(post(floor, { ...BUY, side: "SELL", price: Price(500_000n) }).error)
    account.banned = true
    assert.strictEqual(post(floor, BUY).error, `'${account.address}' address banned`)
  })

  it("in a market that takes none, or in none at all", () => {
    const floor = scene()
    floor.listing.accepting = false
    assert.strictEqual(post(floor, BUY).error, "the market is not yet ready to process new orders")
    assert.deepStrictEqual(tampered(floor, { order: { tokenId: "12345" } }), [400, "Invalid order payload"])
    assert.deepStrictEqual(tampered(floor, { order: { salt: "12" } }), [400, "Invalid order payload"])
    assert.deepStrictEqual(tampered(floor, { body: { orderType: "IOC" } }), [400, "Invalid order payload"])
  })

  it("one by one in a batch, of fifteen at most", () => {
    const floor = scene()
    const operator = must(floor.operators[0])
    const bodies = [BUY, { ...BUY, price: Price(333_000n) }, { ...BUY, price: Price(300_000n) }].map(
      (wanted): unknown => JSON.parse(bodyOf(floor.house, operator, floor.listing, wanted, NOW))
    )
    const { body } = postOrders(floor.house, operator.key, bodies, [], NOW)
    const answers: ReadonlyArray<unknown> = Array.isArray(body) ? body : []
    assert.deepStrictEqual(
      answers.map((each) => Predicate.hasProperty(each, "status") && each.status),
      ["live", "", "live"]
    )
    assert.deepInclude(answers[1], { success: false, orderID: "" })
    const many = Array.from({ length: 16 }, () => bodies[0])
    assert.deepStrictEqual(postOrders(floor.house, operator.key, many, [], NOW), {
      status: 400,
      body: { error: "Too many orders in payload: 16, max allowed: 15" }
    })
  })

  it("as 200 with success: false, where the venue answers so", () => {
    const floor = scene({ rules: { refusals: "body" } })
    const operator = must(floor.operators[0])
    const body = bodyOf(floor.house, operator, floor.listing, { ...BUY, side: "SELL" }, NOW)
    const answer = postOrder(floor.house, operator.key, JSON.parse(body), body, [], NOW)
    assert.strictEqual(answer.status, 200)
    assert.deepInclude(answer.body, { success: false, orderID: "", status: "" })
  })
})

describe("a market whose takers wait", () => {
  it("answers delayed, holds what the order will take, and matches it afterwards", () => {
    const floor = scene({ wish: { takerDelayMillis: 1_000 } })
    const taker: Wanted = { ...BUY, price: Price(450_000n), amount: 10n * UNIT }
    const { id } = post(floor, taker)
    const order = must(floor.house.orders.get(must(id)))
    assert.isTrue(order.delayed)
    assert.isAbove(Number(order.held), 0)
    assert.strictEqual(floor.house.trades.size, 0)
    post(floor, { ...BUY, price: Price(100_000n) }, floor.operators[1], NOW + 1_000)
    assert.strictEqual(order.status, "MATCHED")
    assert.strictEqual(floor.house.trades.size, 1)
  })

  it("kills a FOK that finds nothing any more after its wait", () => {
    const floor = scene({ wish: { takerDelayMillis: 1_000 } })
    const { id } = post(floor, { ...BUY, type: "FOK", price: Price(450_000n), amount: 45n * UNIT })
    show(floor, [], rows([60n, 10n]), NOW + 500)
    post(floor, { ...BUY, price: Price(100_000n) }, floor.operators[1], NOW + 1_000)
    assert.strictEqual(floor.house.orders.get(must(id))?.status, "CANCELED")
    assert.strictEqual(floor.house.trades.size, 0)
  })
})

describe("a GTD order", () => {
  it("leaves the book a minute before the second that it states", () => {
    const floor = scene()
    const { id } = post(floor, { ...BUY, type: "GTD", expiration: BigInt(NOW / 1000 + 200) })
    const order = must(floor.house.orders.get(must(id)))
    post(floor, { ...BUY, price: Price(100_000n) }, floor.operators[1], NOW + 139_999)
    assert.strictEqual(order.status, "LIVE")
    post(floor, { ...BUY, price: Price(110_000n) }, floor.operators[1], NOW + 140_000)
    assert.strictEqual(order.status, "CANCELED")
  })
})

describe("resting orders that the balance no longer covers", () => {
  it("leave the book, the newest first", () => {
    const floor = scene({ cash: 10n * UNIT })
    const { wallet } = must(floor.operators[0])
    const ids = [post(floor, BUY).id, post(floor, BUY).id]
    Controls.credit(floor.house, wallet, CASH, Usd(-5n * UNIT), NOW)
    assert.deepStrictEqual(
      ids.map((id) => floor.house.orders.get(must(id))?.status),
      ["LIVE", "CANCELED"]
    )
  })
})

describe("somebody that the sandbox opens", () => {
  it("is the same one under the same name", () => {
    const { house } = floorOf()
    const first = Operator.open(house, "somebody", 3, Usd(UNIT), NOW)
    assert.strictEqual(Operator.open(house, "somebody", 3, Usd(UNIT), NOW), first)
    assert.strictEqual(first.wallet.chain.get(CASH), UNIT)
  })
})
