import * as Effect from "effect/Effect"
import type { BookSnapshot } from "../domain/Book.ts"
import { type ConditionId, instrumentKey } from "../domain/Market.ts"
import { format, Shares, UNIT, Usd } from "../domain/Money.ts"
import type { Mode } from "../domain/Order.ts"
import { empty, type Position } from "../domain/Position.ts"
import type { Statement } from "../layers/Venue.ts"
import { type Flow, Ledger, type Reckoning } from "../persist/Ledger.ts"
import { combined, moves } from "./Bygone.ts"
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

/** Amounts on chain are rounded by the exchange, ours against us: so little between them, in micro-dollars, is no debit. */
const DUST = 100n

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

const isNear = (a: bigint, b: bigint): boolean => (a < b ? b - a : a - b) <= DUST

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
  const isOdd = (holding: Holding) => {
    const theirs = statement.holdings.get(holding.tokenId)
    return theirs !== undefined && theirs !== (positions.get(instrumentKey(holding))?.qty ?? 0n)
  }
  const positions = new Map(held.map((position) => [instrumentKey(position), position]))
  const recent = believed || (gap === 0n && !holdings.some(isOdd)) ? undefined : yield* moves(mode)
  const worth = ({ market, outcomeIndex, ...at }: Holding): bigint =>
    ((positions.get(instrumentKey({ ...at, outcomeIndex }))?.qty ?? 0n) * (market.payouts?.[outcomeIndex] ?? 0n)) / UNIT
  // Shares that are still to be paid for may show after the money does.
  const owed = believed || gap <= 0n ? [] : holdings.filter((holding) => worth(holding) > 0n)
  const isPaid = combined(owed.map(worth)).some((sum) => isNear(gap, sum))
  const isBygone = isPaid || (gap !== 0n && recent?.cash.some((move) => isNear(-gap, move)) === true)
  const bygone = new Set<string>()
  if (isQuiet && gap !== 0n && !isBygone) {
    const reason = options.first
      ? "what the account held when it was first seen"
      : gap > 0n
        ? "credit without an order: a deposit, reward, rebate or redemption"
        : -gap <= DUST
          ? "rounding"
          : "accepted by the operator"
    if (gap > 0n || options.first || options.accept || -gap <= DUST)
      flows.push({ _tag: "Cash", amount: Usd(gap), reason })
  }
  const unexplained = !believed && !isBygone && (isQuiet ? -gap > DUST : unsettled.length === 0 && gap < -low - DUST)
  if (unexplained) {
    stops.push({
      conditionId: undefined,
      outcomeIndex: undefined,
      reason: both("cash without an order is gone", cash, statement.cash)
    })
  }
  for (const holding of holdings) {
    // What pays nothing may stay in the wallet for ever, long after it has been written off here.
    if (holding.market.payouts?.[holding.outcomeIndex] === 0n) continue
    const key = instrumentKey(holding)
    const known = positions.get(key)
    const [ours, theirs] = [known?.qty ?? 0n, statement.holdings.get(holding.tokenId)]
    if (theirs === undefined || theirs === ours || moving.has(key)) continue
    if (recent?.shares(key).includes(ours - theirs)) {
      bygone.add(holding.tokenId)
      continue
    }
    const position = known ?? emptyAt(mode, holding)
    const isNew = known === undefined
    if (isNew || options.first || options.accept) {
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
  return { cash, held, flows, stops, judged: isQuiet, bygone: { cash: isBygone, tokens: bygone }, owed }
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
