import type { Answer, Fill, Reply } from "../../domain/Answer.ts"
import { uuidOf } from "../../domain/Identity.ts"
import { type ConditionId, instrumentKey, type Payouts } from "../../domain/Market.ts"
import { format, Shares, Usd } from "../../domain/Money.ts"
import { EXPOSED, type Mode, mayBecome, type OrderState } from "../../domain/Order.ts"
import { answered } from "../../domain/OrderState.ts"
import * as Position from "../../domain/Position.ts"
import type { Cash, FillRecord, FlowRecord, OrderFilter, OrderRecord } from "../Records.ts"

/** Orders, fills, positions and cash of a run that nobody keeps. */
export interface MemoryAccount {
  /** All orders by id, and apart from them those that may still fill: most questions are about these. */
  readonly orders: Map<string, OrderRecord>
  readonly exposed: Map<string, OrderRecord>
  /** Of these, those that have a lifetime. */
  readonly mortal: Map<string, OrderRecord>
  readonly fills: Array<FillRecord>
  readonly positions: Map<string, Position.Position>
  readonly flows: Array<FlowRecord>
}

export const make = (): MemoryAccount => ({
  orders: new Map(),
  exposed: new Map(),
  mortal: new Map(),
  fills: [],
  positions: new Map(),
  flows: []
})

const positionKey = (at: Position.Position | FillRecord): string => `${at.mode} ${instrumentKey(at)}`

const compare = <A>(a: A, b: A): number => (a < b ? -1 : a > b ? 1 : 0)

const bySequence = ({ order: a }: OrderRecord, { order: b }: OrderRecord): number =>
  a.placedMillis - b.placedMillis ||
  compare(a.planId, b.planId) ||
  a.instruction - b.instruction ||
  a.attempt - b.attempt

const byMarket = (a: Position.Position, b: Position.Position): number =>
  compare(a.mode, b.mode) ||
  compare(a.marketId, b.marketId) ||
  compare(a.conditionId, b.conditionId) ||
  a.outcomeIndex - b.outcomeIndex

/** Puts an order where it stands now. */
export const put = (account: MemoryAccount, record: OrderRecord): void => {
  account.orders.set(record.order.id, record)
  const { exposed, mortal } = account
  if (EXPOSED.includes(record.status)) {
    exposed.set(record.order.id, record)
    if (record.order.cancelAfterMillis !== undefined) mortal.set(record.order.id, record)
  } else {
    exposed.delete(record.order.id)
    mortal.delete(record.order.id)
  }
}

const passes = (record: OrderRecord, filter: OrderFilter): boolean => {
  const { order, status } = record
  const due = order.cancelAfterMillis
  return (
    (filter.mode === undefined || order.mode === filter.mode) &&
    (filter.planId === undefined || order.planId === filter.planId) &&
    (filter.conditionId === undefined || order.conditionId === filter.conditionId) &&
    (filter.marketId === undefined || order.marketId === filter.marketId) &&
    (filter.statuses === undefined || filter.statuses.includes(status)) &&
    (filter.dueBefore === undefined || (due !== undefined && due <= filter.dueBefore))
  )
}

/** By time placed, then plan, instruction and attempt. */
export const orders = (account: MemoryAccount, filter: OrderFilter): ReadonlyArray<OrderRecord> => {
  const onlyExposed = filter.statuses?.every((status) => EXPOSED.includes(status)) ?? false
  const isDue = filter.dueBefore !== undefined
  // A backtest looks for due orders after every fill.
  const from = !onlyExposed ? account.orders : isDue ? account.mortal : account.exposed
  const found = filter.ids === undefined ? from.values() : filter.ids.flatMap((id) => from.get(id) ?? [])
  const passed: Array<OrderRecord> = []
  for (const record of found) if (passes(record, filter)) passed.push(record)
  return passed.sort(bySequence)
}

/** Everything that was ever held, sold out or not. */
export const positions = (account: MemoryAccount, mode: Mode | undefined): ReadonlyArray<Position.Position> =>
  [...account.positions.values()].filter((each) => mode === undefined || each.mode === mode).sort(byMarket)

const sum = (amounts: Iterable<bigint>): bigint => {
  let total = 0n
  for (const amount of amounts) total += amount
  return total
}

/** Opening, adjustments and external flows, and the cash flow of every position less its fees. */
export const cash = (account: MemoryAccount, mode: Mode): Cash => {
  const own = account.flows.filter((flow) => flow.mode === mode)
  const held = positions(account, mode)
  const payouts = sum(own.map((flow) => (flow.kind === "payout" ? flow.amount : 0n)))
  const flows = sum(own.map((flow) => flow.amount)) - payouts
  const cashFlow = sum(held.map((position) => position.cashFlow))
  const fees = sum(held.map((position) => position.fees))
  return {
    flows: Usd(flows),
    trading: Usd(cashFlow - payouts),
    payouts: Usd(payouts),
    fees: Usd(fees),
    cash: Usd(flows + cashFlow - fees)
  }
}

const settingsOf = (account: MemoryAccount, mode: Mode) =>
  account.flows.filter((flow) => flow.mode === mode && (flow.kind === "opening" || flow.kind === "adjustment"))

/** Opening balance and its adjustments. */
export const balance = (account: MemoryAccount, mode: Mode): Usd =>
  Usd(sum(settingsOf(account, mode).map((flow) => flow.amount)))

/** Sets the opening balance, or adjusts it to what is configured now. */
export const bookBalance = (account: MemoryAccount, mode: Mode, configured: Usd, atMillis: number): void => {
  const settings = settingsOf(account, mode)
  const amount = configured - balance(account, mode)
  if (settings.length > 0 && amount === 0n) return
  account.flows.push({
    id: uuidOf("balance", mode, `${settings.length}`),
    mode,
    kind: settings.length === 0 ? "opening" : "adjustment",
    amount: Usd(amount),
    conditionId: undefined,
    outcomeIndex: undefined,
    shares: undefined,
    reason: "configured balance",
    atMillis
  })
}

const book = (account: MemoryAccount, state: OrderState, filledBefore: bigint, fill: Fill): void => {
  const { order } = state
  const { conditionId, marketId, mode, outcome, outcomeIndex, planId, side } = order
  const at = { marketId, conditionId, outcomeIndex, outcome, mode }
  const record: FillRecord = {
    ...fill,
    ...at,
    id: uuidOf("execution", order.id, `${filledBefore}`),
    orderId: order.id,
    planId,
    side,
    failed: false
  }
  account.fills.push(record)
  const key = positionKey(record)
  account.positions.set(key, Position.fill(account.positions.get(key) ?? Position.empty(at), side, fill))
}

/** What the answer makes of the order; in words, where no order could have had it. */
const possible = (from: OrderState, answer: Answer): OrderState | string => {
  const to = answered(from, answer)
  const { id, quantity } = from.order
  const within = quantity._tag === "Shares" ? to.filled <= quantity.shares : to.notional <= quantity.usd
  const moves = mayBecome(from.status, to.status) || (from.status === to.status && answer.fills.length === 0)
  if (within && moves && answer.fills.every((fill) => fill.shares > 0n)) return to
  return `order ${id}: ${from.status} (${format(from.filled)} filled) may not become ${to.status} (${format(to.filled)} filled)`
}

/** What writing a reply came to. */
export type Written =
  | { readonly _tag: "Kept"; readonly after: ReadonlyMap<string, OrderState> }
  | { readonly _tag: "MovedOn" }
  | { readonly _tag: "Impossible"; readonly why: string }

/**
 * Writes answers, all of them or none: orders, fills and positions. An order that no longer stands as in `before` has
 * moved on; an answer that no order could have had is impossible.
 */
export const append = (account: MemoryAccount, reply: Reply, before: ReadonlyMap<string, OrderState>): Written => {
  const after = new Map<string, OrderState>()
  const entries: Array<{ readonly from: OrderState; readonly to: OrderState; readonly answer: Answer }> = []
  for (const answer of reply.answers) {
    const from = after.get(answer.orderId) ?? before.get(answer.orderId)
    if (from === undefined)
      return { _tag: "Impossible", why: `an answer to ${answer.orderId}, which nobody asked about` }
    const kept = account.orders.get(answer.orderId)
    const known = before.get(answer.orderId)
    if (kept?.status !== known?.status || kept?.filled !== known?.filled) return { _tag: "MovedOn" }
    const to = possible(from, answer)
    if (typeof to === "string") return { _tag: "Impossible", why: to }
    after.set(answer.orderId, to)
    entries.push({ from, to, answer })
  }
  for (const { answer, from, to } of entries) {
    let filled: bigint = from.filled
    for (const fill of answer.fills) {
      book(account, from, filled, fill)
      filled += fill.shares
    }
    const externalOrderId = answer.externalOrderId ?? account.orders.get(answer.orderId)?.externalOrderId
    put(account, { ...to, externalOrderId, sentMillis: undefined, updatedMillis: answer.atMillis })
  }
  return { _tag: "Kept", after }
}

/** Pays out what is held of a resolved market; false when nothing was. */
export const settle = (
  account: MemoryAccount,
  mode: Mode,
  conditionId: ConditionId,
  payouts: Payouts,
  atMillis: number
): boolean => {
  const held = positions(account, mode).filter((each) => each.conditionId === conditionId && each.qty !== 0n)
  for (const before of held) {
    const after = Position.payout(before, payouts[before.outcomeIndex])
    account.positions.set(positionKey(before), after)
    account.flows.push({
      id: uuidOf("payout", mode, conditionId, `${before.outcomeIndex}`, `${account.fills.length}`),
      mode,
      kind: "payout",
      amount: Usd(after.cashFlow - before.cashFlow),
      conditionId,
      outcomeIndex: before.outcomeIndex,
      shares: Shares(before.qty),
      reason: "market resolved",
      atMillis
    })
  }
  return held.length > 0
}

/** Where the positions differ from the cash and shares that fills and payouts come to, in words. */
export const differences = (account: MemoryAccount): ReadonlyArray<string> => {
  const folded = new Map<string, { qty: bigint; cashFlow: bigint; fees: bigint }>()
  const at = (key: string) => {
    const found = folded.get(key) ?? { qty: 0n, cashFlow: 0n, fees: 0n }
    folded.set(key, found)
    return found
  }
  for (const fill of account.fills) {
    const sums = at(positionKey(fill))
    sums.qty += fill.side === "BUY" ? fill.shares : -fill.shares
    sums.cashFlow += fill.side === "BUY" ? -fill.notional : fill.notional
    sums.fees += fill.fee
  }
  for (const { amount, conditionId, kind, mode, outcomeIndex, shares } of account.flows) {
    if (kind !== "payout" || conditionId === undefined || outcomeIndex === undefined) continue
    const sums = at(`${mode} ${instrumentKey({ conditionId, outcomeIndex })}`)
    sums.qty -= shares ?? 0n
    sums.cashFlow += amount
  }
  return [...new Set([...folded.keys(), ...account.positions.keys()])].flatMap((key) => {
    const sums = at(key)
    const position = account.positions.get(key)
    const same = position?.qty === sums.qty && position.cashFlow === sums.cashFlow && position.fees === sums.fees
    return same ? [] : [`${key}: executions and payouts come to other figures`]
  })
}
