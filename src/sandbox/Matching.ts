import { hash } from "node:crypto"
import { uuidOf } from "../domain/Identity.ts"
import { cost, type Price, proceeds, UNIT } from "../domain/Money.ts"
import * as Deficit from "../exchange/Deficit.ts"
import { takerFee } from "../exchange/Fees.ts"
import * as Walk from "../exchange/Walk.ts"
import type { House } from "./House.ts"
import * as Ladder from "./Ladder.ts"
import { type Listing, other } from "./Listing.ts"
import type { Leg, Made, Stranger, TradeLevel } from "./Trade.ts"
import type { VenueOrder } from "./VenueOrder.ts"
import { CASH } from "./Wallet.ts"

/** What a taker wants: an order of an account, or nobody's in particular. */
export type Taking = Pick<VenueOrder, "budget" | "listing" | "outcome" | "price" | "side"> & {
  readonly shares: bigint
}

/** What an order would take of the present book: the walk of `exchange/`, so the sandbox fills exactly as paper does. */
export const walk = (taking: Taking): Walk.Walked => {
  const { budget, listing, shares } = taking
  const { ladder } = listing
  const { limit, opposing } = Ladder.standing(ladder, taking)
  const path: Walk.Path = {
    book: ladder.book,
    cap: undefined,
    shown: ladder.book,
    deficits: Deficit.recall(listing.conditionId, undefined, ladder.book, 0),
    band: "neutral",
    side: opposing,
    reach: limit,
    fraction: Number(UNIT)
  }
  return budget === undefined
    ? Walk.forShares(path, Number(shares))
    : Walk.forBudget(path, budget, (index) => Ladder.priceAt(ladder, index, taking.outcome))
}

/** Notional and fee of what a taker gets at one price. */
const reckon = (taking: Taking, price: Price, shares: bigint): { readonly notional: bigint; readonly fee: bigint } => ({
  notional: taking.side === "BUY" ? cost(price, shares) : proceeds(price, shares),
  fee: takerFee(taking.listing.fees, price, shares)
})

/** What a walk would cost a buyer, fees included, or bring a seller, fees taken off. */
export const reckoned = (taking: Taking, walked: Walk.Walked): { readonly notional: bigint; readonly fee: bigint } => {
  let [notional, fee] = [0n, 0n]
  for (const { index, shares } of walked.takes) {
    const at = reckon(taking, Ladder.priceAt(taking.listing.ladder, index, taking.outcome), BigInt(shares))
    notional += at.notional
    fee += at.fee
  }
  return { notional, fee }
}

/** Somebody whose order nobody here placed. What they are follows from the seed. */
export const stranger = (house: House): Stranger => {
  const key = `${house.rules.seed}:${house.counter++}`
  return {
    orderId: `0x${hash("sha256", `order:${key}`)}`,
    owner: uuidOf("stranger", key),
    address: `0x${hash("sha256", `address:${key}`).slice(0, 40)}`
  }
}

/**
 * What a place in the queue shows of itself in a trade. A resting order of the taker's own outcome is on the other side of
 * it; one of the other outcome is on the same side, at the complementary price (two buys make a pair of shares, two sells
 * end one). Liquidity of nobody is the one or the other by turns, so that both are met.
 */
const madeBy = (house: House, taking: Taking, index: number, { order, shares }: Ladder.Given): Made => {
  const { ladder } = taking.listing
  const crossed = house.counter % 3 === 0
  const outcome = order?.outcome ?? (crossed ? other(taking.outcome) : taking.outcome)
  const opposite = taking.side === "BUY" ? "SELL" : "BUY"
  return {
    order,
    stranger: order === undefined ? stranger(house) : undefined,
    outcome,
    side: outcome === taking.outcome ? opposite : taking.side,
    price: Ladder.priceAt(ladder, index, outcome),
    shares: BigInt(shares)
  }
}

/** Takes what a walk found, level by level; the book is smaller afterwards. */
export const takeLevels = (house: House, taking: Taking, walked: Walk.Walked): ReadonlyArray<TradeLevel> => {
  const { ladder } = taking.listing
  const { opposing } = Ladder.standing(ladder, taking)
  return walked.takes.map(({ index, shares }) => {
    const price = Ladder.priceAt(ladder, index, taking.outcome)
    const made = Ladder.take(ladder, opposing, index, shares).map((given) => madeBy(house, taking, index, given))
    return { price, shares: BigInt(shares), ...reckon(taking, price, BigInt(shares)), made }
  })
}

const legsOf = (
  listing: Listing,
  wallet: VenueOrder["wallet"] | undefined,
  side: "BUY" | "SELL",
  outcome: 0 | 1,
  cash: bigint,
  shares: bigint
): ReadonlyArray<Leg> => {
  const sign = side === "BUY" ? 1n : -1n
  return [
    { wallet, asset: CASH, amount: cash },
    { wallet, asset: listing.tokens[outcome], amount: sign * shares }
  ]
}

/** What stands behind the pairs of a market: a dollar for every pair of its outcomes. */
export const pairsOf = ({ conditionId }: Pick<Listing, "conditionId">): string => `pairs:${conditionId}`

/**
 * The funds that levels move: the taker's notional and fee, each maker's own notional (a buyer's rounded up, a seller's
 * down), a dollar for every pair that comes to be or ends, and what rounding leaves over. Fees and remainders go to nobody
 * in particular, so all of it together is always zero.
 */
export const legs = (
  taking: Taking,
  wallet: VenueOrder["wallet"] | undefined,
  levels: ReadonlyArray<TradeLevel>
): ReadonlyArray<Leg> => {
  const { listing, outcome, side } = taking
  const moved = levels.flatMap((level) => {
    const fee = wallet === undefined ? 0n : level.fee
    const cash = (side === "BUY" ? -level.notional : level.notional) - fee
    return [
      ...legsOf(listing, wallet, side, outcome, cash, level.shares),
      ...level.made.flatMap(({ order, outcome, price, shares, side }) => {
        const cash = side === "BUY" ? -cost(price, shares) : proceeds(price, shares)
        return legsOf(listing, order?.wallet, side, outcome, cash, shares)
      })
    ]
  })
  const sum = (asset: string) => moved.reduce((total, leg) => (leg.asset === asset ? total + leg.amount : total), 0n)
  const pairs = sum(listing.tokens[0])
  return [
    ...moved,
    { wallet: undefined, asset: pairsOf(listing), amount: pairs },
    { wallet: undefined, asset: CASH, amount: -sum(CASH) - pairs }
  ]
}
