import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { AT, answer, answered, bought, fill, journalled, ledger, order, price, shares } from "./scene.ts"

const CHAIN = "the audit log is one unbroken chain"
const PLACED = "orders are what was journalled"
const SEEN = "orders stand where the audit log last saw them"
const PRICED = "executions come to their price times their shares"
const ENDOWED = "balances are what was configured"
const POSITIONS = "positions are the fold of executions and payouts"
const NAMED = "positions are of the market and outcome that was traded"
const TOTALS = "orders come to the sum of their executions"
const STATUS = "an order is filled when, and only when, nothing remains of it"
const BELONGING = "executions agree with the order they belong to"
const CASH = "cash is the sum of every movement"

/** A ledger with something in every table: an order filled, one open, one paid out. */
const lived = Effect.gen(function* () {
  const { event, settle } = yield* Ledger
  yield* bought("paid", { conditionId: "0xpaid" })
  yield* settle("paper", "0xpaid", [Usd(UNIT), Usd(0n)], AT + 2)
  yield* bought("held")
  const states = yield* journalled("open", [order("open", 0)])
  const of = order("open", 0)
  yield* answered(states, [answer(of, "open", { fills: [fill(of, shares(40), price(0.45))] })])
  yield* event("operator_note", "order", of.id, { note: 'all "quiet"', at: 1.5 }, "operator", AT + 3)
})

/** Each statement undone by no other: what it changes, and the checks that must then fail, and no others. */
const TAMPERINGS: ReadonlyArray<readonly [what: string, statement: string, checks: ReadonlyArray<string>]> = [
  [
    "an audit row's data was edited",
    `update audit_logs set event_data = event_data || '{"price": "0.46"}' where seq = 3`,
    [CHAIN, PLACED]
  ],
  ["an audit row's actor was edited", "update audit_logs set actor = 'somebody' where seq = 2", [CHAIN]],
  [
    "an audit row's time was moved by a microsecond",
    "update audit_logs set created_at = created_at + interval '1 microsecond' where seq = 2",
    [CHAIN]
  ],
  [
    "an audit row's id was replaced",
    "update audit_logs set id = '00000000-0000-0000-0000-000000000000' where seq = 2",
    [CHAIN]
  ],
  ["an audit row was deleted", "delete from audit_logs where event_type = 'position_settled'", [CHAIN]],
  [
    "two audit rows were swapped",
    "update audit_logs set seq = -seq where seq in (2, 3); update audit_logs set seq = 5 + seq where seq < 0",
    [CHAIN]
  ],
  [
    "the last audit rows were deleted",
    "delete from audit_logs where seq >= (select max(seq) - 1 from audit_logs)",
    [CHAIN, SEEN]
  ],
  [
    "the very last audit row was deleted",
    "delete from audit_logs where seq = (select max(seq) from audit_logs)",
    [CHAIN]
  ],
  ["every audit row was deleted", "delete from audit_logs", [CHAIN, PLACED, SEEN, ENDOWED]],
  ["an order's price was edited", "update orders set price = 0.46 where plan_id = 'open'", [PLACED]],
  ["an order's status was edited", "update orders set status = 'cancelled' where plan_id = 'open'", [SEEN]],
  ["an order's fills were forgotten", "update orders set filled_qty = 39 where plan_id = 'open'", [TOTALS, SEEN]],
  ["a filled order was reopened", "update orders set status = 'open' where plan_id = 'held'", [STATUS, SEEN]],
  ["an order was given more than it asked for", "update orders set qty = 30 where plan_id = 'open'", [STATUS, PLACED]],
  [
    "an execution was deleted",
    "delete from executions where order_id = (select id from orders where plan_id = 'held')",
    [POSITIONS, TOTALS, CASH]
  ],
  [
    "an execution's fee was edited by a micro-dollar",
    "update executions set fee = fee + 0.000001 where fee > 0 and condition_id = '0xmarket'",
    [POSITIONS, TOTALS, CASH]
  ],
  ["an execution's price was edited", "update executions set price = 0.01 where condition_id = '0xmarket'", [PRICED]],
  ["the opening balance was raised", "update cash_ledger set amount = amount + 1 where kind = 'opening'", [ENDOWED]],
  [
    "an execution changed sides",
    "update executions set side = 'SELL' where condition_id = '0xpaid'",
    [POSITIONS, BELONGING, CASH]
  ],
  [
    "a position was edited by a micro-share",
    "update positions set qty = qty + 0.000001 where condition_id = '0xmarket'",
    [POSITIONS]
  ],
  [
    "a position's average price was edited",
    "update positions set avg_price = avg_price + 0.0001 where qty > 0",
    [POSITIONS]
  ],
  [
    "a position was made up of a market in which nothing was traded",
    `insert into positions select gen_random_uuid(), market_id, '0xnowhere', outcome_index, outcome, mode, qty, avg_price,
      cost_basis, realized_pnl, cash_flow, fees, updated_at, created_at from positions where qty > 0`,
    [POSITIONS, NAMED, CASH]
  ],
  ["a position was renamed", "update positions set outcome = 'No' where qty > 0", [NAMED]],
  ["a position was deleted", "delete from positions where condition_id = '0xpaid'", [POSITIONS, CASH]],
  ["a payout was deleted", "delete from cash_ledger where kind = 'payout'", [POSITIONS, CASH]],
  ["a payout was raised", "update cash_ledger set amount = amount + 1 where kind = 'payout'", [POSITIONS, CASH]]
]

describe("verify", () => {
  it.effect("finds no difference in a ledger nobody touched, and says what it looked at", () =>
    Effect.gen(function* () {
      const { verify } = yield* Ledger
      assert.isTrue((yield* verify()).ok)
      yield* lived
      const verdict = yield* verify()
      assert.deepStrictEqual(
        verdict.checks.map(({ checked, differences, name, ok }) => [name, ok, checked, differences]),
        [
          [POSITIONS, true, 4, []],
          [NAMED, true, 2, []],
          [TOTALS, true, 3, []],
          [STATUS, true, 3, []],
          [BELONGING, true, 3, []],
          [CASH, true, 5, []],
          [CHAIN, true, 12, []],
          [PLACED, true, 3, []],
          [SEEN, true, 3, []],
          [PRICED, true, 3, []],
          [ENDOWED, true, 2, []]
        ]
      )
    }).pipe(Effect.provide(ledger))
  )

  for (const [what, statement, checks] of TAMPERINGS) {
    it.effect(`finds that ${what}`, () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { verify } = yield* Ledger
        yield* lived
        yield* sql.unsafe(statement).unprepared
        const verdict = yield* verify()
        const failed = verdict.checks.filter((check) => !check.ok)
        assert.deepStrictEqual(
          failed.map((check) => check.name),
          [...checks]
        )
        assert.isFalse(verdict.ok)
        assert.isTrue(failed.every((check) => check.differences.length > 0))
      }).pipe(Effect.provide(ledger))
    )
  }

  it.effect("tells twenty differences and how many more there are", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { verify } = yield* Ledger
      yield* journalled(
        "demo",
        Array.from({ length: 50 }, (_, at) => order("demo", at))
      )
      yield* sql`update orders set status = 'cancelled'`
      const check = (yield* verify()).checks.find((each) => each.name === SEEN)
      assert.strictEqual(check?.differences.length, 21)
      assert.strictEqual(check?.differences.at(-1), "and 30 more")
    }).pipe(Effect.provide(ledger))
  )

  it.effect("reads a long history page by page", () =>
    Effect.gen(function* () {
      const { settle, verify } = yield* Ledger
      const orders = Array.from({ length: 5_500 }, (_, at) => order("long", at, { conditionId: `0x${at % 3}` }))
      const states = yield* journalled("long", orders)
      const one = (from: number, to: number) =>
        answered(
          states.slice(from, to),
          orders.slice(from, to).map((of) => answer(of, "filled", { fills: [fill(of, shares(100), price(0.44))] }))
        )
      yield* one(0, 4_999)
      yield* settle("paper", "0x0", [Usd(UNIT), Usd(0n)], AT + 1)
      yield* settle("paper", "0x1", [Usd(UNIT), Usd(0n)], AT + 1)
      yield* one(4_999, 5_500)
      const verdict = yield* verify()
      assert.deepStrictEqual(
        verdict.checks.flatMap((check) => check.differences),
        []
      )
      assert.deepInclude(verdict.checks[0], { checked: 5_502 })
      assert.deepInclude(verdict.checks[6], { checked: 11_004 })
    }).pipe(Effect.provide(ledger))
  )
})
