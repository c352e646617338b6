import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { instrumentKey } from "../domain/Market.ts"
import type { Mode } from "../domain/Order.ts"
import { type FillRecord, Ledger } from "../persist/Ledger.ts"

/** For how long after a trade the venue may go on showing what there was before it, in milliseconds: it keeps balances in a cache. */
const LAG_MILLIS = 120_000

/** Amounts on chain are rounded by the exchange, ours against us: so little between them, in micro-dollars, is no debit. */
export const DUST = 100n

const isNear = (a: bigint, b: bigint): boolean => (a < b ? b - a : a - b) <= DUST

/** What a fill added to the cash of its account, in micro-dollars. */
const cashOf = ({ fee, notional, side }: FillRecord): bigint => (side === "BUY" ? -(notional + fee) : notional - fee)
const sharesOf = ({ shares, side }: FillRecord): bigint => (side === "BUY" ? shares : -shares)

/** All that the latest of several changes came to: of the last one, the last two, and so on. */
const sums = (changes: ReadonlyArray<bigint>): ReadonlyArray<bigint> => {
  let sum = 0n
  return changes.toReversed().map((change) => {
    sum += change
    return sum
  })
}

/** By how much an account has moved since each of the moments that the venue may still show. */
const moves = Effect.fn("Reconcile.moves")(function* (mode: Mode) {
  const ledger = yield* Ledger
  const sinceMillis = (yield* Clock.currentTimeMillis) - LAG_MILLIS
  const fills = (yield* ledger.fills({ mode, sinceMillis })).filter(({ failed }) => !failed)
  const payouts = (yield* ledger.flows(mode)).filter(
    ({ atMillis, kind }) => kind === "payout" && atMillis >= sinceMillis
  )
  const changes = [
    ...fills.map((fill) => ({ atMillis: fill.atMillis, amount: cashOf(fill) })),
    ...payouts.map(({ amount, atMillis }) => ({ atMillis, amount }))
  ].sort((a, b) => a.atMillis - b.atMillis)
  return {
    cash: sums(changes.map(({ amount }) => amount)),
    shares: (key: string) => sums(fills.filter((fill) => instrumentKey(fill) === key).map(sharesOf))
  }
})

/** So many payouts are tried in every combination; more of them only one by one and all together. */
const MOST_COMBINED = 10

/** What some of several amounts may come to. */
const combined = (amounts: ReadonlyArray<bigint>): ReadonlyArray<bigint> => {
  if (amounts.length > MOST_COMBINED) return [...amounts, amounts.reduce((sum, amount) => sum + amount, 0n)]
  let all = [0n]
  for (const amount of amounts) all = [...all, ...all.map((sum) => sum + amount)]
  return all.slice(1)
}

/** Shares of an instrument as they are here and there, where these differ. */
export interface Difference {
  readonly key: string
  readonly tokenId: string
  readonly ours: bigint
  readonly theirs: bigint
}

/** Which figures of the venue are its memory. */
export interface Bygone {
  readonly cash: boolean
  readonly tokens: ReadonlySet<string>
}

export const NOTHING_BYGONE: Bygone = { cash: false, tokens: new Set() }

/**
 * Tells what the venue only remembers from what differs: its cash, by so much more than ours, is as it was before the latest
 * trades or payouts, or has what is owed for shares that still show; shares are as they were before the latest trades.
 */
export const bygoneIn = Effect.fn("Reconcile.bygoneIn")(function* (
  mode: Mode,
  gap: bigint,
  owed: ReadonlyArray<bigint>,
  differing: ReadonlyArray<Difference>
) {
  if (gap === 0n && differing.length === 0) return NOTHING_BYGONE
  const moved = yield* moves(mode)
  const isPaid = gap > 0n && combined(owed).some((sum) => isNear(gap, sum))
  const old = differing.filter(({ key, ours, theirs }) => moved.shares(key).includes(ours - theirs))
  return {
    cash: isPaid || (gap !== 0n && moved.cash.some((move) => isNear(-gap, move))),
    tokens: new Set(old.map(({ tokenId }) => tokenId))
  } satisfies Bygone
})
