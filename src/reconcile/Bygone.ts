import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { instrumentKey } from "../domain/Market.ts"
import type { Mode } from "../domain/Order.ts"
import { type FillRecord, Ledger } from "../persist/Ledger.ts"

/** For how long after a trade the venue may go on showing what there was before it, in milliseconds: it keeps balances in a cache. */
const LAG_MILLIS = 120_000

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
export const moves = Effect.fn("Reconcile.moves")(function* (mode: Mode) {
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
export const combined = (amounts: ReadonlyArray<bigint>): ReadonlyArray<bigint> => {
  if (amounts.length > MOST_COMBINED) return [...amounts, amounts.reduce((sum, amount) => sum + amount, 0n)]
  let all = [0n]
  for (const amount of amounts) all = [...all, ...all.map((sum) => sum + amount)]
  return all.slice(1)
}
