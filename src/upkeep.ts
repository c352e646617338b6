import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { BookSnapshot } from "./domain/Book.ts"
import type { ConditionId, Market } from "./domain/Market.ts"
import { Price, UNIT } from "./domain/Money.ts"
import { EXPOSED, type Mode, type OrderState } from "./domain/Order.ts"
import type { Simulation } from "./domain/Plan.ts"
import { expire, refresh, takeBack, unfinished } from "./execute/Sweep.ts"
import { MarketData } from "./layers/MarketData.ts"
import { Venue } from "./layers/Venue.ts"
import { Ledger } from "./persist/Ledger.ts"
import { sameWallet } from "./reconcile/Wallet.ts"
import { converse, type Options, reconcile, type Upkeep } from "./reconcile.ts"

export type { Upkeep }

/** Market records by condition id; those that cannot be had are told, not fatal: their orders wait. */
const recordsOf = Effect.fn("Upkeep.recordsOf")(function* (conditionIds: ReadonlyArray<ConditionId>) {
  const data = yield* MarketData
  const found = yield* Effect.either(data.markets(conditionIds))
  const records = new Map<ConditionId, Market>()
  const warnings: Array<string> = []
  if (Either.isLeft(found)) {
    warnings.push(`open orders were not refreshed: ${found.left.message}`)
  } else {
    for (const [id, market] of found.right) {
      if (Either.isRight(market)) records.set(market.right.conditionId, market.right)
      else warnings.push(`orders and positions in ${id} were not refreshed: ${market.left.reason}`)
    }
  }
  return { records, warnings, outage: Either.isLeft(found) ? found.left : undefined }
})

const DEFAULTS: Simulation = { slippageTicks: 0, spreadCushion: Price(0n), liquidityFraction: UNIT }

/** A session without books: enough to take orders back. */
const withoutBooks = (mode: Mode) =>
  Effect.flatMap(Venue, (venue) =>
    venue.open({ mode, markets: [], simulation: DEFAULTS, decidedOn: new Map(), stopAtRefusal: false })
  )

/** Ends the orders of one mode whose lifetime is over, before anything else looks at them. */
export const expireDue = Effect.fn("Upkeep.expireDue")(function* (mode: Mode) {
  const ledger = yield* Ledger
  const dueBefore = yield* Clock.currentTimeMillis
  const due = yield* ledger.orders({ mode, statuses: EXPOSED, dueBefore })
  if (due.length === 0) return []
  return yield* expire(yield* withoutBooks(mode), yield* converse(mode, due), due)
})

/** Resting orders by the simulation settings of their plans: one conversation serves each group. */
const grouped = Effect.fn("Upkeep.grouped")(function* (resting: ReadonlyArray<OrderState>) {
  const ledger = yield* Ledger
  const simulations = yield* ledger.simulations([...new Set(resting.map((state) => state.order.planId))])
  const groups = new Map<string, { readonly simulation: Simulation; readonly orders: Array<OrderState> }>()
  for (const state of resting) {
    const simulation = simulations.get(state.order.planId) ?? DEFAULTS
    const key = `${simulation.slippageTicks} ${simulation.spreadCushion} ${simulation.liquidityFraction}`
    const group = groups.get(key) ?? { simulation, orders: [] }
    group.orders.push(state)
    groups.set(key, group)
  }
  return [...groups.values()]
})

/**
 * Looks after what earlier runs left in one mode: due orders expire, what crosses fills, resolved markets pay out. Where
 * the venue is a real one, the ledger is laid beside it instead, and fails where that cannot be done.
 * With `held`, markets of which only shares are held are looked at too, for their resolution. Where orders are named, the
 * others are left as they are unless they are due.
 */
export const upkeep = Effect.fn("Upkeep.upkeep")(function* (
  mode: Mode,
  options: Options & { readonly held: boolean; readonly ids?: ReadonlyArray<string> | undefined }
) {
  const ledger = yield* Ledger
  const venue = yield* Venue
  if (venue.isReal(mode)) return yield* reconcile(mode, options)
  const changed: Array<OrderState> = [...(yield* expireDue(mode))]
  const nowMillis = yield* Clock.currentTimeMillis
  const exposed = yield* ledger.orders({ mode, ids: options.ids, statuses: EXPOSED })
  const resting = exposed.filter((state) => state.status !== "pending")
  const held = options.held ? (yield* ledger.positions(mode)).filter((position) => position.qty > 0n) : []
  const conditionIds = new Set([...resting.map((state) => state.order.conditionId), ...held.map((p) => p.conditionId)])
  if (conditionIds.size === 0)
    return { changed, settled: [], books: new Map(), warnings: [], outage: undefined } satisfies Upkeep

  const { outage: unreached, records, warnings } = yield* recordsOf([...conditionIds])
  let outage: Upkeep["outage"] = unreached
  const conversation = yield* converse(mode, resting)
  const books = new Map<ConditionId, BookSnapshot>()
  for (const { orders, simulation } of yield* grouped(resting)) {
    const wanted = new Set(orders.map((state) => state.order.conditionId))
    const markets = [...records.values()].filter((market) => wanted.has(market.conditionId))
    const session = yield* Effect.either(
      venue.open({ mode, markets, simulation, decidedOn: new Map(), stopAtRefusal: false })
    )
    if (Either.isLeft(session)) {
      warnings.push(`open orders were not refreshed: ${session.left.message}`)
      outage = session.left
      continue
    }
    for (const [id, book] of session.right.books) books.set(id, book)
    warnings.push(...session.right.faults.map((fault) => `no fills in ${fault.conditionId}: ${fault.reason}`))
    const before = new Set<OrderState>(orders)
    const after = yield* refresh(session.right, conversation, orders, records)
    changed.push(...after.filter((state) => !before.has(state)))
  }
  const settled: Array<ConditionId> = []
  for (const { conditionId, payouts } of records.values()) {
    if (payouts !== undefined && (yield* ledger.settle(mode, conditionId, payouts, nowMillis)))
      settled.push(conditionId)
  }
  yield* ledger.remember(
    [...records.values()].map((market) => ({ market, book: books.get(market.conditionId) })),
    nowMillis
  )
  return { changed, settled, books, warnings, outage } satisfies Upkeep
})

/**
 * Pauses before an order that may still be on its way, or has arrived behind its cancel, is asked for back once more: longer
 * in all than a post may take.
 */
const ARRIVING = [250, 500, 1_000, 2_000, 2_500]

/**
 * Takes back what rests in one mode, all of it or what the filter names; the answers are what the orders came to. What
 * another process has just sent is waited for: it cannot be taken back before it has arrived.
 */
export const cancel = Effect.fn("Upkeep.cancel")(function* (
  mode: Mode,
  filter: {
    readonly ids?: ReadonlyArray<string> | undefined
    readonly planId?: string | undefined
    readonly market?: string | undefined
  }
) {
  const ledger = yield* Ledger
  const venue = yield* Venue
  if (!venue.isReal(mode)) yield* expireDue(mode)
  const open = yield* ledger.orders({ mode, ids: filter.ids, planId: filter.planId, statuses: EXPOSED })
  const chosen = open.filter(
    ({ order }) => filter.market === undefined || [order.marketId, order.conditionId].includes(filter.market)
  )
  if (chosen.length === 0) return []
  yield* sameWallet(mode)
  const session = yield* withoutBooks(mode)
  const conversation = yield* converse(mode, chosen)
  const ids = chosen.map(({ order }) => order.id)
  const back = (states: ReadonlyArray<OrderState>) =>
    takeBack(session, conversation, states, "cancelled", "cancelled by the operator")
  yield* back(chosen)
  for (const pause of ARRIVING) {
    const left = unfinished(conversation.current(ids))
    if (left.length === 0) break
    yield* Effect.sleep(pause)
    yield* back(left)
  }
  return conversation.current(ids)
})
