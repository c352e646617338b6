import { type Instrument, instrumentKey } from "../domain/Market.ts"
import { Shares, Usd, ZERO_SHARES } from "../domain/Money.ts"
import { type Order, remaining } from "../domain/Order.ts"
import { notionalAt, reservedCash } from "../domain/Reserve.ts"
import type { Facts } from "./Facts.ts"

interface Holding {
  readonly held: bigint
  readonly reserved: bigint
}

/** The account as the orders approved so far leave it: what is held for good, what of it is spoken for. */
export interface Account {
  readonly cash: Usd
  readonly reserved: () => Usd
  readonly holding: (at: Instrument) => { readonly held: Shares; readonly reserved: Shares }
  /** Notional and number of the plan's orders. */
  readonly notional: () => Usd
  readonly orders: () => number
  /** Reserves what an approved order can take. */
  readonly commit: (order: Order) => void
}

/** The account before the first decision: cash and shares less what own open orders can still take. */
export const open = (facts: Pick<Facts, "cash" | "positions" | "unfinalShares" | "exposed" | "already">): Account => {
  const holdings = new Map<string, Holding>()
  let reserved = 0n
  let notional: bigint = facts.already?.notional ?? 0n
  let orders = facts.already?.orders ?? 0

  const at = (key: string): Holding => holdings.get(key) ?? { held: 0n, reserved: 0n }
  const hold = (key: string, shares: bigint) => {
    const known = at(key)
    holdings.set(key, { ...known, reserved: known.reserved + shares })
  }

  for (const position of facts.positions) {
    const key = instrumentKey(position)
    const known = at(key)
    holdings.set(key, { ...known, held: known.held + position.qty })
  }
  for (const [key, shares] of facts.unfinalShares) {
    const known = at(key)
    holdings.set(key, { ...known, held: known.held - shares })
  }
  for (const state of facts.exposed) {
    reserved += reservedCash(state)
    if (state.order.side === "SELL") hold(instrumentKey(state.order), remaining(state))
  }

  return {
    cash: facts.cash,
    reserved: () => Usd(reserved),
    holding: (instrument) => {
      const known = at(instrumentKey(instrument))
      return { held: Shares(known.held), reserved: Shares(known.reserved) }
    },
    notional: () => Usd(notional),
    orders: () => orders,
    commit: (order) => {
      const worth = notionalAt(order.price, order.quantity)
      notional += worth
      orders += 1
      if (order.side === "BUY") reserved += worth + order.worstFee
      else hold(instrumentKey(order), order.quantity._tag === "Shares" ? order.quantity.shares : ZERO_SHARES)
    }
  }
}
