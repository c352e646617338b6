import { format } from "../domain/Money.ts"
import { sizeAt } from "../exchange/Book.ts"
import { best, bookRecord, lastPrice } from "./BookRecord.ts"
import * as Ladder from "./Ladder.ts"
import type { Listing } from "./Listing.ts"
import { sharesOf, type Trade } from "./Trade.ts"

const OUTCOMES = [0, 1] as const
const SIDES = ["bid", "ask"] as const

const text = (micro: bigint | undefined): string => (micro === undefined ? "" : format(micro))

/** A whole book as the market channel sends it: what `/book` serves, without smallest size and neg-risk. */
export const bookFrame = (listing: Listing, outcome: 0 | 1) => {
  const { min_order_size: _, neg_risk: __, ...record } = bookRecord({ listing, outcome })
  return { ...record, event_type: "book" }
}

/** Levels that have a new size, as both outcomes see them: a level's size is the whole of it, 0 takes it away. */
export const changeFrame = (listing: Listing, touched: ReadonlyArray<number>) => {
  const { ladder } = listing
  const seen = OUTCOMES.map((outcome) => ({
    hash: bookRecord({ listing, outcome }).hash,
    ...best({ listing, outcome })
  }))
  const changes = touched.flatMap((key) => {
    const [index, side] = [Math.floor(key / 2), SIDES[key % 2 === 0 ? 0 : 1]]
    const size = format(BigInt(sizeAt(ladder.book, side, index)))
    return OUTCOMES.map((outcome) => ({
      asset_id: listing.tokens[outcome],
      price: format(Ladder.priceAt(ladder, index, outcome)),
      size,
      side: (side === "bid") === (outcome === 0) ? "BUY" : "SELL",
      hash: seen[outcome]?.hash ?? "",
      best_bid: text(seen[outcome]?.bid),
      best_ask: text(seen[outcome]?.ask)
    }))
  })
  return {
    event_type: "price_change",
    market: listing.conditionId,
    price_changes: changes,
    timestamp: String(listing.bookMillis)
  }
}

export const tradeFrame = (trade: Trade) => ({
  event_type: "last_trade_price",
  asset_id: trade.listing.tokens[trade.outcome],
  market: trade.listing.conditionId,
  price: format(trade.listing.lastTrade === undefined ? 0n : lastPrice(trade.listing.lastTrade, trade.outcome)),
  size: format(sharesOf(trade)),
  fee_rate_bps: "",
  side: trade.side,
  timestamp: String(trade.matchedMillis)
})

export const tickFrames = (listing: Listing, before: number) =>
  listing.tokens.map((asset_id) => ({
    event_type: "tick_size_change",
    market: listing.conditionId,
    asset_id,
    old_tick_size: format(BigInt(before)),
    new_tick_size: format(BigInt(listing.ladder.book.tick)),
    timestamp: String(listing.bookMillis)
  }))

/** Best prices of both outcomes; only for those who asked for the newer events. */
export const bestFrames = (listing: Listing) =>
  OUTCOMES.map((outcome) => {
    const { ask, bid } = best({ listing, outcome })
    return {
      event_type: "best_bid_ask",
      market: listing.conditionId,
      asset_id: listing.tokens[outcome],
      best_bid: text(bid),
      best_ask: text(ask),
      spread: bid === undefined || ask === undefined ? "" : format(ask - bid),
      timestamp: String(listing.bookMillis)
    }
  })

export const resolvedFrame = (listing: Listing) => {
  const winner = (listing.payouts?.[0] ?? 0n) >= (listing.payouts?.[1] ?? 0n) ? 0 : 1
  return {
    event_type: "market_resolved",
    id: listing.gammaId,
    market: listing.conditionId,
    assets_ids: listing.tokens,
    winning_asset_id: listing.tokens[winner],
    winning_outcome: listing.outcomes[winner],
    event_message: { id: "1", ticker: listing.slug, slug: listing.slug, title: listing.question, description: "" },
    timestamp: String(listing.resolvedMillis ?? 0),
    tags: []
  }
}
