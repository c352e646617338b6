import type { BookSnapshot } from "../domain/Book.ts"
import { floorTo, format, Price, Shares, UNIT } from "../domain/Money.ts"
import type { Order, Side } from "../domain/Order.ts"
import type { Instruction, PlanLimits } from "../domain/Plan.ts"
import { notionalAt } from "../domain/Reserve.ts"
import {
  type FeeBound,
  hasLeastNotional,
  MIN_TAKER_NOTIONAL,
  type Sized,
  sharesAt,
  smallestSize,
  type Unsizable
} from "../domain/Sizing.ts"
import type { Account } from "./Account.ts"
import type { Reason } from "./Reasons.ts"

/** Micro-shares up to which a double counts exactly, with room to add: the matching core counts in doubles. */
const MOST_SHARES = Shares(9_000_000_000n * UNIT)

const within = (value: bigint, tick: Price): boolean => value >= tick && value <= UNIT - tick

/** What is wrong with a limit price on that grid; the nearest prices that would do are named. */
export const priceFault = (limit: Price, tick: Price): Reason | undefined => {
  if (!within(limit, tick))
    return {
      code: "PRICE_OUT_OF_RANGE",
      message: `${format(limit)} is outside ${format(tick)} to ${format(UNIT - tick)}; the nearest valid price is ${format(limit < tick ? tick : UNIT - tick)}`
    }
  const below = floorTo(limit, tick)
  if (below === limit) return undefined
  const near = [below, below + tick].filter((value) => within(value, tick)).map(format)
  return {
    code: "PRICE_OFF_TICK",
    message: `${format(limit)} is not a multiple of the market's tick ${format(tick)}; the nearest valid ${near.length === 1 ? "price is" : "prices are"} ${near.join(" and ")}`
  }
}

/** The price that the other rules judge by: the limit, or the nearest valid one inside it; none when it is out of range. */
export const judgedPrice = (side: Side, limit: Price, tick: Price): Price | undefined => {
  if (!within(limit, tick)) return undefined
  const below = floorTo(limit, tick)
  if (below === limit) return limit
  const inside = side === "BUY" ? below : below + tick
  return within(inside, tick) ? Price(inside) : undefined
}

const smallest = (instruction: Instruction, marketable: boolean, bound: FeeBound, minSize: Shares): string =>
  `the smallest valid size is ${format(smallestSize(instruction, marketable, bound, minSize))} ${instruction.sizeUnit}`

/** Why no order can be made of the size, with the smallest size of which one can. */
export const unsizable = (
  instruction: Instruction,
  fault: Unsizable,
  marketable: boolean,
  bound: FeeBound,
  minSize: Shares
): Reason =>
  fault.code === "SIZE_UNIT_UNSUPPORTED"
    ? fault
    : { code: fault.code, message: `${fault.message}; ${smallest(instruction, marketable, bound, minSize)}` }

/** The venue's least and our largest sizes. `instruction.price` is the judged price. */
export const sizeFaults = (
  instruction: Instruction,
  { quantity }: Sized,
  marketable: boolean,
  bound: FeeBound,
  minSize: Shares
): ReadonlyArray<Reason> => {
  const reasons: Array<Reason> = []
  const shares = sharesAt(instruction.price, quantity)
  const notional = notionalAt(instruction.price, quantity)
  if (shares < minSize)
    reasons.push({
      code: "SIZE_BELOW_MINIMUM",
      message: `${format(shares)} shares, the market takes ${format(minSize)} or more; ${smallest(instruction, marketable, bound, minSize)}`
    })
  if (hasLeastNotional(instruction, marketable) && notional < MIN_TAKER_NOTIONAL)
    reasons.push({
      code: "NOTIONAL_BELOW_MINIMUM",
      message: `${format(notional)} USDC, a BUY that meets the book at once must come to ${format(MIN_TAKER_NOTIONAL)}; ${smallest(instruction, marketable, bound, minSize)}`
    })
  if (shares > MOST_SHARES)
    reasons.push({
      code: "SIZE_TOO_LARGE",
      message: `${format(shares)} shares, at most ${format(MOST_SHARES)} can be ordered`
    })
  return reasons
}

/** The plan's own limits on the orders it may become. */
export const limitFaults = (
  limits: PlanLimits,
  account: Account,
  notional: bigint | undefined
): ReadonlyArray<Reason> => {
  const reasons: Array<Reason> = []
  const { maxNotional, maxOrderNotional, maxOrders } = limits
  if (notional !== undefined && maxOrderNotional !== undefined && notional > maxOrderNotional)
    reasons.push({
      code: "MAX_ORDER_NOTIONAL",
      message: `${format(notional)} USDC, the plan allows ${format(maxOrderNotional)} for one order`
    })
  if (notional !== undefined && maxNotional !== undefined && account.notional() + notional > maxNotional)
    reasons.push({
      code: "MAX_NOTIONAL",
      message: `${format(notional)} USDC on top of ${format(account.notional())}, the plan allows ${format(maxNotional)} for all its orders`
    })
  if (maxOrders !== undefined && account.orders() + 1 > maxOrders)
    reasons.push({ code: "MAX_ORDERS", message: `the plan allows ${maxOrders} orders` })
  return reasons
}

/** Whether the market is quoted too widely for the plan. A side that shows nothing counts as 0, or as 1. */
export const spreadFault = ({ maxSpread }: PlanLimits, { asks, bids }: BookSnapshot): Reason | undefined => {
  if (maxSpread === undefined) return undefined
  const [bid, ask] = [bids[0]?.price ?? 0n, asks[0]?.price ?? UNIT]
  return ask - bid <= maxSpread
    ? undefined
    : {
        code: "MAX_SPREAD",
        message: `bid ${format(bid)} and ask ${format(ask)} are ${format(ask - bid)} apart, the plan allows ${format(maxSpread)}`
      }
}

/** The shortest lifetime that a venue keeps by itself, should nobody be left to cancel the order (venue: order types). */
const LEAST_LIFETIME_SECONDS = 120

/** Whether an order at a real venue would outlive its lifetime if this process ended. */
export const lifetimeFault = ({ lifetimeSeconds }: Instruction): Reason | undefined =>
  lifetimeSeconds === undefined || lifetimeSeconds >= LEAST_LIFETIME_SECONDS
    ? undefined
    : {
        code: "LIFETIME_TOO_SHORT",
        message: `${lifetimeSeconds} s, at a real venue a lifetime is ${LEAST_LIFETIME_SECONDS} s or more: with less, nothing but this process could end the order`
      }

const free = (left: bigint): string => `${format(left > 0n ? left : 0n)} ${left === UNIT ? "is" : "are"}`

/** Whether the account can pay for the order, or has what it sells. */
export const fundsFault = (order: Order, account: Account): Reason | undefined => {
  if (order.side === "SELL") {
    const { held, reserved } = account.holding(order)
    const wanted = order.quantity._tag === "Shares" ? order.quantity.shares : 0n
    return wanted <= held - reserved
      ? undefined
      : {
          code: "INSUFFICIENT_SHARES",
          message: `needs ${format(wanted)} ${order.outcome}, ${free(held - reserved)} free: ${format(held)} held, ${format(reserved)} reserved`
        }
  }
  const notional = notionalAt(order.price, order.quantity)
  const needed = notional + order.worstFee
  const reserved = account.reserved()
  return needed <= account.cash - reserved
    ? undefined
    : {
        code: "INSUFFICIENT_CASH",
        message: `needs ${format(needed)} USDC (${format(notional)} and up to ${format(order.worstFee)} of fees), ${free(account.cash - reserved)} free: ${format(account.cash)} in cash, ${format(reserved)} reserved`
      }
}

/** The own order that would be on the other side. */
export const selfCross = (order: Order, own: Order): Reason => ({
  code: "SELF_CROSS",
  message:
    `${order.side} ${order.outcome} at ${format(order.price)} would trade with your own ${own.side} ${own.outcome} at ` +
    `${format(own.price)} (${own.planId === order.planId ? `instruction ${own.instruction + 1} of this plan` : `order ${own.id} of plan ${own.planId}`})`
})
