import { Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import type { FillRecord } from "../../src/report/Rows.ts"
import { filled } from "./runs.ts"

/** The fill of the filled order: 200 shares at 0.45. */
export const fill: FillRecord = {
  id: "f1",
  orderId: filled.order.id,
  planId: "demo",
  mode: "paper",
  marketId: "sim-coin",
  conditionId: "sim-coin",
  outcome: "Yes",
  side: "BUY",
  shares: Shares(200n * UNIT),
  price: Price(450_000n),
  notional: Usd(90n * UNIT),
  fee: Usd(1_200_000n),
  liquidity: "taker",
  atMillis: 1_790_000_001_000,
  final: true,
  failed: false,
  externalId: undefined
}
