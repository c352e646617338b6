import { floorTo, type Price, UNIT } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import { CENT, isImmediate, SHARE_STEP, sharesAt } from "../domain/Sizing.ts"

/** What an order gives and wants, in micro-units: dollars and shares for a BUY, shares and dollars for a SELL. */
export interface Amounts {
  readonly makerAmount: bigint
  readonly takerAmount: bigint
}

/** Decimals that a tick's prices have: 0.01 has 2, 0.0025 has 4. */
const decimalsOf = (tick: Price): number => {
  let decimals = 0
  while (decimals < 6 && tick % 10n ** BigInt(6 - decimals) !== 0n) decimals++
  return decimals
}

/** The venue takes at most 4 decimals of shares from a BUY that spends an amount, whatever the tick. */
const MOST_SHARE_DECIMALS = 4

/** The step of shares bought for an amount: its client keeps two decimals more than prices have. */
const stepOf = (tick: Price): bigint => 10n ** BigInt(6 - Math.min(decimalsOf(tick) + 2, MOST_SHARE_DECIMALS))

/** Rounded down, or asks at the very limit would lie beyond what the signed amounts allow. */
const spending = (usd: bigint, price: Price, tick: Price): Amounts => {
  const makerAmount = floorTo(usd, CENT)
  return { makerAmount, takerAmount: floorTo((makerAmount * UNIT) / price, stepOf(tick)) }
}

/**
 * The two amounts that are signed for an order, whose price lies on the tick's grid.
 *
 * - Shares, in hundredths: the dollars are shares x price, exactly. So BUY and SELL sign the limit itself.
 * - A BUY for an amount (FOK, FAK): whole cents, and the shares they buy at the limit, floored to 4 decimals at most (3 at
 *   tick 0.1). The signed ratio is then the limit or above it by less than one tick, for a dollar (the venue's least) and
 *   more: no price of the grid lies between, so nothing above the limit can fill, and asks at the limit can.
 *
 * Source: `getOrderRawAmounts` and `getMarketOrderRawAmounts` of the venue's client 1.1.0, in integers; and the venue's
 * refusal "the market buy orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals"
 * (Polymarket/py-clob-client-v2 issue 99), which that client runs into on ticks finer than 0.01.
 */
export const amountsOf = (order: Pick<Order, "price" | "quantity" | "side" | "timeInForce">, tick: Price): Amounts => {
  const { price, quantity, side } = order
  const shares = floorTo(sharesAt(price, quantity), SHARE_STEP)
  const usd = (shares * price) / UNIT
  if (side === "SELL") return { makerAmount: shares, takerAmount: usd }
  if (quantity._tag === "Budget") return spending(quantity.usd, price, tick)
  return isImmediate(order) ? spending(usd, price, tick) : { makerAmount: usd, takerAmount: shares }
}
