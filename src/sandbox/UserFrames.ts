import type { Account } from "./Keys.ts"
import { orderRecord, tradeRecord } from "./OrderRecord.ts"
import type { Trade } from "./Trade.ts"
import type { VenueOrder } from "./VenueOrder.ts"

/** What became of an order, as the user channel tells its owner. `size_matched` is the whole of what has matched. */
export const orderFrame = (
  order: VenueOrder,
  type: "PLACEMENT" | "UPDATE" | "CANCELLATION",
  status: string,
  now: number
) => {
  const record = orderRecord(order)
  return {
    ...record,
    event_type: "order",
    order_owner: record.owner,
    associate_trades: record.associate_trades.length === 0 ? null : record.associate_trades,
    type,
    created_at: String(record.created_at),
    status,
    timestamp: String(now)
  }
}

/** A trade as the user channel tells one of its parties: the fields of `/data/trades`. */
export const tradeFrame = (trade: Trade, seenBy: Account) => {
  const record = tradeRecord(trade, seenBy)
  return {
    ...record,
    event_type: "trade",
    type: "TRADE",
    trade_owner: record.owner,
    timestamp: String(trade.updatedMillis)
  }
}
