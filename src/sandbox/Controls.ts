import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Payouts } from "../domain/Market.ts"
import { Price, parse, Shares, UNIT, Usd } from "../domain/Money.ts"
import { LARGEST } from "../exchange/Book.ts"
import * as Engine from "./Engine.ts"
import type { House } from "./House.ts"
import * as Ladder from "./Ladder.ts"
import type { Listing } from "./Listing.ts"
import * as Markets from "./Markets.ts"
import * as Resolution from "./Resolution.ts"
import * as Settlement from "./Settlement.ts"
import type * as Wallet from "./Wallet.ts"

/** What somebody from outside does to the sandbox: done, or why it cannot be. */
export type Done<A = void> = Either.Either<A, string>

/** A book as it is set from outside: price and size as decimal text, in prices of the first outcome, in any order. */
export interface BookText {
  readonly bids: ReadonlyArray<readonly [price: string, size: string]>
  readonly asks: ReadonlyArray<readonly [price: string, size: string]>
}

export const marketOf = (house: House, id: string): Done<Listing> =>
  Either.fromNullable(Markets.find(house, id), () => `no market ${id}`)

export const micro = (text: string): Done<bigint> => Either.fromOption(parse(text), () => `"${text}" is no decimal`)

const levelsOf = ({ ladder }: Listing, rows: BookText["bids"], outward: 1n | -1n): Done<Engine.Shown> =>
  Either.gen(function* () {
    const levels: Array<{ readonly price: Price; readonly size: Shares }> = []
    for (const [at, size] of rows) {
      const [price, shares] = [yield* micro(at), yield* micro(size)]
      if (price <= 0n || price >= UNIT || price % BigInt(ladder.book.tick) !== 0n) {
        return yield* Either.left(`${at} is no price of this market`)
      }
      if (shares <= 0n || shares > BigInt(LARGEST)) return yield* Either.left(`${size} is no size`)
      levels.push({ price: Price(price), size: Shares(shares) })
    }
    return levels.toSorted((a, b) => Number((a.price - b.price) * outward))
  })

/** The liquidity that belongs to nobody becomes this. */
export const setBook = (house: House, id: string, book: BookText, now: number): Done =>
  Either.gen(function* () {
    const listing = yield* marketOf(house, id)
    if (listing.payouts !== undefined) return yield* Either.left(`${id} is resolved`)
    const [bids, asks] = [yield* levelsOf(listing, book.bids, -1n), yield* levelsOf(listing, book.asks, 1n)]
    const [bid, ask] = [bids[0], asks[0]]
    if (bid !== undefined && ask !== undefined && bid.price >= ask.price)
      return yield* Either.left("the book is crossed")
    Engine.show(house, listing, bids, asks, now)
  })

/** All liquidity that belongs to nobody, so many ticks higher; what would leave the grid stays out. */
export const moveBook = (house: House, id: string, ticks: number, now: number): Done =>
  Either.map(marketOf(house, id), (listing) => {
    const { ladder } = listing
    const side = (of: "bid" | "ask"): Engine.Shown =>
      Ladder.indices(ladder, of).flatMap((index) => {
        const at = index + ticks
        const size = Ladder.anonymousAt(ladder, of, index)
        return at < 1 || at >= ladder.book.steps || size === 0
          ? []
          : [{ price: Price(BigInt(at * ladder.book.tick)), size: Shares(BigInt(size)) }]
      })
    Engine.show(house, listing, side("bid"), side("ask"), now)
  })

export const setTick = (house: House, id: string, tick: string, now: number): Done =>
  Either.gen(function* () {
    const listing = yield* marketOf(house, id)
    const to = Option.getOrElse(parse(tick), () => 0n)
    if (to <= 0n || UNIT % to !== 0n) return yield* Either.left(`${tick} is no tick`)
    Resolution.setTick(house, listing, Price(to), now)
  })

export const PAYOUTS = {
  first: [Usd(UNIT), Usd(0n)],
  second: [Usd(0n), Usd(UNIT)],
  void: [Usd(UNIT / 2n), Usd(UNIT / 2n)]
} as const satisfies Readonly<Record<string, Payouts>>

export const resolve = (house: House, id: string, winner: keyof typeof PAYOUTS, now: number): Done =>
  Either.map(marketOf(house, id), (listing) => Resolution.resolve(house, listing, PAYOUTS[winner], now))

export const redeem = (house: House, id: string, now: number): Done =>
  Either.map(marketOf(house, id), (listing) => Resolution.redeem(house, listing, now))

/** Funds that come or go by themselves; orders that they no longer cover leave the book. */
export const credit = (
  house: House,
  wallet: Wallet.Wallet,
  asset: string,
  amount: bigint,
  now: number,
  why = "deposit"
): void => {
  Settlement.credit(house, wallet, asset, amount, now, why)
  if (amount < 0n) Engine.enforce(house, wallet, asset, now)
}

/** Ends a trade that would not end by itself. */
export const finish = (house: House, id: string, as: "CONFIRMED" | "FAILED", now: number): Done =>
  Either.map(
    Either.fromNullable(house.trades.get(id), () => `no trade ${id}`),
    (trade) => (as === "CONFIRMED" ? Settlement.confirm(house, trade, now) : Settlement.fail(house, trade, now))
  )
