import type { Sandbox } from "../src/sandbox/Sandbox.ts"

/** What one trade was to one order, out of the venue's own books. */
export interface Part {
  readonly orderId: string
  readonly tradeId: string
  shares: bigint
  /** Dollars of it and fee; undefined where the order had been resting, and its own prices say it. */
  notional: bigint | undefined
  fees: bigint
  readonly failed: boolean
}

export const keyOf = (orderId: string, tradeId: string): string => `${orderId.toLowerCase()} ${tradeId}`

/** Every order's part in every trade, failed ones too, by the order's hash and the trade's id. */
export const partsOf = (sandbox: Sandbox): ReadonlyMap<string, Part> => {
  const parts = new Map<string, Part>()
  for (const trade of sandbox.house.trades.values()) {
    const part = (order: { readonly id: string } | undefined) => {
      if (order === undefined) return undefined
      const [orderId, key] = [order.id.toLowerCase(), keyOf(order.id, trade.id)]
      const failed = trade.status === "FAILED"
      const found = parts.get(key) ?? { orderId, tradeId: trade.id, shares: 0n, notional: undefined, fees: 0n, failed }
      parts.set(key, found)
      return found
    }
    for (const level of trade.levels) {
      const taken = part(trade.taker)
      if (taken !== undefined) {
        taken.shares += level.shares
        taken.notional = (taken.notional ?? 0n) + level.notional
        taken.fees += level.fee
      }
      for (const made of level.made) {
        const given = part(made.order)
        if (given !== undefined) given.shares += made.shares
      }
    }
  }
  return parts
}
