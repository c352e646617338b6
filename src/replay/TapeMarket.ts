import * as Schema from "effect/Schema"
import type { Market } from "../domain/Market.ts"
import { Micro, PriceText, SharesText } from "../domain/Money.ts"

/**
 * A market as a tape describes it: all that is known of it before anything happens. What came of it (closed, resolved)
 * stands in the rows only, so that no replay can look ahead.
 */
export const TapeMarket = Schema.Struct({
  marketId: Schema.String,
  slug: Schema.String,
  conditionId: Schema.String,
  question: Schema.String,
  outcomes: Schema.Tuple(Schema.String, Schema.String),
  tokenIds: Schema.Tuple(Schema.String, Schema.String),
  /** The tick until the first row that changes it. */
  tick: PriceText,
  minSize: SharesText,
  /** Null where nothing told the fee: then nothing may fill in it. */
  fees: Schema.NullOr(Schema.Struct({ rate: Micro, exponent: Schema.Number })),
  negRisk: Schema.Boolean,
  version: Schema.Literal("v1", "v2"),
  takerDelayMillis: Schema.Number,
  /** Where its record and its rows came from, for people. */
  source: Schema.String
})
export type TapeMarket = typeof TapeMarket.Type

/** An entry of the table: a market and its index. A later entry of the same index takes the place of the earlier one. */
export const Entry = Schema.Struct({ index: Schema.Number, market: TapeMarket })
export type Entry = typeof Entry.Type

/** What a tape keeps of a market record. */
export const fromMarket = (market: Market): TapeMarket => ({
  marketId: market.marketId,
  slug: market.slug,
  conditionId: market.conditionId,
  question: market.question,
  outcomes: market.outcomes,
  tokenIds: market.tokenIds,
  tick: market.tick,
  minSize: market.minSize,
  fees: market.fees ?? null,
  negRisk: market.negRisk,
  version: market.version,
  takerDelayMillis: market.takerDelayMillis,
  source: market.source
})

/** The market record that a replay starts with: open, and with no outcome yet. */
export const toMarket = ({ fees, ...market }: TapeMarket): Market => ({
  ...market,
  fees: fees ?? undefined,
  closedBecause: undefined,
  payouts: undefined
})

/** Whether a name given by a person is one of the market's: condition id, slug, source's id or a token. */
export const isNamed = (market: TapeMarket, name: string): boolean =>
  name === market.slug ||
  name === market.marketId ||
  name.toLowerCase() === market.conditionId.toLowerCase() ||
  market.tokenIds.includes(name)
