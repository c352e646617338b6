import * as DateTime from "effect/DateTime"
import { format, UNIT } from "../domain/Money.ts"
import { best, lastPrice } from "./BookRecord.ts"
import { gammaCondition, type Listing } from "./Listing.ts"

const decimal = (micro: bigint): number => Number(format(micro))
const iso = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))

const midpoint = (listing: Listing): bigint => {
  const { ask, bid } = best({ listing, outcome: 0 })
  return bid === undefined || ask === undefined ? UNIT / 2n : (bid + ask) / 2n
}

const pricesOf = (listing: Listing): readonly [string, string] => {
  if (listing.payouts !== undefined) return [format(listing.payouts[0]), format(listing.payouts[1])]
  const mid = midpoint(listing)
  return [format(mid), format(UNIT - mid)]
}

const secondsDelay = (listing: Listing): number => Math.floor(listing.takerDelayMillis / 1000)

/** A market as Gamma describes it: lists are JSON text inside strings, decimals numbers. */
export const gammaRecord = (listing: Listing) => {
  const closed = listing.payouts !== undefined
  const { ask, bid } = best({ listing, outcome: 0 })
  return {
    id: listing.gammaId,
    question: listing.question,
    conditionId: gammaCondition(listing),
    slug: listing.slug,
    endDate: "2030-01-01T00:00:00Z",
    liquidity: "0",
    startDate: "2026-01-01T00:00:00Z",
    outcomes: JSON.stringify(listing.outcomes),
    outcomePrices: JSON.stringify(pricesOf(listing)),
    active: true,
    closed,
    archived: false,
    restricted: false,
    enableOrderBook: true,
    orderPriceMinTickSize: decimal(BigInt(listing.ladder.book.tick)),
    orderMinSize: decimal(listing.minSize),
    ...(listing.version === "v2"
      ? { clobTokenIds: null, positionIds: listing.tokens }
      : { clobTokenIds: JSON.stringify(listing.tokens) }),
    makerBaseFee: 1000,
    takerBaseFee: 1000,
    acceptingOrders: listing.accepting,
    negRisk: listing.negRisk,
    ...(secondsDelay(listing) > 0 ? { secondsDelay: secondsDelay(listing) } : {}),
    ...(bid === undefined ? {} : { bestBid: decimal(bid) }),
    ...(ask === undefined ? {} : { bestAsk: decimal(ask) }),
    ...(bid === undefined || ask === undefined ? {} : { spread: decimal(ask - bid) }),
    ...(listing.lastTrade === undefined ? {} : { lastTradePrice: decimal(lastPrice(listing.lastTrade, 0)) }),
    umaResolutionStatuses: closed ? '["proposed", "resolved"]' : "[]",
    ...(closed ? { [listing.version === "v2" ? "resolutionStatus" : "umaResolutionStatus"]: "resolved" } : {}),
    ...(listing.resolvedMillis === undefined ? {} : { closedTime: iso(listing.resolvedMillis) }),
    feesEnabled: listing.fees.rate > 0n,
    ...(listing.fees.rate > 0n
      ? {
          feeSchedule: {
            exponent: listing.fees.exponent,
            rate: decimal(listing.fees.rate),
            takerOnly: true,
            rebateRate: 0.25
          }
        }
      : {}),
    version: listing.version
  }
}

/** A market as `/clob-markets/{id}` tells it, under the venue's short names; what is absent means no. */
export const clobMarketRecord = (listing: Listing) => ({
  r: null,
  t: listing.tokens.map((token, index) => ({ t: token, o: listing.outcomes[index] })),
  c: listing.conditionId,
  mos: decimal(listing.minSize),
  mts: decimal(BigInt(listing.ladder.book.tick)),
  mbf: 1000,
  tbf: 1000,
  ao: listing.accepting,
  ...(listing.negRisk ? { nr: true } : {}),
  ...(secondsDelay(listing) > 0 ? { sd: secondsDelay(listing) } : {}),
  ...(listing.takerDelayMillis > 0 && secondsDelay(listing) === 0 ? { itode: true } : {}),
  ...(listing.fees.rate > 0n ? { fd: { r: decimal(listing.fees.rate), e: listing.fees.exponent, to: true } } : {}),
  v: listing.version
})

/** The long form of `/markets/{condition id}`. */
export const longRecord = (listing: Listing) => {
  const closed = listing.payouts !== undefined
  return {
    enable_order_book: true,
    active: true,
    closed,
    archived: false,
    accepting_orders: listing.accepting,
    minimum_order_size: decimal(listing.minSize),
    minimum_tick_size: decimal(BigInt(listing.ladder.book.tick)),
    condition_id: listing.conditionId,
    question: listing.question,
    market_slug: listing.slug,
    neg_risk: listing.negRisk,
    seconds_delay: secondsDelay(listing),
    maker_base_fee: 1000,
    taker_base_fee: 1000,
    tokens: listing.tokens.map((token, index) => ({
      token_id: token,
      outcome: listing.outcomes[index],
      price: Number(pricesOf(listing)[index]),
      winner: listing.payouts?.[index] === UNIT
    }))
  }
}
