import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { format, UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import * as ReadOuts from "../../src/readouts.ts"
import { clobMarketRecord } from "../../src/sandbox/MarketRecord.ts"
import {
  agrees,
  brief,
  cash,
  chain,
  Exchange,
  fault,
  instruction,
  plan,
  reckon,
  scenario,
  show,
  trade
} from "./world.ts"

const positions = Effect.flatMap(Ledger, (ledger) =>
  Effect.map(ledger.positions("live"), (found) =>
    found.map(
      (each) =>
        `${format(each.qty)} for ${format(each.costBasis)}, realized ${format(each.realizedPnl)}, fees ${format(each.fees)}`
    )
  )
)

/** Cash, and what is held at its marks. */
const equity = Effect.gen(function* () {
  const ledger = yield* Ledger
  const { cash } = yield* ledger.cash("live")
  const marked = yield* ReadOuts.positions(Option.some("live"))
  return format(
    marked.positions.reduce((sum, { mark, position }) => Usd(sum + (position.qty * (mark ?? 0n)) / UNIT), cash)
  )
})

describe("a trade that fails at the venue", () => {
  scenario("P-10: is taken back everywhere: order, position, cash, fees", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* trade(plan("before", [instruction({ price: 0.46, size: 10 })]))
      yield* reckon()
      const [wasCash, wasHeld] = [yield* cash, yield* positions]
      yield* fault({ op: "trade", kind: "fail", after: "MATCHED", count: 1 })
      const { report } = yield* trade(plan("ghost", [instruction({ price: 0.46, size: 20 })]))
      yield* reckon()
      const ledger = yield* Ledger
      const [order] = yield* ledger.orders({ planId: "ghost" })
      assert.strictEqual(order?.status, "cancelled", JSON.stringify(report.orders.map(brief)))
      assert.strictEqual(order?.filled, 0n)
      assert.deepStrictEqual([yield* cash, yield* positions], [wasCash, wasHeld])
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
      const failed = (yield* ledger.fills({ planId: "ghost" })).filter((fill) => fill.failed)
      assert.strictEqual(failed.length, 1)
    })
  )

  scenario(
    "P-10: leaves a flat position behind where it was the only one, and the ledger still proves itself",
    () =>
      Effect.gen(function* () {
        const before = yield* chain("pUSD")
        yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
        yield* fault({ op: "trade", kind: "fail", after: "MINED", count: 1 })
        yield* trade(plan("only", [instruction({ price: 0.46, size: 20 })]))
        assert.match((yield* positions).join(), /^20 for 9.2,/)
        yield* (yield* Exchange).advance(120_000)
        yield* reckon()
        assert.deepStrictEqual(yield* positions, ["0 for 0, realized 0, fees 0"])
        assert.deepStrictEqual([yield* cash, yield* chain("pUSD")], [before, before])
      }),
    { minedMillis: 60_000, confirmedMillis: 60_000 }
  )

  scenario(
    "P-10: after it was matched and tried again leaves no trace in cash, P&L and limits, and three words on record",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        const ledger = yield* Ledger
        const sql = yield* SqlClient.SqlClient
        yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "50000" })
        yield* trade(plan("before", [instruction({ price: 0.46, size: 10 })]))
        yield* reckon()
        // All the cash there is, and shares of a trade that has not come about, are for nobody else.
        const rest = plan("rest", [instruction({ price: 0.45, size: 20_000 })])
        const sale = plan("sale", [instruction({ side: "SELL", price: 0.44, size: 20 })])
        const said = (written: unknown) =>
          Effect.map(trade(written, { dryRun: true }), ({ report }) =>
            report.orders.flatMap(({ reasons }) => reasons).join()
          )
        const everything = Effect.all({ cash, equity, held: positions, more: said(rest), sale: said(sale) })
        const was = yield* everything
        assert.deepInclude(was, { more: "" })
        yield* fault({ op: "trade", kind: "stuck", count: 1 })
        yield* trade(plan("ghost", [instruction({ price: 0.46, size: 5_000 })]))
        const meanwhile = yield* everything
        assert.match(meanwhile.more, /INSUFFICIENT_CASH/)
        assert.match(meanwhile.sale, /INSUFFICIENT_SHARES/)
        assert.notStrictEqual(meanwhile.cash, was.cash)
        const ghost = [...exchange.house.trades.values()].find(({ status }) => status === "RETRYING")
        yield* Effect.orDie(exchange.finish(ghost?.id ?? "", "FAILED"))
        yield* reckon()
        assert.deepStrictEqual(yield* everything, was)
        const [order] = yield* ledger.orders({ planId: "ghost" })
        assert.deepStrictEqual([order?.status, order?.filled, order?.notional, order?.fees].map(String), [
          "cancelled",
          "0",
          "0",
          "0"
        ])
        const words = yield* sql<{ readonly type: string }>`select event_type as type from audit_logs
        where entity_id = ${order?.order.id ?? ""} order by seq`
        const [placed, ...then] = words.map(({ type }) => type)
        assert.deepStrictEqual([placed, then.at(-1)], ["order_placed", "order_fill_failed"])
        assert.include(then, "order_filled")
        yield* agrees
      })
  )

  scenario("P-10: in the middle of others leaves exactly what the others come to", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* fault({ op: "trade", kind: "fail", after: "MINED", nth: 2, count: 1 })
      yield* trade(
        plan("three", [
          instruction({ price: 0.46, size: 10 }),
          instruction({ price: 0.46, size: 20 }),
          instruction({ price: 0.46, size: 30 })
        ])
      )
      yield* reckon()
      const ledger = yield* Ledger
      assert.deepStrictEqual(
        (yield* ledger.orders({ planId: "three" })).map((order) => `${order.status} ${format(order.filled)}`),
        ["filled 10", "cancelled 0", "filled 30"]
      )
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
      assert.match((yield* positions).join(), /^40 for 18.4,/)
    })
  )
})

describe("shares that were bought", () => {
  scenario("may be sold once their trade is final, and the sale is booked with its fee", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
      const { failure, report } = yield* trade(plan("sell", [instruction({ side: "SELL", price: 0.44, size: 20 })]))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.44"])
      yield* reckon()
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
    })
  )

  scenario(
    "P-42: of a market that is resolved, which nobody announced, are worth the same before and after they are redeemed",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
        yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
        yield* Effect.orDie(exchange.resolve("sandbox-rain", "first"))
        const before = yield* reckon()
        assert.deepStrictEqual(before.settled, [])
        const held = yield* positions
        assert.match(held.join(), /^20 for 9.2,/)
        const [cashBefore, worth] = [yield* cash, yield* equity]
        assert.strictEqual(Number(worth), Number(cashBefore) + 20)
        yield* Effect.orDie(exchange.redeem("sandbox-rain"))
        const after = yield* reckon()
        assert.strictEqual(after.settled.length, 1)
        assert.deepStrictEqual([after.flows, after.stops], [[], []])
        assert.strictEqual(Number(yield* cash) - Number(cashBefore), 20)
        assert.strictEqual(yield* equity, worth)
        assert.strictEqual(yield* cash, yield* chain("pUSD"))
      })
  )
})

describe("a fee", () => {
  scenario("that was booked is what the balance lost; one that the venue takes otherwise stops trading", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
      const fair = yield* reckon()
      assert.deepStrictEqual([fair.flows, fair.stops], [[], []])
      yield* trade(plan("more", [instruction({ price: 0.46, size: 20 })]))
      // A hundredth of a cent more than its market's record says.
      yield* exchange.credit(-101n)
      const { stops } = yield* reckon()
      assert.match(stops.join(), /cash without an order is gone/)
      assert.strictEqual((yield* Effect.flip(trade(plan("next", [instruction({ price: 0.4 })]))))._tag, "Halted")
    })
  )

  scenario("that two records of its market tell differently is no guess: nothing is sent there", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      const record = clobMarketRecord(yield* Effect.orDie(exchange.market("sandbox-rain")))
      const body = { ...record, fd: { r: 0.07, e: 1, to: true } }
      yield* fault({ op: "GET /clob-markets", kind: "answer", status: 200, body })
      const { report } = yield* trade(plan("doubtful", [instruction({ price: 0.46 })]))
      assert.match(report.orders.flatMap(({ reasons }) => reasons).join(), /FEE_UNKNOWN.*different fees|different fees/)
      assert.strictEqual(exchange.state().orders.length, 0)
    })
  )
})

describe("shares of a resolved market", () => {
  scenario("that lost are written off, and stop nothing by staying in the wallet", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
      yield* agrees
      yield* Effect.orDie(exchange.resolve("sandbox-rain", "second"))
      const found = yield* reckon()
      assert.strictEqual(found.settled.length, 1)
      assert.deepStrictEqual([found.flows, found.stops], [[], []])
      assert.match((yield* positions).join(), /^0 for 0, realized -9.2,/)
      yield* trade(plan("late", [instruction({ price: 0.46 })]))
      const { stops } = yield* reckon()
      assert.deepStrictEqual(stops, [])
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
    })
  )

  scenario("that the venue does not see yet are looked for again before they are taken for redeemed", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* fault({ op: "balance", kind: "staleBalance" })
      yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
      yield* Effect.orDie(exchange.resolve("sandbox-rain", "first"))
      assert.deepStrictEqual((yield* reckon()).settled, [])
      assert.match((yield* positions).join(), /^20 for 9.2,/)
      yield* exchange.clearFaults
      yield* agrees
    })
  )

  scenario("that show longer than the money for them takes are paid once: it is no credit beside", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
      const ledger = yield* Ledger
      const [order] = yield* ledger.orders({ planId: "buy" })
      yield* reckon()
      yield* Effect.orDie(exchange.resolve("sandbox-rain", "first"))
      // The chain has paid; the venue knows it of the cash, and not of the shares until it is told to look.
      yield* exchange.credit(20_000_000n)
      const { wallet } = exchange.operator
      wallet.chain.set(order?.order.tokenId ?? "", 0n)
      const found = yield* reckon()
      assert.deepStrictEqual([found.flows, found.stops, found.settled.length], [[], [], 1])
      assert.match((yield* positions).join(), /^0 for 0, realized 10.8/)
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
      yield* agrees
    })
  )

  scenario(
    "are not redeemed while their trade is not final, whatever the venue shows of them",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
        const ledger = yield* Ledger
        yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
        // The market is told as resolved before the exchange has settled its trades.
        const listing = yield* Effect.orDie(exchange.market("sandbox-rain"))
        listing.payouts = [Usd(UNIT), Usd(0n)]
        yield* fault({
          op: "GET /balance-allowance",
          kind: "answer",
          status: 200,
          body: { balance: "0", allowances: {} }
        })
        assert.deepStrictEqual((yield* reckon()).settled, [])
        assert.match((yield* positions).join(), /^20 for 9.2,/)
        assert.strictEqual((yield* ledger.fills({ unfinal: true })).length, 1)
      }),
    { minedMillis: 60_000, confirmedMillis: 60_000 }
  )
})

/** The venue's list of trades is behind, for so many looks. */
const noTrades = (looks: number) =>
  fault({
    op: "GET /data/trades",
    kind: "answer",
    status: 200,
    body: { limit: 100, count: 0, next_cursor: "LTE=", data: [] },
    count: looks
  })

describe("a fill that shows in the balances before it shows among the trades", () => {
  for (const [words, looks] of [
    ["is booked once it does, and once only", 3],
    ["stops nothing, and is not taken for shares that came from elsewhere, while it does not", 20]
  ] as const) {
    scenario(words, () =>
      Effect.gen(function* () {
        yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
        yield* trade(plan("rests", [instruction({ price: 0.45, size: 20 })]))
        yield* show("sandbox-rain", { "0.4": "500" }, { "0.44": "500" })
        yield* noTrades(looks)
        const found = yield* reckon()
        assert.deepStrictEqual([found.flows, found.stops], [[], []])
        yield* (yield* Exchange).clearFaults
        yield* agrees
        assert.deepStrictEqual(yield* positions, ["20 for 9, realized 0, fees 0"])
      })
    )
  }
})

describe("what no order explains", () => {
  scenario("is booked where it is a credit, and stops trading where it is a debit until it is accepted", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
      yield* reckon()
      yield* exchange.credit(5_000_000n)
      const credited = yield* reckon()
      assert.deepStrictEqual(
        credited.flows.map((flow) => (flow._tag === "Cash" ? format(flow.amount) : "")),
        ["5"]
      )
      yield* exchange.credit(-7_000_000n)
      const debited = yield* reckon()
      assert.strictEqual(debited.stops.length, 1)
      const refused = yield* Effect.flip(trade(plan("next", [instruction({ price: 0.4 })])))
      assert.strictEqual(refused._tag, "Halted")
      const accepted = yield* reckon({ accept: true })
      assert.deepStrictEqual(accepted.stops, [])
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
      assert.isUndefined((yield* trade(plan("next", [instruction({ price: 0.4 })]))).failure)
    })
  )

  scenario("is not what the venue still shows from before the latest trade, however often it is asked", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
      yield* fault({ op: "GET /balance-allowance", kind: "stale" })
      yield* reckon()
      const before = yield* cash
      yield* trade(plan("more", [instruction({ price: 0.46, size: 30 })]))
      const old = yield* reckon()
      assert.deepStrictEqual([old.flows, old.stops], [[], []])
      assert.match(old.warnings.join(), /still shows what there was before the latest trades/)
      yield* (yield* Exchange).clearFaults
      const now = yield* reckon()
      assert.deepStrictEqual([now.flows, now.stops, now.warnings], [[], [], []])
      assert.notStrictEqual(yield* cash, before)
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
      assert.isUndefined((yield* trade(plan("next", [instruction({ price: 0.4 })]))).failure)
    })
  )

  scenario("in shares stops its instrument alone", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
      yield* show("sandbox-peace", { "0.44": "500" }, { "0.46": "500" })
      yield* trade(plan("buy", [instruction({ price: 0.46, size: 20 })]))
      const ledger = yield* Ledger
      const [order] = yield* ledger.orders({ planId: "buy" })
      yield* exchange.credit(-3_000_000n, order?.order.tokenId)
      const found = yield* reckon()
      assert.strictEqual(found.stops.length, 1)
      const refused = yield* Effect.flip(trade(plan("same", [instruction({ price: 0.4 })])))
      assert.strictEqual(refused._tag, "Halted")
      assert.isUndefined(
        (yield* trade(plan("other", [instruction({ marketId: "sandbox-peace", price: 0.4 })]))).failure
      )
    })
  )
})
