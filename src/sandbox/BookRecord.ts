import { hash } from "node:crypto"
import type { OutcomeIndex } from "../domain/Market.ts"
import { format } from "../domain/Money.ts"
import * as Ladder from "./Ladder.ts"
import type { Instrument } from "./Listing.ts"

const levels = (ladder: Ladder.Ladder, outcome: OutcomeIndex, side: "bid" | "ask") =>
  Ladder.levels(ladder, outcome, side)
    .map(({ price, size }) => ({ price: format(price), size: format(size) }))
    .reverse()

/**
 * A book as `GET /book` serves it: the best level last, decimals as text, and in `hash` the SHA-1 of all of it with `hash`
 * empty. Books of v2 markets carry their version.
 */
export const bookRecord = ({ listing, outcome }: Instrument) => {
  const { ladder, lastTrade } = listing
  const record = {
    market: listing.conditionId,
    asset_id: listing.tokens[outcome],
    timestamp: String(listing.bookMillis),
    hash: "",
    bids: levels(ladder, outcome, "bid"),
    asks: levels(ladder, outcome, "ask"),
    min_order_size: format(listing.minSize),
    tick_size: format(BigInt(ladder.book.tick)),
    neg_risk: listing.negRisk,
    last_trade_price: lastTrade === undefined ? "" : format(lastPrice(lastTrade, outcome)),
    ...(listing.version === "v2" ? { version: "v2" } : {})
  }
  return { ...record, hash: hash("sha1", JSON.stringify(record)) }
}

interface Last {
  readonly price: bigint
  readonly outcome: OutcomeIndex
}

/** The price of the last trade as an outcome sees it. */
export const lastPrice = (last: Last, outcome: OutcomeIndex): bigint =>
  last.outcome === outcome ? last.price : 1_000_000n - last.price

/** Best bid and ask of an outcome; undefined where a side is empty. */
export const best = ({ listing, outcome }: Instrument) => ({
  bid: Ladder.levels(listing.ladder, outcome, "bid")[0]?.price,
  ask: Ladder.levels(listing.ladder, outcome, "ask")[0]?.price
})
