import { hash } from "node:crypto"
import { format } from "../domain/Money.ts"
import * as Faults from "./Faults.ts"
import { type House, later } from "./House.ts"
import * as Journal from "./Journal.ts"
import { isOver, type Leg, type Trade, type TradeStatus } from "./Trade.ts"
import * as Wallet from "./Wallet.ts"

const move = (house: House, { amount, asset, wallet }: Leg, at: number, why: string): void => {
  if (amount === 0n) return
  if (wallet === undefined) {
    house.nobody.set(asset, (house.nobody.get(asset) ?? 0n) + amount)
    return
  }
  if (Faults.has(Faults.strike(house, "balance", at), "staleBalance") !== undefined) wallet.stale.add(asset)
  Wallet.move(wallet, asset, amount)
  Journal.enter(house.journal, at, {
    kind: "balance",
    wallet: wallet.address,
    asset,
    change: format(amount),
    balance: format(Wallet.balance(wallet, asset)),
    why
  })
}

/** Legs of one wallet and asset put together. */
const netted = (legs: ReadonlyArray<Leg>): ReadonlyArray<Leg> => {
  const sums = new Map<Wallet.Wallet | undefined, Map<string, bigint>>()
  for (const leg of legs) {
    const of = sums.get(leg.wallet) ?? new Map<string, bigint>()
    of.set(leg.asset, (of.get(leg.asset) ?? 0n) + leg.amount)
    sums.set(leg.wallet, of)
  }
  return [...sums].flatMap(([wallet, of]) => [...of].map(([asset, amount]): Leg => ({ wallet, asset, amount })))
}

/** From the match to the block, what a trade takes of a wallet cannot be used for anything else. */
const commit = (legs: ReadonlyArray<Leg>, sign: 1n | -1n): void => {
  for (const { amount, asset, wallet } of legs) {
    if (wallet !== undefined && amount < 0n) Wallet.commit(wallet, asset, sign * -amount)
  }
}

const advance = (house: House, trade: Trade, status: TradeStatus, at: number, error?: string): void => {
  trade.status = status
  trade.updatedMillis = at
  trade.error = error
  Journal.enter(house.journal, at, { kind: "trade", id: trade.id, status, error })
  house.ears.trade(trade)
}

const hashOf = (trade: Trade, attempt: string): string => `0x${hash("sha256", `${trade.id}:${attempt}`)}`

/** Its transaction is in a block: funds move. */
export const mine = (house: House, trade: Trade, at: number): void => {
  if (trade.mined || isOver(trade)) return
  commit(trade.legs, -1n)
  for (const leg of netted(trade.legs)) move(house, leg, at, `trade ${trade.id}`)
  trade.mined = true
  trade.hash = hashOf(trade, trade.status)
  advance(house, trade, "MINED", at)
}

export const confirm = (house: House, trade: Trade, at: number): void => {
  if (isOver(trade)) return
  mine(house, trade, at)
  advance(house, trade, "CONFIRMED", at)
}

/** Its transaction has failed for good: what it had taken comes back. */
export const fail = (house: House, trade: Trade, at: number, error = "execution reverted"): void => {
  if (isOver(trade)) return
  if (trade.mined) {
    for (const leg of netted(trade.legs)) move(house, { ...leg, amount: -leg.amount }, at, `trade ${trade.id} failed`)
  } else commit(trade.legs, -1n)
  trade.mined = false
  advance(house, trade, "FAILED", at, error)
}

/** Its transaction has failed and is sent again, under another hash. */
export const retry = (house: House, trade: Trade, at: number): void => {
  if (isOver(trade) || trade.mined) return
  trade.hash = hashOf(trade, `retry ${at}`)
  advance(house, trade, "RETRYING", at)
}

/** A new match: funds are committed, and the rest follows by itself. */
export const begin = (house: House, trade: Trade, at: number): void => {
  const { confirmedMillis, minedMillis } = house.rules
  house.trades.set(trade.id, trade)
  commit(trade.legs, 1n)
  Journal.enter(house.journal, at, Journal.matched(trade))
  house.ears.trade(trade)
  later(house, at, minedMillis, (mined) => {
    const { fate } = trade
    if (fate._tag === "Stuck") return retry(house, trade, mined)
    if (fate._tag === "Fails" && fate.after === "MATCHED") return fail(house, trade, mined)
    mine(house, trade, mined)
    later(house, mined, confirmedMillis, (confirmed) =>
      fate._tag === "Fails" ? fail(house, trade, confirmed) : confirm(house, trade, confirmed)
    )
  })
}

/** The account's orders in a trade, taker first. */
export const ordersOf = ({ levels, taker }: Pick<Trade, "levels" | "taker">) => {
  const made = levels.flatMap((level) => level.made.flatMap(({ order }) => order ?? []))
  return [...(taker === undefined ? [] : [taker]), ...new Set(made)]
}

/** Every trade that can settle is settled now. */
export const settleAll = (house: House, at: number): void => {
  for (const trade of house.trades.values()) if (trade.fate._tag === "Settles") confirm(house, trade, at)
}

/** Funds that come or go by themselves: deposits, rewards, payouts. */
export const credit = (
  house: House,
  wallet: Wallet.Wallet,
  asset: string,
  amount: bigint,
  at: number,
  why: string
): void => {
  move(house, { wallet, asset, amount }, at, why)
}
