import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { format } from "../src/domain/Money.ts"
import { isTerminal } from "../src/domain/Order.ts"
import { type FillRecord, Ledger, type OrderRecord } from "../src/persist/Ledger.ts"
import type { Sandbox } from "../src/sandbox/Sandbox.ts"
import { CASH } from "../src/sandbox/Wallet.ts"
import { keyOf, type Part, partsOf } from "./Truth.ts"
import { slipped } from "./Witness.ts"

const nameOf = ({ order }: OrderRecord) => `${order.planId} #${order.instruction + 1} attempt ${order.attempt}`

/** Statuses in which an order may stand, by how the venue lists it. */
const FITTING: Readonly<Record<string, ReadonlyArray<string>>> = {
  LIVE: ["open", "cancelling"],
  MATCHED: ["filled", "cancelled"],
  CANCELED: ["cancelled", "expired"],
  CANCELED_MARKET_RESOLVED: ["cancelled", "expired"]
}

/**
 * What may never be, not for a moment: an order at the venue that nobody has put on record as sent, or one that rests there
 * and is over here.
 */
export const neverSo = Effect.fn("Chaos.neverSo")(function* (sandbox: Sandbox) {
  const ledger = yield* Ledger
  const orders = yield* ledger.orders({ mode: "live" })
  const byHash = new Map(orders.map((order) => [order.externalOrderId ?? "", order]))
  const found: Array<string> = []
  for (const at of sandbox.house.orders.values()) {
    const order = byHash.get(at.id.toLowerCase())
    if (order === undefined) found.push(`the venue has order ${at.id}, which nobody knows here`)
    else if (order.sentMillis === undefined || order.status === "blocked" || order.status === "rejected")
      found.push(`${nameOf(order)} is ${order.status} here, and the venue has it`)
    else if (at.status === "LIVE" && isTerminal(order.status))
      found.push(`${nameOf(order)} is ${order.status} here, and rests at the venue`)
  }
  return found
})

/** What has not come to rest: orders of unknown fate, trades that may still fail, markets that have not been paid out. */
export const restless = Effect.fn("Chaos.restless")(function* (sandbox: Sandbox) {
  const ledger = yield* Ledger
  const orders = yield* ledger.orders({ mode: "live" })
  const unsettled = orders.filter(
    ({ sentMillis, status }) =>
      status === "unknown" ||
      status === "delayed" ||
      status === "cancelling" ||
      (status === "pending" && sentMillis !== undefined)
  )
  const unfinal = yield* ledger.fills({ mode: "live", unfinal: true })
  const unpaid = (yield* ledger.positions("live")).filter(
    ({ conditionId, qty }) => qty > 0n && sandbox.house.listings.get(conditionId)?.payouts !== undefined
  )
  return [
    ...unsettled.map(
      (order) =>
        `${nameOf(order)} is still ${order.status}${order.sentMillis === undefined ? "" : ", sent"}: ${order.reasons.join(" / ")}`
    ),
    ...unfinal.map((fill) => `fill ${fill.externalId} of order ${fill.orderId} is not final`),
    ...unpaid.map(({ marketId, outcome, qty }) => `${format(qty)} ${outcome} of ${marketId} have not been paid out`)
  ]
})

/** Whether nothing is left to wait for but orders that were sent and that the venue never saw. */
export const onlyUnknown = Effect.gen(function* () {
  const ledger = yield* Ledger
  const orders = yield* ledger.orders({ mode: "live", statuses: ["unknown", "delayed", "cancelling"] })
  const unfinal = yield* ledger.fills({ mode: "live", unfinal: true })
  return orders.length > 0 && unfinal.length === 0 && orders.every(({ status }) => status === "unknown")
})

const ordersDiffer = (
  sandbox: Sandbox,
  orders: ReadonlyArray<OrderRecord>,
  parts: ReadonlyMap<string, Part>
): ReadonlyArray<string> => {
  const found: Array<string> = []
  const there = new Map([...sandbox.house.orders.values()].map((order) => [order.id.toLowerCase(), order]))
  const good = Arr.groupBy(
    [...parts.values()].filter(({ failed }) => !failed),
    ({ orderId }) => orderId
  )
  const made = new Map<string, number>()
  for (const order of orders) {
    const name = nameOf(order)
    const at = there.get(order.externalOrderId ?? "")
    const own = good[order.externalOrderId ?? ""] ?? []
    const shares = own.reduce((sum, part) => sum + part.shares, 0n)
    const fees = own.reduce((sum, part) => sum + part.fees, 0n)
    if (at !== undefined) {
      const key = `${order.order.planId} ${order.order.instruction}`
      made.set(key, (made.get(key) ?? 0) + 1)
    }
    if (at === undefined && (order.filled > 0n || order.status === "open" || order.status === "filled"))
      found.push(`${name} is ${order.status} with ${format(order.filled)} here, and the venue never had it`)
    if (order.status === "pending") found.push(`${name} is on record and never left`)
    const fitting = at === undefined ? undefined : FITTING[at.status]
    if (fitting !== undefined && !fitting.includes(order.status))
      found.push(`${name} is ${order.status} here and ${at?.status} at the venue`)
    if (order.filled !== shares)
      found.push(`${name}: ${format(order.filled)} filled here, ${format(shares)} at the venue`)
    if (order.fees !== fees) found.push(`${name}: fees ${format(order.fees)} here, ${format(fees)} at the venue`)
  }
  for (const [key, count] of made) if (count > 1) found.push(`${key} became ${count} orders at the venue`)
  return found
}

/** Trade by trade: what each was to each order, and whether it has failed. */
const fillsDiffer = (
  orders: ReadonlyArray<OrderRecord>,
  fills: ReadonlyArray<FillRecord>,
  parts: ReadonlyMap<string, Part>
): ReadonlyArray<string> => {
  const found: Array<string> = []
  const hashes = new Map(orders.map(({ externalOrderId, order }) => [order.id, externalOrderId ?? ""]))
  const ours = Arr.groupBy(fills, ({ externalId = "", orderId }) =>
    keyOf(hashes.get(orderId) ?? "", externalId.split("@")[0] ?? "")
  )
  for (const [key, own] of Object.entries(ours)) {
    const part = parts.get(key)
    const what = `trade ${key}`
    if (part === undefined) {
      found.push(`${what} is on record here, and the venue never had it`)
      continue
    }
    const sum = (of: (fill: FillRecord) => bigint) => own.reduce((total, fill) => total + of(fill), 0n)
    const [shares, notional, fees] = [sum((fill) => fill.shares), sum((fill) => fill.notional), sum((fill) => fill.fee)]
    if (shares !== part.shares) found.push(`${what}: ${format(shares)} here, ${format(part.shares)} at the venue`)
    if (fees !== part.fees) found.push(`${what}: fee ${format(fees)} here, ${format(part.fees)} at the venue`)
    if (part.notional !== undefined && notional !== part.notional)
      found.push(`${what}: for ${format(notional)} here, ${format(part.notional)} at the venue`)
    if (own.some(({ failed }) => failed !== part.failed))
      found.push(`${what} has ${part.failed ? "failed" : "not failed"} at the venue, and here it is the other way`)
  }
  for (const [key, { failed }] of parts)
    if (!failed && ours[key] === undefined) found.push(`trade ${key} of the venue is not on record here`)
  return found
}

/** Cash and every share in the wallet, and what was explained by nothing. */
const holdingsDiffer = Effect.fn("Chaos.holdings")(function* (sandbox: Sandbox) {
  const ledger = yield* Ledger
  const found: Array<string> = []
  const { chain } = sandbox.operator.wallet
  const { cash } = yield* ledger.cash("live")
  if (cash !== (chain.get(CASH) ?? 0n))
    found.push(`cash is ${format(cash)} here and ${format(chain.get(CASH) ?? 0n)} in the wallet`)
  const positions = new Map(
    (yield* ledger.positions("live")).map((held) => [`${held.conditionId} ${held.outcomeIndex}`, held])
  )
  for (const listing of sandbox.house.listings.values()) {
    for (const outcome of [0, 1] as const) {
      const held = chain.get(listing.tokens[outcome]) ?? 0n
      const ours = positions.get(`${listing.conditionId} ${outcome}`)?.qty ?? 0n
      // What lost is written off here, and may stay in the wallet for ever.
      if (ours === 0n && listing.payouts?.[outcome] === 0n) continue
      if (ours !== held)
        found.push(`${listing.slug} ${listing.outcomes[outcome]}: ${format(ours)} here, ${format(held)} in the wallet`)
    }
  }
  const flows = (yield* ledger.flows("live")).filter((flow) => flow.kind === "external" || flow.kind === "transfer")
  for (const flow of flows.slice(1))
    found.push(`a flow of ${format(flow.amount)} that nothing explains: ${flow.reason}`)
  const { stops } = yield* ledger.barriers("live")
  for (const stop of stops) found.push(`trading is stopped: ${stop.reason}`)
  return found
})

/** Every difference between the venue's own journal and the database, in words. */
export const differences = Effect.fn("Chaos.differences")(function* (sandbox: Sandbox) {
  const ledger = yield* Ledger
  const orders = yield* ledger.orders({ mode: "live" })
  const fills = yield* ledger.fills({ mode: "live" })
  const parts = partsOf(sandbox)
  const verdict = yield* ledger.verify()
  return [
    ...(yield* neverSo(sandbox)),
    ...(yield* slipped),
    ...ordersDiffer(sandbox, orders, parts),
    ...fillsDiffer(orders, fills, parts),
    ...(yield* holdingsDiffer(sandbox)),
    ...verdict.checks.flatMap((check) => check.differences.map((difference) => `${check.name}: ${difference}`))
  ]
})
