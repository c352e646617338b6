import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

const id = (letter: string) => `0x${letter.repeat(64)}`
const MARKETS = ["a", "b", "c"] as const
type Name = (typeof MARKETS)[number]

const record = (name: Name) => ({
  id: name,
  slug: name,
  question: `Market ${name}`,
  conditionId: id(name),
  outcomes: '["Yes", "No"]',
  outcomePrices: '["0.5", "0.5"]',
  active: true,
  closed: false,
  archived: false,
  enableOrderBook: true,
  acceptingOrders: true,
  orderPriceMinTickSize: 0.01,
  orderMinSize: 5,
  clobTokenIds: JSON.stringify([`${name}1`, `${name}2`]),
  negRisk: false,
  feesEnabled: name !== "c",
  feeSchedule: { exponent: 1, rate: name === "a" ? 0.07 : 0.05, takerOnly: true },
  version: "v1"
})

const levels = (from: number, step: number, size: number) =>
  Array.from({ length: 12 }, (_, n) => ({
    price: ((from + n * step) / 100).toFixed(2),
    size: (size + 137.5 * n).toFixed(2)
  }))

/** A recording of three markets whose books never change: bids from 0.44 down, asks from 0.46 up. */
export const recording = {
  markets: MARKETS.map(record),
  books: MARKETS.map((name) => ({
    market: id(name),
    asset_id: `${name}1`,
    timestamp: "1790000000000",
    bids: levels(44, -1, 300),
    asks: levels(46, 1, name === "c" ? 3000 : 300),
    min_order_size: "5",
    tick_size: "0.01",
    neg_risk: false
  }))
}

const KINDS = [
  { timeInForce: "GTC", sizeUnit: "SHARES" },
  { timeInForce: "GTC", sizeUnit: "USDC" },
  { timeInForce: "GTC", sizeUnit: "USDC", feesInclusive: true },
  { timeInForce: "GTD", sizeUnit: "SHARES", cancelAfterSec: 86_400 },
  { timeInForce: "FAK", sizeUnit: "USDC" },
  { timeInForce: "FOK", sizeUnit: "USDC" }
] as const

/** What is held before: enough of market c to sell. */
export const holdings = {
  planId: "holdings",
  mode: "paper",
  tradeInstructions: [{ marketId: "c", outcome: "YES", side: "BUY", price: 0.57, size: 40_000, sizeUnit: "SHARES" }]
}

/**
 * A plan over the three markets: most of it rests, a quarter takes. Market a is bought on YES alone, b on NO alone, and c
 * is sold, so that no order meets another of the plan.
 */
export const plan = (planId: string, count: number) =>
  Effect.gen(function* () {
    const tradeInstructions = yield* Effect.replicateEffect(
      Effect.gen(function* () {
        const marketId = MARKETS[yield* Random.nextIntBetween(0, MARKETS.length)]
        const takes = (yield* Random.nextIntBetween(0, 4)) === 0
        const size = (yield* Random.nextIntBetween(500, 4000)) / 100
        if (marketId === "c") {
          const price = (takes ? yield* Random.nextIntBetween(38, 45) : yield* Random.nextIntBetween(57, 95)) / 100
          const timeInForce = (["GTC", "FOK", "FAK"] as const)[yield* Random.nextIntBetween(0, 3)]
          return { marketId, outcome: "YES", side: "SELL", price, size, timeInForce }
        }
        const kind = KINDS[yield* Random.nextIntBetween(0, KINDS.length)]
        const price = takes ? yield* Random.nextIntBetween(46, 62) : yield* Random.nextIntBetween(5, 45)
        // The mirror of a book whose bids begin at 0.44 has asks from 0.56 up.
        return marketId === "b"
          ? { marketId, outcome: "NO", side: "BUY", price: (takes ? price + 10 : price) / 100, size, ...kind }
          : { marketId, outcome: "YES", side: "BUY", price: price / 100, size, ...kind }
      }),
      count
    )
    return { planId, mode: "paper", tradeInstructions }
  }).pipe(Effect.withRandom(Random.make(planId)))

/** All that a run leaves in the database, but for ids, times and how often a book was looked at. */
export const leftBehind = Effect.fn("leftBehind")(function* (sql: SqlClient.SqlClient) {
  const orders =
    yield* sql`select plan_id, instruction, attempt, mode, market_id, condition_id, outcome, side, price, size,
      size_unit, qty, budget, time_in_force, worst_fee, status, filled_qty, notional, fees, band_pessimistic,
      band_optimistic, queue_ahead, reasons, cancel_after - placed_at as lifetime
    from orders order by plan_id, instruction, attempt`
  const executions = yield* sql`select o.plan_id, o.instruction, e.qty, e.price, e.notional, e.fee, e.liquidity, e.final
    from executions e join orders o on o.id = e.order_id order by o.plan_id, o.instruction, e.seq`
  const positions =
    yield* sql`select market_id, outcome, mode, qty, avg_price, cost_basis, realized_pnl, cash_flow, fees
    from positions order by condition_id, outcome_index`
  const cash = yield* sql`select mode, kind, amount from cash_ledger order by seq`
  const memory = yield* sql`select condition_id, memory -> 'levels' as levels from market_snapshots order by 1`
  const events = yield* sql`select o.plan_id, o.instruction, a.event_type, a.event_data from audit_logs a
    join orders o on o.id::text = a.entity_id order by o.plan_id, o.instruction, a.seq`
  const runs = yield* sql`select plan_id, status, plan_hash, error_message,
      summary_json - 'startedAt' - 'completedAt' as summary from runs order by plan_id`
  return { runs, orders, executions, positions, cash, memory, events }
})
