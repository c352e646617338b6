import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Payouts } from "../../domain/Market.ts"
import * as Money from "../../domain/Money.ts"
import { absentable, Decimal, reading, TextList } from "./Wire.ts"

/**
 * A market as the Gamma API (`gamma-api.polymarket.com/markets`) describes it: the fields that decide something. Lists
 * come as JSON text inside strings, decimals as numbers or texts, booleans may be missing.
 */
export const GammaMarket = Schema.Struct({
  id: Schema.Union(Schema.String, Schema.Number).pipe(
    Schema.transform(Schema.String, { decode: String, encode: String })
  ),
  conditionId: Schema.String,
  slug: absentable(Schema.String),
  question: absentable(Schema.String),
  outcomes: TextList,
  /** Prices of the last trades, and after resolution what each outcome pays. */
  outcomePrices: Schema.optional(Schema.Unknown),
  /** Ids of a v1 market's tokens; null or missing on v2. */
  clobTokenIds: absentable(TextList),
  /** Ids of a v2 market's tokens. Many v1 markets have them too, and no book for them. */
  positionIds: absentable(TextList),
  version: absentable(Schema.String),
  active: absentable(Schema.Boolean),
  closed: absentable(Schema.Boolean),
  archived: absentable(Schema.Boolean),
  acceptingOrders: absentable(Schema.Boolean),
  enableOrderBook: absentable(Schema.Boolean),
  negRisk: absentable(Schema.Boolean),
  orderPriceMinTickSize: Schema.optional(Decimal),
  orderMinSize: Schema.optional(Decimal),
  feesEnabled: absentable(Schema.Boolean),
  feeSchedule: absentable(
    Schema.Struct({
      rate: Schema.optional(Decimal),
      exponent: Schema.optional(Decimal),
      takerOnly: absentable(Schema.Boolean)
    })
  ),
  secondsDelay: Schema.optional(Decimal),
  umaResolutionStatus: absentable(Schema.String),
  resolutionStatus: absentable(Schema.String)
})
export type GammaMarket = typeof GammaMarket.Type

/** Reads one Gamma record. */
export const read = reading(GammaMarket)

const prices = reading(TextList)

const PAYING: ReadonlyArray<Payouts> = [
  [Money.Usd(Money.UNIT), Money.ZERO_USD],
  [Money.ZERO_USD, Money.Usd(Money.UNIT)],
  [Money.Usd(Money.UNIT / 2n), Money.Usd(Money.UNIT / 2n)]
]

/**
 * What each outcome pays, once the record says both that the market is closed and that it is resolved: a price of 1 on a
 * market whose outcome is only proposed, or in dispute, is not yet a payout.
 */
export const payouts = (market: GammaMarket): Payouts | undefined => {
  const status = market.umaResolutionStatus ?? market.resolutionStatus
  if (market.closed !== true || status?.toLowerCase() !== "resolved") return undefined
  const found = Option.all(
    Option.getOrElse(Option.getRight(prices(market.outcomePrices)), () => []).map((text) => Money.parse(text))
  )
  return Option.match(found, {
    onNone: () => undefined,
    onSome: ([first, second]) => PAYING.find((pays) => pays[0] === first && pays[1] === second)
  })
}

/** Why Gamma's record alone keeps new orders out. What it does not say counts as a no. */
export const obstacles = (market: GammaMarket): ReadonlyArray<string> => [
  ...(market.closed === true ? ["closed"] : []),
  ...(market.archived === true ? ["archived"] : []),
  ...(market.active === true ? [] : ["not active"]),
  ...(market.enableOrderBook === true ? [] : ["no order book"]),
  ...(market.acceptingOrders === true ? [] : ["not accepting orders"])
]
