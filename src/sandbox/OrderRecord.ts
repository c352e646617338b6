import { format, UNIT } from "../domain/Money.ts"
import type { ApiKey } from "./Keys.ts"
import { type Made, notionalOf, sharesOf, type Trade } from "./Trade.ts"
import type { VenueOrder } from "./VenueOrder.ts"

const seconds = (millis: number): number => Math.floor(millis / 1000)

/** An order as `/data/order` and `/data/orders` tell it. */
export const orderRecord = (order: VenueOrder) => ({
  id: order.id,
  status: order.status,
  owner: order.key.id,
  maker_address: order.wallet.address,
  market: order.listing.conditionId,
  asset_id: order.listing.tokens[order.outcome],
  side: order.side,
  original_size: format(order.shares),
  size_matched: format(order.matched),
  price: format(order.price),
  outcome: order.listing.outcomes[order.outcome],
  expiration: String(order.expiration),
  order_type: order.type,
  associate_trades: [...order.trades],
  created_at: seconds(order.createdMillis)
})

const madeRecord = (trade: Trade, { order, outcome, price, shares, side, stranger }: Made) => ({
  order_id: order?.id ?? stranger?.orderId ?? "",
  owner: order?.key.id ?? stranger?.owner ?? "",
  maker_address: order?.wallet.address ?? stranger?.address ?? "",
  matched_amount: format(shares),
  price: format(price),
  fee_rate_bps: "",
  asset_id: trade.listing.tokens[outcome],
  outcome: trade.listing.outcomes[outcome],
  side
})

/** The price a taker paid on average, to six decimals: top-level prices of trades over several levels are no level's. */
const averagePrice = (trade: Trade): bigint => (notionalOf(trade) * UNIT) / sharesOf(trade)

/**
 * A trade as one of its owners sees it (venue: `/data/trades` and the user channel). The top level is the taker's; a maker's
 * part stands in `maker_orders`, in its own outcome and price.
 */
export const tradeRecord = (trade: Trade, seenBy: ApiKey["account"]) => ({
  id: trade.id,
  taker_order_id: trade.taker?.id ?? trade.stranger?.orderId ?? "",
  market: trade.listing.conditionId,
  asset_id: trade.listing.tokens[trade.outcome],
  side: trade.side,
  size: format(sharesOf(trade)),
  fee_rate_bps: "1000",
  price: format(averagePrice(trade)),
  status: trade.status,
  match_time: String(seconds(trade.matchedMillis)),
  last_update: String(seconds(trade.updatedMillis)),
  outcome: trade.listing.outcomes[trade.outcome],
  bucket_index: trade.bucket,
  owner: trade.taker?.key.id ?? trade.stranger?.owner ?? "",
  maker_address: trade.taker?.wallet.address ?? trade.stranger?.address ?? "",
  maker_orders: trade.levels.flatMap(({ made }) => made.map((each) => madeRecord(trade, each))),
  transaction_hash: trade.hash,
  trader_side: trade.taker?.key.account === seenBy ? "TAKER" : "MAKER",
  ...(trade.error === undefined ? {} : { err_msg: trade.error })
})
