import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BookSnapshot } from "./domain/Book.ts"
import { type Failure, InvalidInput, type PlanExists } from "./domain/Failure.ts"
import { type ConditionId, type Instrument, instrumentKey, type Market, type OutcomeIndex } from "./domain/Market.ts"
import type { Match, Resting } from "./domain/Match.ts"
import { format, Price, Shares, UNIT, Usd } from "./domain/Money.ts"
import type { News } from "./domain/News.ts"
import { EXPOSED, isDue, isTerminal, type Mode, type OrderState } from "./domain/Order.ts"
import type { Simulation } from "./domain/Plan.ts"
import { empty, type Position } from "./domain/Position.ts"
import { fillsOf } from "./exchange/Attribution.ts"
import { isStale, mayBeThere, reply, STALE, word } from "./execute/Announce.ts"
import * as Conversation from "./execute/Conversation.ts"
import { PATIENCE, type Patience, resolve } from "./execute/Resolve.ts"
import { expire, takeBack } from "./execute/Sweep.ts"
import { MarketData } from "./layers/MarketData.ts"
import { type Session, type Statement, Venue } from "./layers/Venue.ts"
import { type Flow, Ledger, type OrderRecord, type Reckoning, type Tenure } from "./persist/Ledger.ts"
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
      append: (reply, before) => ledger.append(reply, before, mode, tenure)
    },
    { states: new Map(orders.map((state) => [state.order.id, state])), memory }
  )
})

/** Market records by condition id: from the source, or, where it does not answer, as they were last seen. */
const recordsOf = Effect.fn("Reconcile.recordsOf")(function* (ids: ReadonlyArray<string>) {
  const data = yield* MarketData
  const ledger = yield* Ledger
  const warnings: Array<string> = []
  const records = new Map<ConditionId, Market>()
  if (ids.length === 0) return { records, warnings }
  const found = yield* Effect.either(data.markets(ids))
  if (Either.isLeft(found)) warnings.push(`markets are as they were last seen: ${found.left.message}`)
  else
    for (const market of found.right.values())
      if (Either.isRight(market)) records.set(market.right.conditionId, market.right)
  const missing = ids.filter((id) => !records.has(id))
  for (const { market } of yield* ledger.snapshots(missing)) records.set(market.conditionId, market)
  return { records, warnings }
})

/** One thing that can be held: a market's outcome and its token. */
interface Holding extends Instrument {
  readonly market: Market
  readonly tokenId: string
}

const holdingsOf = (records: ReadonlyMap<ConditionId, Market>): ReadonlyArray<Holding> =>
  [...records.values()].flatMap((market) =>
    ([0, 1] as const).map((outcomeIndex: OutcomeIndex) => ({
      market,
      conditionId: market.conditionId,
      outcomeIndex,
      tokenId: market.tokenIds[outcomeIndex]
    }))
  )

const emptyAt = (mode: Mode, { market, outcomeIndex }: Holding): Position =>
  empty({
    marketId: market.marketId,
    conditionId: market.conditionId,
    outcomeIndex,
    outcome: market.outcomes[outcomeIndex],
    mode
  })

/** What the venue's trades mean to our orders, finished ones too. */
const newsOf = (matches: ReadonlyArray<Match>, ours: ReadonlyMap<string, OrderRecord>, atMillis: number) => {
  const fills = new Map<string, { readonly order: OrderRecord; readonly told: Array<News["fills"][number]> }>()
  let foreign = 0
  for (const match of matches) {
    const parties = [match.takerOrderId, ...match.makers.map((maker) => maker.externalOrderId)]
    const known = [...new Set(parties)].flatMap((id) => ours.get(id) ?? [])
    if (known.length === 0) foreign += 1
    for (const order of known) {
      const { side, tokenId } = order.order
      const party = { side, tokenId, externalOrderId: order.externalOrderId ?? "" }
      const entry = fills.get(order.order.id) ?? { order, told: [] }
      entry.told.push(...fillsOf(match, party, order.order.sealed?.fees))
      fills.set(order.order.id, entry)
    }
  }
  const news = [...fills.values()].map(
    ({ order, told }): News => ({ ...word(order, "matched", atMillis), word: undefined, fills: told })
  )
  return { news, foreign }
}

/** How far below ours the venue's cash may be while trades are not final: what was sold may not have been paid yet. */
const unpaid = (fills: ReadonlyArray<{ readonly side: string; readonly notional: Usd; readonly fee: Usd }>): bigint =>
  fills.reduce((sum, { fee, notional, side }) => sum + (side === "SELL" ? notional - fee : 0n), 0n)

/** Amounts on chain are rounded by the exchange, ours against us: so little between them, in micro-dollars, is no debit. */
const DUST = 100n

const both = (what: string, ours: bigint, theirs: bigint) =>
  `${what}: the venue shows ${format(theirs)}, our orders come to ${format(ours)}`

/** What shares would fetch at the best bid there is for them, or pay once their market is resolved; 0 where neither is known. */
const worthOf = (
  { conditionId, market, outcomeIndex }: Holding,
  shares: bigint,
  books: ReadonlyMap<ConditionId, BookSnapshot>
): Usd => {
  const book = books.get(conditionId)
  const [bid, ask] = [book?.bids[0]?.price, book?.asks[0]?.price]
  const mirrored = ask === undefined ? undefined : UNIT - ask
  const price = market.payouts?.[outcomeIndex] ?? (outcomeIndex === 0 ? bid : mirrored) ?? 0n
  return Usd(((shares < 0n ? -shares : shares) * price) / UNIT)
}

/** Compares cash and shares, and says what to book and what to stop at. */
const compare = Effect.fn("Reconcile.compare")(function* (
  mode: Mode,
  statement: Statement,
  holdings: ReadonlyArray<Holding>,
  books: ReadonlyMap<ConditionId, BookSnapshot>,
  options: { readonly accept: boolean; readonly first: boolean }
) {
  const ledger = yield* Ledger
  const { cash } = yield* ledger.cash(mode)
  const held = yield* ledger.positions(mode)
  const unfinal = yield* ledger.fills({ mode, unfinal: true })
  // What an order of unknown fate has done at the venue is not known here: nothing is judged before it is.
  const unsettled = (yield* ledger.orders({ mode, statuses: ["pending", "unknown", "delayed"] })).filter(mayBeThere)
  const isQuiet = unfinal.length + unsettled.length === 0
  const flows: Array<Flow> = []
  const stops: Array<Reckoning["stops"][number]> = []
  const low = unpaid(unfinal)
  const gap = statement.cash - cash
  if (isQuiet && gap !== 0n) {
    const reason = options.first
      ? "what the account held when it was first seen"
      : gap > 0n
        ? "credit without an order: a deposit, reward, rebate or redemption"
        : -gap <= DUST
          ? "rounding"
          : "accepted by the operator"
    if (gap > 0n || options.first || options.accept || -gap <= DUST)
      flows.push({ _tag: "Cash", amount: Usd(gap), reason })
  }
  const unexplained =
    !options.first && !options.accept && (isQuiet ? -gap > DUST : unsettled.length === 0 && gap < -low - DUST)
  if (unexplained) {
    stops.push({
      conditionId: undefined,
      outcomeIndex: undefined,
      reason: both("cash without an order is gone", cash, statement.cash)
    })
  }
  const positions = new Map(held.map((position) => [instrumentKey(position), position]))
  const moving = new Set([...unfinal, ...unsettled.map(({ order }) => order)].map(instrumentKey))
  for (const holding of holdings) {
    const key = instrumentKey(holding)
    const known = positions.get(key)
    const [ours, theirs] = [known?.qty ?? 0n, statement.holdings.get(holding.tokenId)]
    if (theirs === undefined || theirs === ours || moving.has(key)) continue
    const position = known ?? emptyAt(mode, holding)
    const isNew = known === undefined
    if (isNew || options.first || options.accept) {
      const reason = options.accept && !isNew ? "accepted by the operator" : "held before it was first traded here"
      const shares = Shares(theirs - ours)
      flows.push({ _tag: "Shares", position, shares, worth: worthOf(holding, shares, books), reason })
      continue
    }
    stops.push({
      conditionId: holding.conditionId,
      outcomeIndex: holding.outcomeIndex,
      reason: both(`${position.outcome} of ${position.marketId}`, ours, theirs)
    })
  }
  return { cash, held, flows, stops, judged: isQuiet }
})

/** The tokens whose shares do not agree. */
const oddTokens = (
  { flows, stops }: Pick<Reckoning, "flows" | "stops">,
  holdings: ReadonlyArray<Holding>
): ReadonlySet<string> => {
  const odd = new Set([
    ...flows.flatMap((flow) => (flow._tag === "Shares" ? [instrumentKey(flow.position)] : [])),
    ...stops.flatMap(({ conditionId, outcomeIndex }) =>
      conditionId === undefined || outcomeIndex === undefined ? [] : [instrumentKey({ conditionId, outcomeIndex })]
    )
  ])
  return new Set(holdings.filter((each) => odd.has(instrumentKey(each))).map(({ tokenId }) => tokenId))
}

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

/** What of the exposed orders is looked after: never sent ones that have waited too long never leave. */
const lookAfter = Effect.fn("Reconcile.lookAfter")(function* (
  session: Session,
  conversation: Conversation.Conversation,
  exposed: ReadonlyArray<OrderState>,
  records: ReadonlyMap<ConditionId, Market>,
  patience: Patience
) {
  const now = yield* Clock.currentTimeMillis
  const waiting = exposed.filter((state) => !mayBeThere(state) && (isStale(state, now) || isDue(state, now)))
  yield* conversation.about(
    waiting.map(({ order }) => order.id),
    (states) =>
      Effect.succeed(
        reply(
          states.map((state) =>
            isDue(state, now)
              ? word(state, "lapsed", now, "its lifetime ended before it was sent")
              : word(state, "blocked", now, STALE)
          )
        )
      )
  )
  const there = exposed.filter(mayBeThere)
  const ids = there.map(({ order }) => order.id)
  yield* resolve(
    session,
    conversation,
    there.filter(({ status }) => status === "pending" || status === "unknown").map(({ order }) => order.id),
    patience
  )
  const alive = () => conversation.current(ids).filter(({ status }) => !isTerminal(status))
  yield* conversation.about(
    alive().map(({ order }) => order.id),
    (states) => session.refresh(states, new Map())
  )
  yield* expire(
    session,
    conversation,
    alive().filter((state) => isDue(state, now))
  )
  const over = alive().filter(({ order }) => records.get(order.conditionId)?.payouts !== undefined)
  yield* takeBack(session, conversation, over, "cancelled", "its market is resolved")
  const again = alive().filter(({ status }) => status === "cancelling")
  yield* takeBack(session, conversation, again, "cancelled", "its cancel had been begun")
})

/** Holdings of resolved markets that are gone from the wallet: they have been paid out. */
const redeem = Effect.fn("Reconcile.redeem")(function* (
  mode: Mode,
  statement: Statement,
  holdings: ReadonlyArray<Holding>,
  atMillis: number
) {
  const ledger = yield* Ledger
  const held = new Map((yield* ledger.positions(mode)).map((position) => [instrumentKey(position), position.qty]))
  const settled = new Set<ConditionId>()
  for (const { conditionId, market, outcomeIndex, tokenId } of holdings) {
    const ours = held.get(instrumentKey({ conditionId, outcomeIndex })) ?? 0n
    if (market.payouts === undefined || ours <= 0n || settled.has(conditionId)) continue
    // Worthless shares may stay where they are for ever; the winning ones are gone once they are paid.
    const worth = market.payouts[outcomeIndex] > 0n
    if (worth ? statement.holdings.get(tokenId) !== 0n : holdsWorth(conditionId, holdings, held)) continue
    if (yield* ledger.settle(mode, conditionId, market.payouts, atMillis)) settled.add(conditionId)
  }
  return [...settled]
})

/** Whether the paying outcome of a market is held as well: then its redemption decides for both. */
const holdsWorth = (
  conditionId: ConditionId,
  holdings: ReadonlyArray<Holding>,
  held: ReadonlyMap<string, bigint>
): boolean =>
  holdings.some(
    (each) =>
      each.conditionId === conditionId &&
      (each.market.payouts?.[each.outcomeIndex] ?? 0n) > 0n &&
      (held.get(instrumentKey(each)) ?? 0n) > 0n
  )

/**
 * Lays an account beside its venue, which must be a real one, and makes the ledger equal to it: orders of unknown fate are resolved, trades since the
 * last one seen are booked (or taken back, where they failed), what is due expires, what was redeemed is paid out. Credits
 * that no order explains are booked as such; debits, and shares that differ, stop trading until the operator accepts them.
 */
export const reconcile = Effect.fn("Reconcile.reconcile")(function* (mode: Mode, options: Options = {}) {
  const { accept = false, patience = PATIENCE, tenure } = options
  const ledger = yield* Ledger
  const venue = yield* Venue
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
      tokens: wanted.map(({ market, tokenId }) => ({ tokenId, version: market.version }))
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
  if (account !== undefined && account.wallet.toLowerCase() !== first.wallet.toLowerCase()) {
    return yield* new InvalidInput({
      code: "another_wallet",
      message: `this database tells of wallet ${account.wallet}, and the settings are those of ${first.wallet}`,
      issues: [{ path: "", message: "give every wallet a database of its own: BETTEROMS_HOME, or DATABASE_URL" }]
    })
  }

  const hashes = new Set([
    ...first.matches.flatMap((match) => [match.takerOrderId, ...match.makers.map((maker) => maker.externalOrderId)]),
    ...first.resting.map((order) => order.externalOrderId)
  ])
  const ours = new Map(
    (yield* ledger.orders({ mode, externalIds: [...hashes] })).flatMap((order) =>
      order.externalOrderId === undefined ? [] : [[order.externalOrderId, order] as const]
    )
  )
  const now = yield* Clock.currentTimeMillis
  const { foreign, news } = newsOf(first.matches, ours, now)
  const told = news.length === 0 ? new Map<string, OrderState>() : yield* ledger.hear(mode, news)
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

  const settled = yield* redeem(mode, first, wanted, now)
  const weigh = (statement: Statement) =>
    compare(mode, statement, wanted, session.books, { accept, first: account === undefined })
  const weighed = yield* weigh(first)
  // What does not agree may only be the venue's cache: it is made to look again before anything is said.
  const agreed = weighed.stops.length === 0 && weighed.flows.length === 0
  const odd = oddTokens(weighed, wanted)
  const tokens = inquiry.tokens.filter(({ tokenId }) => odd.has(tokenId))
  const second = agreed ? first : yield* venue.statement(mode, { ...inquiry, tokens, fresh: true })
  const result =
    agreed || second === undefined
      ? weighed
      : yield* weigh({ ...second, holdings: new Map([...first.holdings, ...second.holdings]) })
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
        lastTradeMillis: first.matches.at(-1)?.matchedMillis,
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
    settled,
    books: session.books,
    warnings,
    foreign: others,
    foreignTrades: foreign,
    flows: Either.isRight(booked) ? result.flows : [],
    stops: stops.map((stop) => stop.reason)
  } satisfies Reconciled
})
