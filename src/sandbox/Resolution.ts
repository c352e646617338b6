import type { Payouts } from "../domain/Market.ts"
import type { Price } from "../domain/Money.ts"
import { format, UNIT } from "../domain/Money.ts"
import * as Engine from "./Engine.ts"
import type { House } from "./House.ts"
import * as Journal from "./Journal.ts"
import * as Ladder from "./Ladder.ts"
import type { Listing } from "./Listing.ts"
import { pairsOf } from "./Matching.ts"
import * as Settlement from "./Settlement.ts"
import * as Wallet from "./Wallet.ts"

const wallets = (house: House) => [...house.accounts.values()].flatMap(({ wallets }) => [...wallets.values()])

/** Every holder of the market's outcomes is paid, and the shares are gone. */
export const redeem = (house: House, listing: Listing, now: number): void => {
  const { payouts, tokens } = listing
  if (payouts === undefined) return
  for (const wallet of wallets(house)) {
    for (const outcome of [0, 1] as const) {
      const shares = Wallet.balance(wallet, tokens[outcome])
      if (shares <= 0n) continue
      const paid = (shares * payouts[outcome]) / UNIT
      Settlement.credit(house, wallet, tokens[outcome], -shares, now, "redeemed")
      Settlement.credit(house, wallet, Wallet.CASH, paid, now, "redeemed")
      const pairs = pairsOf(listing)
      house.nobody.set(pairs, (house.nobody.get(pairs) ?? 0n) - paid)
    }
  }
}

/** The market is over: resting orders leave the book, trades settle, and winners are paid where that goes by itself. */
export const resolve = (house: House, listing: Listing, payouts: Payouts, now: number): void => {
  if (listing.payouts !== undefined) return
  for (const order of [...house.live]) {
    if (order.listing === listing) Engine.cancel(house, order, "CANCELED_MARKET_RESOLVED", "resolved", now)
  }
  for (const trade of house.trades.values()) if (trade.listing === listing) Settlement.confirm(house, trade, now)
  listing.accepting = false
  listing.payouts = payouts
  listing.resolvedMillis = now
  listing.ladder = Ladder.make(listing.tick)
  Journal.enter(house.journal, now, {
    kind: "resolved",
    market: listing.conditionId,
    payouts: payouts.map(format)
  })
  house.ears.resolved(listing)
  if (house.rules.autoRedeem) redeem(house, listing, now)
}

/** The grid becomes another one; orders at prices that it does not have are cancelled. */
export const setTick = (house: House, listing: Listing, tick: Price, now: number): void => {
  const before = listing.ladder.book.tick
  if (BigInt(before) === tick) return
  const dropped = [...house.live].filter((order) => order.listing === listing && order.price % tick !== 0n)
  for (const order of dropped) Engine.cancel(house, order, "CANCELED", "tick", now)
  listing.ladder = Ladder.regrid(listing.ladder, tick).ladder
  Journal.enter(house.journal, now, { kind: "tick", market: listing.conditionId, tick: format(tick) })
  house.ears.tick(listing, before)
  Engine.changed(house, listing, now)
}
