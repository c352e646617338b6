import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Answer, Fill } from "../../src/domain/Answer.ts"
import { uuidOf } from "../../src/domain/Identity.ts"
import { cost, Price, proceeds, Shares, UNIT, Usd, ZERO_SHARES, ZERO_USD } from "../../src/domain/Money.ts"
import type { Order, OrderState } from "../../src/domain/Order.ts"
import { placed } from "../../src/domain/OrderState.ts"
import type { Plan } from "../../src/domain/Plan.ts"
import { Lease } from "../../src/persist/Lease.ts"
import type { JournalRequest } from "../../src/persist/Ledger.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { database } from "../database.ts"

/** A ledger on a database of its own, empty, for each test. */
export const ledger = Layer.mergeAll(Ledger.layer, Lease.layer).pipe(Layer.provideMerge(database))

export const AT = 1_790_000_000_000
export const OPENING = Usd(100_000n * UNIT)
export const BANDS = { pessimistic: ZERO_SHARES, optimistic: ZERO_SHARES, queueAhead: ZERO_SHARES }

export const shares = (count: number) => Shares(BigInt(Math.round(count * 1e6)))
export const price = (of: number) => Price(BigInt(Math.round(of * 1e6)))

export const plan = (planId: string): Plan => ({
  planId,
  mode: "paper",
  onReject: "stop",
  simulation: { slippageTicks: 2, spreadCushion: price(0.01), liquidityFraction: UNIT / 2n },
  limits: { maxNotional: undefined, maxOrderNotional: undefined, maxOrders: undefined, maxSpread: undefined },
  instructions: [],
  hash: "a".repeat(64)
})

/** The next order of a plan: 100 YES shares of the market "0xmarket" at 0.45 unless told otherwise. */
export const order = (planId: string, instruction: number, parts: Partial<Order> = {}): Order => ({
  id: uuidOf("order", planId, `${instruction}`, `${parts.attempt ?? 1}`),
  planId,
  instruction,
  attempt: 1,
  mode: "paper",
  marketId: "500123",
  conditionId: "0xmarket",
  tokenId: "71321045679252212594626385532706912750332728571942532289631379312455583992563",
  outcomeIndex: 0,
  outcome: "Yes",
  side: "BUY",
  price: price(0.45),
  quantity: { _tag: "Shares", shares: shares(100) },
  size: 45_000_000n,
  sizeUnit: "USDC",
  feesInclusive: false,
  timeInForce: "GTC",
  postOnly: false,
  worstFee: Usd(700_000n),
  placedMillis: AT,
  cancelAfterMillis: undefined,
  notes: undefined,
  ...parts
})

export const request = (planId: string, parts: Partial<JournalRequest> = {}): JournalRequest => ({
  mode: "paper",
  planId,
  planHash: "a".repeat(64),
  plan: plan(planId),
  planFile: `plans/${planId}.json`,
  atMillis: AT,
  paperBalance: OPENING,
  conditionIds: ["0xmarket"],
  earlier: 0,
  ...parts
})

/** Journals orders as they are, and gives them back as states. */
export const journalled = Effect.fn("journalled")(function* (
  planId: string,
  orders: ReadonlyArray<Order>,
  parts: Partial<JournalRequest> = {}
) {
  yield* Effect.flatMap(Ledger, (ledger) =>
    ledger.journal(request(planId, parts), () => ({ orders, value: undefined }))
  )
  return orders.map(placed)
})

export const fill = (of: Order, count: Shares, at: Price, fee: Usd = ZERO_USD): Fill => ({
  shares: count,
  price: at,
  notional: of.side === "BUY" ? cost(at, count) : proceeds(at, count),
  fee,
  liquidity: fee === 0n ? "maker" : "taker",
  atMillis: AT + 1,
  final: true,
  externalId: undefined
})

export const answer = (of: Order, status: Answer["status"], parts: Partial<Answer> = {}): Answer => ({
  orderId: of.id,
  status,
  fills: [],
  bands: BANDS,
  reason: undefined,
  atMillis: AT + 1,
  externalOrderId: undefined,
  ...parts
})

export const byId = (states: ReadonlyArray<OrderState>) => new Map(states.map((state) => [state.order.id, state]))

/** Has answers to these states appended, and gives the states after them. */
export const answered = Effect.fn("answered")(function* (
  states: ReadonlyArray<OrderState>,
  answers: ReadonlyArray<Answer>
) {
  const after = yield* Effect.flatMap(Ledger, (ledger) =>
    ledger.append({ answers, memory: [] }, byId(states), states[0]?.order.mode ?? "paper")
  )
  return states.map((state) => after.get(state.order.id) ?? state)
})

/** An order of 100 shares at 0.45 that was journalled and filled whole, for a fee of 0.5. */
export const bought = Effect.fn("bought")(function* (planId: string, parts: Partial<Order> = {}) {
  const states = yield* journalled(planId, [order(planId, 0, parts)])
  return yield* answered(
    states,
    states.map((state) =>
      answer(state.order, "filled", { fills: [fill(state.order, shares(100), price(0.44), Usd(500_000n))] })
    )
  )
})

/** How many rows stand in each table that a commit of answers or a journal writes to. */
export const rows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const counted = yield* sql<Record<string, number>>`select
    (select count(*)::int from runs) as runs, (select count(*)::int from orders) as orders,
    (select count(*)::int from executions) as executions, (select count(*)::int from positions) as positions,
    (select count(*)::int from cash_ledger) as cash, (select count(*)::int from audit_logs) as audit,
    (select count(*)::int from plans) as plans, (select count(*)::int from market_snapshots where memory is not null) as memories`
  return counted[0]
})

/** What the audit log says, in order. */
export const history = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql<{ event_type: string }>`select event_type from audit_logs order by seq`, (found) =>
    found.map((row) => row.event_type)
  )
)
