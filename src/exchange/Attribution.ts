import type { FeeSchedule } from "../domain/Market.ts"
import type { Match } from "../domain/Match.ts"
import { complement, cost, Price, proceeds, Shares, ZERO_USD } from "../domain/Money.ts"
import type { TradeFill } from "../domain/News.ts"
import type { Order } from "../domain/Order.ts"
import { takerFee } from "./Fees.ts"

/** What of an order tells its part in a match. */
export type Party = Pick<Order, "side" | "tokenId"> & { readonly externalOrderId: string }

/** Shares of a match by the price that one side of it sees, in order of first mention. */
type Levels = Map<Price, bigint>

const add = (levels: Levels, price: Price, shares: bigint) => levels.set(price, (levels.get(price) ?? 0n) + shares)

/**
 * What the taker met, price by price. A maker of the other token is seen at 1 less its price. Where the parts are missing
 * or do not come to the taker's size, the trade's own price and size are all there is to go by.
 */
const takerLevels = (match: Match): Levels => {
  const levels: Levels = new Map()
  let total = 0n
  for (const maker of match.makers) {
    const price = maker.tokenId === match.tokenId ? maker.price : complement(maker.price)
    add(levels, price, maker.shares)
    total += maker.shares
  }
  return total === match.shares ? levels : new Map([[match.price, match.shares]])
}

/** What a resting order gave, price by price: always its own, out of its own entries. */
const makerLevels = (match: Match, externalOrderId: string): Levels => {
  const levels: Levels = new Map()
  for (const maker of match.makers) {
    if (maker.externalOrderId === externalOrderId && maker.shares > 0n) add(levels, maker.price, maker.shares)
  }
  return levels
}

/**
 * The fills that a match means to one order: as its taker at the prices of the resting orders it met, with the fee of
 * each price floored by itself, or as one of its makers, free of fees. Empty when the order has no part in it. The trade's
 * top-level fields are the taker's alone, whoever reads them (venue: reading own state). Where no fee schedule is known
 * none is booked: the balance tells.
 */
export const fillsOf = (match: Match, party: Party, fees: FeeSchedule | undefined): ReadonlyArray<TradeFill> => {
  const isTaker = match.takerOrderId === party.externalOrderId
  const levels = isTaker ? takerLevels(match) : makerLevels(match, party.externalOrderId)
  return [...levels].map(([price, shares]) => ({
    externalId: levels.size === 1 ? match.tradeId : `${match.tradeId}@${price}`,
    shares: Shares(shares),
    price: Price(price),
    notional: party.side === "BUY" ? cost(price, shares) : proceeds(price, shares),
    fee: isTaker && fees !== undefined ? takerFee(fees, price, shares) : ZERO_USD,
    liquidity: isTaker ? "taker" : "maker",
    atMillis: match.matchedMillis,
    stage: match.stage
  }))
}

/** Whether an order has a part in a match. */
export const takesPart = (match: Match, externalOrderId: string): boolean =>
  match.takerOrderId === externalOrderId || match.makers.some((maker) => maker.externalOrderId === externalOrderId)
