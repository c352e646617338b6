import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BookSnapshot, DataFault } from "../domain/Book.ts"
import type { MarketDataUnavailable } from "../domain/Failure.ts"
import type { ConditionId, Market } from "../domain/Market.ts"

/** A source as the operator names it: the venue, the simulation, or a recorded file or folder. */
export type Source =
  | { readonly _tag: "Live" }
  | { readonly _tag: "Sim" }
  | { readonly _tag: "File"; readonly path: string }

/** `live`, `sim` or `file:PATH`, as on the command line and on `Market.source`. */
export const source = (text: string): Option.Option<Source> =>
  text === "live"
    ? Option.some({ _tag: "Live" })
    : text === "sim"
      ? Option.some({ _tag: "Sim" })
      : text.startsWith("file:") && text.length > 5
        ? Option.some({ _tag: "File", path: text.slice(5) })
        : Option.none()

/** Why an id leads to no market one could trade: a definite answer of the source, in words. */
export interface UnknownMarket {
  readonly id: string
  readonly reason: string
}

/** Markets and books, wherever they come from. Every look-up takes many at once, so that a source can batch. */
export class MarketData extends Context.Tag("betteroms/layers/MarketData")<
  MarketData,
  {
    /**
     * Market records by slug, numeric id or condition id; every id asked for is a key of the answer.
     * Fails when the source gives no usable answer at all: after its retries, or on a record it cannot read.
     */
    readonly markets: (
      ids: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyMap<string, Either.Either<Market, UnknownMarket>>, MarketDataUnavailable>
    /** The displayed book of each market now, by condition id; a book that contradicts itself is a fault, never a fill. */
    readonly books: (
      markets: ReadonlyArray<Market>
    ) => Effect.Effect<ReadonlyMap<ConditionId, Either.Either<BookSnapshot, DataFault>>, MarketDataUnavailable>
  }
>() {}
