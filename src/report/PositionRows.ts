import * as Schema from "effect/Schema"
import { format } from "../domain/Money.ts"
import { averagePrice } from "../domain/Position.ts"
import type { MarkedPosition } from "../domain/Report.ts"

/** An element of `positions`. `avgPrice` is rounded for display; `costBasis` is exact. */
export const PositionRow = Schema.Struct({
  marketId: Schema.String,
  conditionId: Schema.String,
  outcome: Schema.String,
  mode: Schema.String,
  qty: Schema.String,
  avgPrice: Schema.String,
  costBasis: Schema.String,
  markPrice: Schema.NullOr(Schema.String),
  realizedPnl: Schema.String,
  unrealizedPnl: Schema.NullOr(Schema.String),
  fees: Schema.String
})
export interface PositionRow extends Schema.Schema.Type<typeof PositionRow> {}

export const positionRow = ({ mark, position, unrealizedPnl }: MarkedPosition): PositionRow => ({
  marketId: position.marketId,
  conditionId: position.conditionId,
  outcome: position.outcome,
  mode: position.mode,
  qty: format(position.qty),
  avgPrice: format(averagePrice(position)),
  costBasis: format(position.costBasis),
  markPrice: mark === undefined ? null : format(mark),
  realizedPnl: format(position.realizedPnl),
  unrealizedPnl: unrealizedPnl === undefined ? null : format(unrealizedPnl),
  fees: format(position.fees)
})
