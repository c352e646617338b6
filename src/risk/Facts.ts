import type * as Either from "effect/Either"
import type { MarketMemory } from "../domain/Answer.ts"
import type { BookSnapshot, DataFault } from "../domain/Book.ts"
import type { ConditionId, Market } from "../domain/Market.ts"
import type { Shares, Usd } from "../domain/Money.ts"
import type { OrderState } from "../domain/Order.ts"
import type { Position } from "../domain/Position.ts"

/** Why an id leads to no market. */
export interface NoMarket {
  readonly id: string
  readonly reason: string
}

/** All that a decision may know of the world, read under one lock: plain data, of one account in one mode. */
export interface Facts {
  readonly nowMillis: number
  /** By the id the plan uses: slug, numeric id or condition id. */
  readonly markets: ReadonlyMap<string, Either.Either<Market, NoMarket>>
  readonly books: ReadonlyMap<ConditionId, Either.Either<BookSnapshot, DataFault>>
  /** What of those books a simulated venue remembers to be ours already: it goes on showing it. Absent means nothing. */
  readonly ours?: ReadonlyMap<ConditionId, MarketMemory>
  /** Cash of the account, before anything is reserved. */
  readonly cash: Usd
  readonly positions: ReadonlyArray<Position>
  /** By instrument key: shares of those positions whose trade may still fail. They cannot be sold yet. */
  readonly unfinalShares: ReadonlyMap<string, Shares>
  /**
   * Own orders that may still fill: they hold cash and shares and are the other side of a self-cross. An order that is
   * being decided again must not be among them.
   */
  readonly exposed: ReadonlyArray<OrderState>
  /** The instructions to decide now, by their place in the plan, and as which attempt; all others are finished or journalled. */
  readonly attempts: ReadonlyMap<number, number>
  /** What earlier runs of the same plan have placed: it counts against the plan's limits. Absent means nothing. */
  readonly already?: { readonly orders: number; readonly notional: Usd }
}
