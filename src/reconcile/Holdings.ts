import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type ConditionId, type Instrument, instrumentKey, type Market, type OutcomeIndex } from "../domain/Market.ts"
import type { Mode } from "../domain/Order.ts"
import { MarketData } from "../layers/MarketData.ts"
import { type Statement, Venue } from "../layers/Venue.ts"
import { Ledger } from "../persist/Ledger.ts"
import { inMotion } from "./InMotion.ts"

/** Market records by condition id: from the source, or, where it does not answer, as they were last seen. */
export const recordsOf = Effect.fn("Reconcile.recordsOf")(function* (ids: ReadonlyArray<string>) {
  const data = yield* MarketData
  const ledger = yield* Ledger
  const warnings: Array<string> = []
  const records = new Map<ConditionId, Market>()
  if (ids.length === 0) return { records, warnings }
  const found = yield* Effect.either(data.markets(ids))
  if (Either.isLeft(found)) warnings.push(`markets are as they were last seen: ${found.left.message}`)
  else
    for (const market of found.right.values())
      if (Either.isRight(market)) records.set(market.right.conditionId, market.right)
  const missing = ids.filter((id) => !records.has(id))
  for (const { market } of yield* ledger.snapshots(missing)) records.set(market.conditionId, market)
  return { records, warnings }
})

/** One thing that can be held: a market's outcome and its token. */
export interface Holding extends Instrument {
  readonly market: Market
  readonly tokenId: string
}

export const holdingsOf = (records: ReadonlyMap<ConditionId, Market>): ReadonlyArray<Holding> =>
  [...records.values()].flatMap((market) =>
    ([0, 1] as const).map((outcomeIndex: OutcomeIndex) => ({
      market,
      conditionId: market.conditionId,
      outcomeIndex,
      tokenId: market.tokenIds[outcomeIndex]
    }))
  )

/**
 * Holdings of resolved markets that are gone from the wallet: they have been paid out. The venue is made to look again for
 * those it does not see; what is still on its way there is neither gone nor paid.
 */
export const redeem = Effect.fn("Reconcile.redeem")(function* (
  mode: Mode,
  statement: Statement,
  holdings: ReadonlyArray<Holding>,
  atMillis: number
) {
  const ledger = yield* Ledger
  const venue = yield* Venue
  const held = new Map((yield* ledger.positions(mode)).map((position) => [instrumentKey(position), position.qty]))
  const over = holdings.filter(
    (each) => each.market.payouts !== undefined && (held.get(instrumentKey(each)) ?? 0n) > 0n
  )
  if (over.length === 0) return []
  const { unfinal, unsettled } = yield* inMotion(mode, statement)
  const moving = new Set([...unfinal, ...unsettled.map(({ order }) => order)].map(({ conditionId }) => conditionId))
  const final = over.filter(({ conditionId }) => !moving.has(conditionId))
  // Worthless shares may stay where they are for ever; the winning ones are gone once they are paid.
  const [winning, losing] = Arr.partition(final, (each) => (each.market.payouts?.[each.outcomeIndex] ?? 0n) === 0n)
  const gone = winning.filter(({ tokenId }) => statement.holdings.get(tokenId) === 0n)
  const seen =
    gone.length === 0
      ? undefined
      : yield* venue.statement(mode, {
          tradesAfterMillis: atMillis,
          tokens: gone.map(({ market, tokenId }) => ({ tokenId, version: market.version })),
          fresh: "all"
        })
  const paid = [
    ...gone.filter(({ tokenId }) => seen?.holdings.get(tokenId) === 0n),
    ...losing.filter(({ conditionId }) => !holdsWorth(conditionId, holdings, held))
  ]
  const settled = new Set<ConditionId>()
  for (const { conditionId, market } of paid) {
    if (market.payouts === undefined || settled.has(conditionId)) continue
    if (yield* ledger.settle(mode, conditionId, market.payouts, atMillis)) settled.add(conditionId)
  }
  return [...settled]
})

/** Whether the paying outcome of a market is held as well: then its redemption decides for both. */
const holdsWorth = (
  conditionId: ConditionId,
  holdings: ReadonlyArray<Holding>,
  held: ReadonlyMap<string, bigint>
): boolean =>
  holdings.some(
    (each) =>
      each.conditionId === conditionId &&
      (each.market.payouts?.[each.outcomeIndex] ?? 0n) > 0n &&
      (held.get(instrumentKey(each)) ?? 0n) > 0n
  )
