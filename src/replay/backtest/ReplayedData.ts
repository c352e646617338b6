import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type { BookSnapshot, DataFault } from "../../domain/Book.ts"
import type { ConditionId, Market } from "../../domain/Market.ts"
import { MarketData, type UnknownMarket } from "../../layers/MarketData.ts"
import * as Place from "./Place.ts"
import type { World } from "./World.ts"

const isCalled = ({ conditionId, marketId, slug, tokenIds }: Market, id: string): boolean =>
  slug === id || marketId === id || conditionId.toLowerCase() === id.toLowerCase() || tokenIds.includes(id)

/** Market records and books as they had arrived by the simulated time; what came of a market is not known before it came. */
export const layer = (world: World): Layer.Layer<MarketData> => {
  const known = new Map<string, Place.Place | undefined>()
  const find = (id: string): Place.Place | undefined => {
    if (!known.has(id)) known.set(id, world.place(id) ?? world.places.find(({ market }) => isCalled(market, id)))
    return known.get(id)
  }
  return Layer.succeed(
    MarketData,
    MarketData.of({
      markets: (ids) =>
        Effect.sync(
          () =>
            new Map<string, Either.Either<Market, UnknownMarket>>(
              ids.map((id) => [
                id,
                Either.map(
                  Either.fromNullable(find(id), () => ({ id, reason: "no tape of this run holds it" })),
                  (place) => Place.marketAt(place, world.nowMillis)
                )
              ])
            )
        ),
      books: (markets) =>
        Effect.sync(
          () =>
            new Map<ConditionId, Either.Either<BookSnapshot, DataFault>>(
              markets.map(({ conditionId }) => {
                const place = world.place(conditionId)
                return [
                  conditionId,
                  place === undefined
                    ? Either.left({ conditionId, reason: "no tape of this run holds it" })
                    : Place.snapshot(place, world.nowMillis)
                ]
              })
            )
        )
    })
  )
}
