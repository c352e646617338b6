import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BookSnapshot } from "./domain/Book.ts"
import type { Failure, PlanExists } from "./domain/Failure.ts"
import type { ConditionId, Market } from "./domain/Market.ts"
import type { Resting } from "./domain/Match.ts"
import { Price, UNIT } from "./domain/Money.ts"
import { EXPOSED, isTerminal, type Mode, type OrderState } from "./domain/Order.ts"
import type { Simulation } from "./domain/Plan.ts"
import { reply, word } from "./execute/Announce.ts"
import * as Conversation from "./execute/Conversation.ts"
import { PATIENCE, type Patience } from "./execute/Resolve.ts"
import { type Statement, Venue } from "./layers/Venue.ts"
import { type Flow, Ledger, type Tenure } from "./persist/Ledger.ts"
import { compare, oddTokens } from "./reconcile/Compare.ts"
import { holdingsOf, recordsOf, redeem } from "./reconcile/Holdings.ts"
import { listen, tellsMore } from "./reconcile/Listen.ts"
import { lookAfter } from "./reconcile/LookAfter.ts"
import { sameWallet } from "./reconcile/Wallet.ts"
import * as Trials from "./trials.ts"

/** What looking after an account found and did. */
export interface Upkeep {
  /** Orders whose state changed, as they are now. */
  readonly changed: ReadonlyArray<OrderState>
  /** Markets that paid out. */
  readonly settled: ReadonlyArray<ConditionId>
  /** Books that were fetched for it, for marks. */
  readonly books: ReadonlyMap<ConditionId, BookSnapshot>
  readonly warnings: ReadonlyArray<string>
  /** Where market data could not be had: orders were left as they are. */
  readonly outage: Exclude<Failure, PlanExists> | undefined
}

/** How an account is laid beside its venue. */
export interface Options {
  /** Markets, as they are now, whose shares are wanted too, though nothing of them is held yet. */
  readonly markets?: ReadonlyArray<Market>
  /** The operator's word that what differs is right as the venue has it. */
  readonly accept?: boolean
  readonly tenure?: Tenure | undefined
  readonly patience?: Patience
}

/** What was found when an account was laid beside its venue. */
export interface Reconciled extends Upkeep {
  /** Orders at the venue that are not ours: shown, and left alone. */
  readonly foreign: ReadonlyArray<Resting>
  readonly foreignTrades: number
  readonly flows: ReadonlyArray<Flow>
  /** What stands unexplained, in words: it stops trading. */
  readonly stops: ReadonlyArray<string>
}

/** How orders are simulated where nobody said otherwise. */
export const SIMULATION: Simulation = { slippageTicks: 0, spreadCushion: Price(0n), liquidityFraction: UNIT }
/** Trades are asked for from so long before: clocks differ, and the last one seen may not have been alone. */
const CLOCKS_DIFFER_MILLIS = 60_000
/** How often at most the venue is asked for one reconciliation. */
const LOOKS = 3

/** A conversation about orders of one mode, kept in the ledger. */
export const converse = Effect.fn("Reconcile.converse")(function* (
  mode: Mode,
  orders: ReadonlyArray<OrderState>,
  tenure?: Tenure | undefined
) {
  const ledger = yield* Ledger
  const memory = yield* ledger.memory([...new Set(orders.map((state) => state.order.conditionId))])
  return Conversation.make(
    {
      read: (orderIds, conditionIds) =>
        Effect.all({
          states: Effect.map(
            ledger.orders({ mode, ids: orderIds }),
            (found) => new Map(found.map((state) => [state.order.id, state]))
          ),
          memory: ledger.memory(conditionIds)
        }),
      append: (reply, before) => ledger.append(reply, before, mode, tenure),
      ahead: (orderIds) =>
        Effect.map(
          Effect.orElseSucceed(ledger.foresee(mode, orderIds), () => undefined),
          (foreseen) => (reply, before) => ledger.append(reply, before, mode, tenure, foreseen)
        )
    },
    { states: new Map(orders.map((state) => [state.order.id, state])), memory }
  )
})

const NOTHING_RECONCILED: Reconciled = {
  changed: [],
  settled: [],
  books: new Map(),
  warnings: [],
  outage: undefined,
  foreign: [],
  foreignTrades: 0,
  flows: [],
  stops: []
}

const openFor = (mode: Mode, markets: ReadonlyArray<Market>) =>
  Effect.flatMap(Venue, (venue) =>
    venue.open({ mode, markets, simulation: SIMULATION, decidedOn: new Map(), stopAtRefusal: false })
  )

/**
 * Lays an account beside its venue, which must be a real one, and makes the ledger equal to it: orders of unknown fate are
 * resolved, trades since the last one seen are booked (or taken back, where they failed), what is due expires, what was
 * redeemed is paid out. Credits that no order explains are booked as such; debits, and shares that differ, stop trading
 * until the operator accepts them.
 */
export const reconcile = Effect.fn("Reconcile.reconcile")(function* (mode: Mode, options: Options = {}) {
  const { accept = false, patience = PATIENCE, tenure } = options
  const ledger = yield* Ledger
  const venue = yield* Venue
  yield* sameWallet(mode)
  const account = Option.getOrUndefined(yield* ledger.liveAccount())
  const before = yield* ledger.orders({ mode, statuses: EXPOSED })
  const held = yield* ledger.positions(mode)
  const conditions = new Set([
    ...before.map(({ order }) => order.conditionId),
    ...held.filter((position) => position.qty !== 0n).map((position) => position.conditionId)
  ])
  const named = new Map((options.markets ?? []).map((market) => [market.conditionId, market]))
  const found = yield* recordsOf([...conditions].filter((id) => !named.has(id)))
  const warnings = [...found.warnings]
  const records = new Map([...found.records, ...named])
  const conversation = yield* converse(mode, before, tenure)
  // Markets of another source have no tokens at the venue, whatever else is looked at beside them.
  const wanted = holdingsOf(records).filter(({ market }) => market.source === "live")
  const open = openFor(mode, [...records.values()])
  const asked = Effect.gen(function* () {
    const unfinal = yield* ledger.fills({ mode, unfinal: true })
    const since = Math.min(
      account?.lastTradeMillis ?? Number.POSITIVE_INFINITY,
      ...unfinal.map((fill) => fill.atMillis),
      ...before.map(({ order }) => order.placedMillis)
    )
    const begun = yield* Clock.currentTimeMillis
    const inquiry = {
      tradesAfterMillis: (Number.isFinite(since) ? since : (account?.reconciledMillis ?? begun)) - CLOCKS_DIFFER_MILLIS,
      tokens: wanted.map(({ market, tokenId }) => ({ tokenId, version: market.version })),
      // The cash of an account that is seen for the first time is booked as it is told: it must not be an old figure.
      ...(account === undefined ? { fresh: "cash" as const } : {})
    }
    return { inquiry, first: yield* venue.statement(mode, inquiry) }
  })
  const cared = Effect.gen(function* () {
    const session = yield* open
    yield* lookAfter(session, conversation, before, records, patience)
    return [session, yield* asked] as const
  })
  // With nothing to look after, books and account are asked for at the same time.
  const [session, { first, inquiry }] = yield* before.length > 0 ? cared : Effect.all([open, asked], { concurrency: 2 })
  if (first === undefined) return NOTHING_RECONCILED

  const now = yield* Clock.currentTimeMillis
  const { foreign, ours, told: firstTold } = yield* listen(mode, first, now)
  // Ours, and thought finished, and yet there: its cancel is asked for again.
  const risen = first.resting.flatMap((order) => {
    const one = ours.get(order.externalOrderId)
    return one !== undefined && isTerminal(one.status) ? [one] : []
  })
  if (risen.length > 0) {
    yield* Effect.ignore(
      venue.sweep(
        mode,
        risen.map((order) => order.externalOrderId ?? "")
      )
    )
    warnings.push(`${risen.length} orders that were finished here still rested at the venue: cancelled again`)
  }
  const stuck = first.matches.filter((match) => match.retrying && now - match.matchedMillis > 300_000)
  if (stuck.length > 0)
    warnings.push(`${stuck.length} trades have been tried again by the venue for over 5 minutes: they may fail`)

  const settled = new Set(yield* redeem(mode, first, wanted, now))
  const weigh = (statement: Statement) =>
    compare(mode, statement, wanted, session.books, { accept, first: account === undefined })
  const told = new Map(firstTold)
  let statement = first
  let result = yield* weigh(first)
  // What does not agree may only be the venue's cache, or a trade it has told since: it is made to look again before
  // anything is said, for as long as there is more to hear.
  const showsBygone = () => result.bygone.cash || result.bygone.tokens.size > 0
  const isOdd = () =>
    showsBygone() ||
    result.stops.length > 0 ||
    result.flows.some(({ _tag }) => _tag === "Shares" || account !== undefined)
  for (let look = 1; look < LOOKS && isOdd(); look++) {
    const odd = oddTokens(result, wanted)
    const tokens = inquiry.tokens.filter(({ tokenId }) => odd.has(tokenId))
    const next = yield* venue.statement(mode, { ...inquiry, tokens, fresh: "all" })
    if (next === undefined) break
    for (const [id, state] of (yield* listen(mode, next, now)).told) told.set(id, state)
    const isMore = tellsMore(statement, next)
    statement = { ...next, holdings: new Map([...statement.holdings, ...next.holdings]) }
    for (const id of yield* redeem(mode, statement, wanted, now)) settled.add(id)
    result = yield* weigh(statement)
    if (!isMore) break
  }
  const unknown = conversation.current(before.map(({ order }) => order.id)).filter(({ status }) => status === "unknown")
  if (accept && unknown.length > 0) {
    yield* conversation.about(
      unknown.map(({ order }) => order.id),
      (states) =>
        Effect.succeed(
          reply(
            states
              .filter(({ status }) => status === "unknown")
              .map((state) => word(state, "cancelled", now, "the operator accepts that it never was at the venue"))
          )
        )
    )
  }
  const isOurs = (order: Resting) => ours.has(order.externalOrderId)
  const others = first.resting.filter((order) => !isOurs(order))
  const booked = yield* Effect.either(
    ledger.reckon(
      mode,
      {
        cash: result.cash,
        held: result.held,
        flows: result.flows,
        stops: result.stops,
        accept,
        wallet: first.wallet,
        lastTradeMillis: statement.matches.at(-1)?.matchedMillis,
        events: foreign === 0 ? [] : [{ type: "foreign_trades", data: { trades: foreign } }]
      },
      now
    )
  )
  if (Either.isLeft(booked)) {
    if (booked.left._tag !== "Conflict") return yield* booked.left
    warnings.push("the account moved on while it was compared: balances are compared the next time")
  }
  yield* ledger.remember(
    [...records.values()].map((market) => ({ market, book: session.books.get(market.conditionId) })),
    now
  )
  yield* Trials.look(session.books, new Set(before.map(({ order }) => order.id)), SIMULATION)
  if (!result.judged) warnings.push("some trades are not final yet: balances are compared in full once they are")
  if (showsBygone())
    warnings.push(
      "the venue still shows what there was before the latest trades or payouts: it is compared once it shows what came of them"
    )
  if (others.length > 0) warnings.push(`${others.length} orders at the venue are not ours: they are left alone`)
  const { stops } = yield* ledger.barriers(mode)
  const changes = new Map<string, OrderState>()
  const was = new Map(before.map((state) => [state.order.id, state]))
  for (const state of conversation.current([...was.keys()])) {
    const old = was.get(state.order.id)
    if (old?.status !== state.status || old.filled !== state.filled) changes.set(state.order.id, state)
  }
  for (const [id, state] of told) {
    const old = was.get(id) ?? [...ours.values()].find((order) => order.order.id === id)
    if (old?.status !== state.status || old.filled !== state.filled) changes.set(id, state)
  }
  return {
    ...NOTHING_RECONCILED,
    changed: [...changes.values()],
    settled: [...settled],
    books: session.books,
    warnings,
    foreign: others,
    foreignTrades: foreign,
    flows: Either.isRight(booked) ? result.flows : [],
    stops: stops.map((stop) => stop.reason)
  } satisfies Reconciled
})
