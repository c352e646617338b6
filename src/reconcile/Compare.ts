import * as Effect from "effect/Effect"
import type { BookSnapshot } from "../domain/Book.ts"
import { type ConditionId, instrumentKey } from "../domain/Market.ts"
import { format, Shares, UNIT, Usd } from "../domain/Money.ts"
import type { Mode } from "../domain/Order.ts"
import { empty, type Position } from "../domain/Position.ts"
import type { Statement } from "../layers/Venue.ts"
import { type Flow, Ledger, type Reckoning } from "../persist/Ledger.ts"
import { bygoneIn, DUST, NOTHING_BYGONE } from "./Bygone.ts"
import type { Holding } from "./Holdings.ts"
import { inMotion } from "./InMotion.ts"

const emptyAt = (mode: Mode, { market, outcomeIndex }: Holding): Position =>
  empty({
    marketId: market.marketId,
    conditionId: market.conditionId,
    outcomeIndex,
    outcome: market.outcomes[outcomeIndex],
    mode
  })

/** How far below ours the venue's cash may be while trades are not final: what was sold may not have been paid yet. */
const unpaid = (fills: ReadonlyArray<{ readonly side: string; readonly notional: Usd; readonly fee: Usd }>): bigint =>
  fills.reduce((sum, { fee, notional, side }) => sum + (side === "SELL" ? notional - fee : 0n), 0n)

const both = (what: string, ours: bigint, theirs: bigint) =>
  `${what}: the venue shows ${format(theirs)}, our orders come to ${format(ours)}`

/** What shares would fetch at the best bid there is for them, or pay once their market is resolved; 0 where neither is known. */
const worthOf = (
  { conditionId, market, outcomeIndex }: Holding,
  shares: bigint,
  books: ReadonlyMap<ConditionId, BookSnapshot>
): Usd => {
  const book = books.get(conditionId)
  const [bid, ask] = [book?.bids[0]?.price, book?.asks[0]?.price]
  const mirrored = ask === undefined ? undefined : UNIT - ask
  const price = market.payouts?.[outcomeIndex] ?? (outcomeIndex === 0 ? bid : mirrored) ?? 0n
  return Usd(((shares < 0n ? -shares : shares) * price) / UNIT)
}

/**
 * Compares cash and shares, and says what to book and what to stop at. A figure that was ours before the latest trades is
 * the venue's memory, not a difference: `bygone` tells which, and nothing is made of them.
 */
export const compare = Effect.fn("Reconcile.compare")(function* (
  mode: Mode,
  statement: Statement,
  holdings: ReadonlyArray<Holding>,
  books: ReadonlyMap<ConditionId, BookSnapshot>,
  options: { readonly accept: boolean; readonly first: boolean }
) {
  const ledger = yield* Ledger
  const { cash } = yield* ledger.cash(mode)
  const held = yield* ledger.positions(mode)
  const { moving, unfinal, unsettled } = yield* inMotion(mode, statement)
  const isQuiet = unfinal.length + unsettled.length === 0
  const flows: Array<Flow> = []
  const stops: Array<Reckoning["stops"][number]> = []
  const low = unpaid(unfinal)
  const gap = statement.cash - cash
  const believed = options.first || options.accept
  const positions = new Map(held.map((position) => [instrumentKey(position), position]))
  const qtyOf = (holding: Holding): bigint => positions.get(instrumentKey(holding))?.qty ?? 0n
  const payoutOf = (holding: Holding): bigint =>
    (qtyOf(holding) * (holding.market.payouts?.[holding.outcomeIndex] ?? 0n)) / UNIT
  // Shares that are still to be paid for may show longer than the money for them takes.
  const owed = gap > 0n ? holdings.filter((holding) => payoutOf(holding) > 0n) : []
  const differing = holdings.flatMap((holding) => {
    const [key, ours, theirs] = [instrumentKey(holding), qtyOf(holding), statement.holdings.get(holding.tokenId)]
    // What pays nothing may stay in the wallet for ever, long after it has been written off here.
    const isWorthless = holding.market.payouts?.[holding.outcomeIndex] === 0n
    if (isWorthless || theirs === undefined || theirs === ours || moving.has(key)) return []
    return [{ ...holding, key, ours, theirs }]
  })
  const bygone = believed ? NOTHING_BYGONE : yield* bygoneIn(mode, gap, owed.map(payoutOf), differing)
  if (isQuiet && gap !== 0n && !bygone.cash) {
    const reason = options.first
      ? "what the account held when it was first seen"
      : gap > 0n
        ? "credit without an order: a deposit, reward, rebate or redemption"
        : -gap <= DUST
          ? "rounding"
          : "accepted by the operator"
    if (gap > 0n || believed || -gap <= DUST) flows.push({ _tag: "Cash", amount: Usd(gap), reason })
  }
  const unexplained = !believed && !bygone.cash && (isQuiet ? -gap > DUST : unsettled.length === 0 && gap < -low - DUST)
  if (unexplained) {
    stops.push({
      conditionId: undefined,
      outcomeIndex: undefined,
      reason: both("cash without an order is gone", cash, statement.cash)
    })
  }
  for (const holding of differing) {
    const { key, ours, theirs, tokenId } = holding
    if (bygone.tokens.has(tokenId)) continue
    const known = positions.get(key)
    const position = known ?? emptyAt(mode, holding)
    const isNew = known === undefined
    if (isNew || believed) {
      const reason = options.accept && !isNew ? "accepted by the operator" : "held before it was first traded here"
      const shares = Shares(theirs - ours)
      flows.push({ _tag: "Shares", position, shares, worth: worthOf(holding, shares, books), reason })
      continue
    }
    stops.push({
      conditionId: holding.conditionId,
      outcomeIndex: holding.outcomeIndex,
      reason: both(`${position.outcome} of ${position.marketId}`, ours, theirs)
    })
  }
  return { cash, held, flows, stops, judged: isQuiet, bygone, owed }
})

/** The tokens whose shares do not agree, or may show longer than they are there. */
export const oddTokens = (
  { bygone, flows, owed, stops }: Effect.Effect.Success<ReturnType<typeof compare>>,
  holdings: ReadonlyArray<Holding>
): ReadonlySet<string> => {
  const odd = new Set([
    ...flows.flatMap((flow) => (flow._tag === "Shares" ? [instrumentKey(flow.position)] : [])),
    ...stops.flatMap(({ conditionId, outcomeIndex }) =>
      conditionId === undefined || outcomeIndex === undefined ? [] : [instrumentKey({ conditionId, outcomeIndex })]
    )
  ])
  const tokens = holdings.filter((each) => odd.has(instrumentKey(each))).map(({ tokenId }) => tokenId)
  return new Set([...tokens, ...bygone.tokens, ...owed.map(({ tokenId }) => tokenId)])
}
