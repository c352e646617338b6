import * as Effect from "effect/Effect"
import { format } from "../src/domain/Money.ts"
import { isTerminal } from "../src/domain/Order.ts"
import { Ledger, type OrderRecord } from "../src/persist/Ledger.ts"
import type { Sandbox } from "../src/sandbox/Sandbox.ts"
import { CASH } from "../src/sandbox/Wallet.ts"

/** What the venue has of one order, out of its own trades. */
interface Truth {
  shares: bigint
  fees: bigint
}

const truths = (sandbox: Sandbox): ReadonlyMap<string, Truth> => {
  const found = new Map<string, Truth>()
  const add = (id: string | undefined, shares: bigint, fees: bigint) => {
    if (id === undefined) return
    const one = found.get(id) ?? { shares: 0n, fees: 0n }
    one.shares += shares
    one.fees += fees
    found.set(id, one)
  }
  for (const trade of sandbox.house.trades.values()) {
    if (trade.status === "FAILED") continue
    for (const level of trade.levels) {
      add(trade.taker?.id, level.shares, level.fee)
      for (const made of level.made) add(made.order?.id, made.shares, 0n)
    }
  }
  return found
}

const nameOf = ({ order }: OrderRecord) => `${order.planId} #${order.instruction + 1} attempt ${order.attempt}`

/** Statuses in which an order may stand, by how the venue lists it. */
const FITTING: Readonly<Record<string, ReadonlyArray<string>>> = {
  LIVE: ["open", "cancelling"],
  MATCHED: ["filled", "cancelled"],
  DELAYED: ["delayed"]
}

/** What has not come to rest: orders of unknown fate, trades that may still fail. */
export const restless = Effect.gen(function* () {
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
  return [
    ...unsettled.map(
      (order) =>
        `${nameOf(order)} is still ${order.status}${order.sentMillis === undefined ? "" : ", sent"}: ${order.reasons.join(" / ")}`
    ),
    ...unfinal.map((fill) => `fill ${fill.externalId} of order ${fill.orderId} is not final`)
  ]
})

/** Whether nothing is left to wait for but orders that were sent and that the venue never saw. */
export const onlyUnknown = Effect.gen(function* () {
  const ledger = yield* Ledger
  const orders = yield* ledger.orders({ mode: "live", statuses: ["unknown", "delayed", "cancelling"] })
  const unfinal = yield* ledger.fills({ mode: "live", unfinal: true })
  return orders.length > 0 && unfinal.length === 0 && orders.every(({ status }) => status === "unknown")
})

/** Every difference between the venue's own journal and the database, in words. */
export const differences = Effect.fn("Chaos.differences")(function* (sandbox: Sandbox) {
  const ledger = yield* Ledger
  const found: Array<string> = []
  const orders = yield* ledger.orders({ mode: "live" })
  const byHash = new Map(orders.map((order) => [order.externalOrderId ?? "", order]))
  const there = new Map([...sandbox.house.orders.values()].map((order) => [order.id.toLowerCase(), order]))
  const truth = truths(sandbox)
  for (const id of there.keys()) if (!byHash.has(id)) found.push(`the venue has order ${id}, which nobody knows here`)
  const made = new Map<string, number>()
  for (const order of orders) {
    const name = nameOf(order)
    const at = there.get(order.externalOrderId ?? "")
    const { fees = 0n, shares = 0n } = truth.get(order.externalOrderId ?? "") ?? {}
    if (at !== undefined) {
      const key = `${order.order.planId} ${order.order.instruction}`
      made.set(key, (made.get(key) ?? 0) + 1)
    }
    if (at === undefined && (order.filled > 0n || order.status === "open" || order.status === "filled"))
      found.push(`${name} is ${order.status} with ${format(order.filled)} here, and the venue never had it`)
    if (at !== undefined && ["pending", "blocked", "rejected"].includes(order.status))
      found.push(`${name} is ${order.status} here, and the venue has it as ${at.status}`)
    if (at !== undefined && at.status === "LIVE" && isTerminal(order.status))
      found.push(`${name} is ${order.status} here, and still rests at the venue`)
    const fitting = at === undefined ? undefined : FITTING[at.status]
    if (fitting !== undefined && !fitting.includes(order.status))
      found.push(`${name} is ${order.status} here and ${at?.status} at the venue`)
    if (order.filled !== shares)
      found.push(`${name}: ${format(order.filled)} filled here, ${format(shares)} at the venue`)
    if (order.fees !== fees) found.push(`${name}: fees ${format(order.fees)} here, ${format(fees)} at the venue`)
  }
  for (const [key, count] of made) if (count > 1) found.push(`${key} became ${count} orders at the venue`)
  const { chain } = sandbox.operator.wallet
  const { cash } = yield* ledger.cash("live")
  if (cash !== (chain.get(CASH) ?? 0n))
    found.push(`cash is ${format(cash)} here and ${format(chain.get(CASH) ?? 0n)} in the wallet`)
  const positions = yield* ledger.positions("live")
  const tokens = new Map(orders.map(({ order }) => [`${order.conditionId} ${order.outcomeIndex}`, order.tokenId]))
  for (const position of positions) {
    const token = tokens.get(`${position.conditionId} ${position.outcomeIndex}`) ?? ""
    const held = chain.get(token) ?? 0n
    if (position.qty !== held)
      found.push(
        `${position.marketId} ${position.outcome}: ${format(position.qty)} here, ${format(held)} in the wallet`
      )
  }
  const flows = (yield* ledger.flows("live")).filter((flow) => flow.kind === "external" || flow.kind === "transfer")
  for (const flow of flows.slice(1))
    found.push(`a flow of ${format(flow.amount)} that nothing explains: ${flow.reason}`)
  const { stops } = yield* ledger.barriers("live")
  for (const stop of stops) found.push(`trading is stopped: ${stop.reason}`)
  const verdict = yield* ledger.verify()
  for (const check of verdict.checks)
    for (const difference of check.differences) found.push(`${check.name}: ${difference}`)
  return found
})
