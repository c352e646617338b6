import * as Effect from "effect/Effect"
import type { Mode, OrderState } from "../domain/Order.ts"
import type { Statement } from "../layers/Venue.ts"
import { Ledger, type OrderRecord } from "../persist/Ledger.ts"
import { newsOf } from "./LookAfter.ts"

/** What of a venue's statement is ours. */
export interface Listened {
  /** Our orders that it speaks of, by their ids at the venue, as they stood before. */
  readonly ours: ReadonlyMap<string, OrderRecord>
  /** Those that have trades, as they are now. */
  readonly told: ReadonlyMap<string, OrderState>
  /** How many trades are not ours. */
  readonly foreign: number
}

/** Books what a statement's trades mean to our orders, finished ones too. */
export const listen = Effect.fn("Reconcile.listen")(function* (
  mode: Mode,
  { matches, resting }: Statement,
  atMillis: number
) {
  const ledger = yield* Ledger
  const hashes = new Set([
    ...matches.flatMap((match) => [match.takerOrderId, ...match.makers.map((maker) => maker.externalOrderId)]),
    ...resting.map((order) => order.externalOrderId)
  ])
  const found = yield* ledger.orders({ mode, externalIds: [...hashes] })
  const ours = new Map(
    found.flatMap((order) => (order.externalOrderId === undefined ? [] : [[order.externalOrderId, order] as const]))
  )
  const { foreign, news } = newsOf(matches, ours, atMillis)
  const told = news.length === 0 ? new Map<string, OrderState>() : yield* ledger.hear(mode, news)
  return { ours, told, foreign } satisfies Listened
})

/** Whether a statement tells more of trades than the one before it. */
export const tellsMore = (before: Statement, after: Statement): boolean => {
  const known = new Set(before.matches.map(({ stage, tradeId }) => `${tradeId} ${stage}`))
  return after.matches.some(({ stage, tradeId }) => !known.has(`${tradeId} ${stage}`))
}
