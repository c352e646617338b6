import { Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import type { Order, OrderState } from "../../src/domain/Order.ts"

/** An order as tests start from it: 100 shares of Yes at 0.50, resting in a simulated market. */
export const order = (more?: Partial<Order>): Order => ({
  id: "00000000-0000-8000-8000-000000000001",
  planId: "earlier",
  instruction: 0,
  attempt: 1,
  mode: "paper",
  marketId: "sim-coin",
  conditionId: "sim-coin",
  tokenId: "sim-coin-0",
  outcomeIndex: 0,
  outcome: "Yes",
  side: "BUY",
  price: Price(500_000n),
  quantity: { _tag: "Shares", shares: Shares(100n * UNIT) },
  size: 50n * UNIT,
  sizeUnit: "USDC",
  feesInclusive: false,
  timeInForce: "GTC",
  postOnly: false,
  worstFee: Usd(0n),
  placedMillis: 0,
  cancelAfterMillis: undefined,
  notes: undefined,
  ...more
})

export const state = (of?: Partial<Order>, more?: Partial<Omit<OrderState, "order">>): OrderState => ({
  order: order(of),
  status: "open",
  filled: Shares(0n),
  notional: Usd(0n),
  fees: Usd(0n),
  bands: { pessimistic: Shares(0n), optimistic: Shares(0n), queueAhead: Shares(0n) },
  reasons: [],
  ...more
})
