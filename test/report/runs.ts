import * as Option from "effect/Option"
import { Price, parse, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { empty, type Position } from "../../src/domain/Position.ts"
import type { Refused, Run } from "../../src/domain/Report.ts"
import { mark } from "../../src/report/Marks.ts"
import { state } from "../domain/orders.ts"

export const micro = (text: string): bigint => Option.getOrThrow(parse(text))

export const position = (more?: Partial<Position>): Position => ({
  ...empty({ marketId: "sim-coin", conditionId: "sim-coin", outcomeIndex: 0, outcome: "Yes", mode: "paper" }),
  ...more
})

/** 200 shares bought at 0.45 with a size of 100 USDC at 0.50: 90 dollars and a fee of 1.2. */
export const filled = state(
  {
    planId: "demo",
    quantity: { _tag: "Shares", shares: Shares(200n * UNIT) },
    size: 100n * UNIT
  },
  {
    status: "filled",
    filled: Shares(200n * UNIT),
    notional: Usd(90n * UNIT),
    fees: Usd(1_200_000n),
    bands: { pessimistic: Shares(150n * UNIT), optimistic: Shares(200n * UNIT), queueAhead: Shares(0n) }
  }
)

export const refused: Refused = {
  instruction: 1,
  marketId: "sim-coin",
  conditionId: "sim-coin",
  outcome: "NO",
  side: "BUY",
  price: Price(405_000n),
  size: 10n * UNIT,
  sizeUnit: "USDC",
  timeInForce: "GTC",
  reasons: ["PRICE_OFF_TICK: 0.405 is not a multiple", "MAX_ORDERS: the plan allows 1 orders"]
}

export const held = mark(
  position({ qty: Shares(200n * UNIT), costBasis: Usd(90n * UNIT), cashFlow: Usd(-90n * UNIT), fees: Usd(1_200_000n) }),
  {
    conditionId: "sim-coin",
    bids: [{ price: Price(480_000n), size: Shares(UNIT) }],
    asks: [],
    tick: Price(10_000n),
    venueMillis: undefined,
    fetchedMillis: 0
  },
  undefined
)

export const run = (more?: Partial<Run>): Run => ({
  planId: "demo",
  mode: "paper",
  status: "completed",
  dryRun: false,
  startedMillis: 1_790_000_000_000,
  completedMillis: 1_790_000_001_500,
  orders: [{ placed: true, state: filled, externalOrderId: undefined }],
  refused: [refused],
  positions: [held],
  warnings: ["simulated market data: prices and fills are invented"],
  error: undefined,
  ...more
})
