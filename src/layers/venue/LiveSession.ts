import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Reply } from "../../domain/Answer.ts"
import { VenueUnavailable } from "../../domain/Failure.ts"
import type { ConditionId, Market } from "../../domain/Market.ts"
import type { Match } from "../../domain/Match.ts"
import { type Shares, ZERO_SHARES } from "../../domain/Money.ts"
import type { News, TradeFill, Word } from "../../domain/News.ts"
import { isTerminal, type Order, type OrderState } from "../../domain/Order.ts"
import { isImmediate } from "../../domain/Sizing.ts"
import { fillsOf, takesPart } from "../../exchange/Attribution.ts"
import { advice, isFinal } from "../../polymarket/Errors.ts"
import * as Modes from "../../polymarket/Modes.ts"
import { postBody } from "../../polymarket/OrderBody.ts"
import type { Asset, Clob, ClobOrder, Posted } from "../Clob.ts"
import type { Account } from "../clob/Account.ts"
import { expirationOf, wireType } from "./Sealing.ts"

/** How long a live session waits, for what. */
export interface Patience {
  /** Before funds that the venue does not see yet are looked at a second time. */
  readonly funds: Duration.DurationInput
  /** Between two looks at an order whose cancel has been taken. */
  readonly cancelled: Duration.DurationInput
  readonly cancelledLooks: number
  /** How long an order that cannot rest may stay unseen before it is certain that nothing came of it, in milliseconds. */
  readonly unseen: number
}

export const PATIENCE: Patience = { funds: "500 millis", cancelled: "250 millis", cancelledLooks: 6, unseen: 600_000 }

/** Orders looked up at the same time. */
const LOOKUPS = 8
/** From so many orders on, the list of open ones is read instead of each by itself. */
const LIST_FROM = 4
/** How far the venue's clock may be behind ours when it ends an order by itself. */
const EXPIRY_MARGIN_MILLIS = 60_000
/** Trades are asked for from so long before they can have happened: clocks differ. */
const MARGIN_SECONDS = 60

/** What the orders of one conversation share. */
export interface Place {
  readonly clob: typeof Clob.Service
  readonly account: Account
  readonly markets: ReadonlyMap<ConditionId, Market>
  readonly patience: Patience
}

const NOTHING: Reply = { answers: [], memory: [], news: [] }
const reply = (news: ReadonlyArray<News>): Reply => ({ ...NOTHING, news })

const hashOf = ({ sealed }: Order): string => sealed?.externalOrderId ?? ""

const expiryWord = (order: Order, nowMillis: number): Word =>
  order.cancelAfterMillis !== undefined && order.cancelAfterMillis <= nowMillis ? "expired" : "cancelled"

/** The word for an order as the venue lists it. */
const wordOf = (
  known: ClobOrder,
  order: Order,
  nowMillis: number
): { readonly word: Word; readonly reason?: string } => {
  switch (known.status) {
    case "LIVE":
      return { word: known.matched > 0n ? "matched" : "live" }
    case "MATCHED":
      return { word: "done" }
    case "DELAYED":
      return { word: "delayed" }
    case "UNMATCHED":
      return { word: "live" }
    case "CANCELED_MARKET_RESOLVED":
      return { word: "cancelled", reason: "its market is resolved" }
    case "INVALID":
      return { word: "cancelled", reason: "the venue calls it invalid" }
    default: {
      if (isImmediate(order)) return { word: "done" }
      const word = expiryWord(order, nowMillis)
      return { word, reason: word === "expired" ? "its lifetime ended" : "cancelled at the venue" }
    }
  }
}

/**
 * Why an order that the venue does not know, and that is in no trade, cannot be there any more: its lifetime at the venue
 * is over, or it could never rest and had all the time to be matched. Absence alone proves nothing.
 */
const endedUnseen = (
  order: Order,
  sentMillis: number | undefined,
  unseenMillis: number,
  nowMillis: number
): { readonly word: Word; readonly reason: string } | undefined => {
  const expiration = Number(expirationOf(order)) * 1000
  if (expiration > 0 && nowMillis > expiration + EXPIRY_MARGIN_MILLIS)
    return { word: "expired", reason: "its lifetime at the venue is over, and it never was seen there" }
  if (isImmediate(order) && sentMillis !== undefined && nowMillis > sentMillis + unseenMillis)
    return { word: "cancelled", reason: "it could not rest, and for long enough no trade of it was seen" }
  return undefined
}

/** The order side of the venue as one conversation sees it. */
export const make = ({ account, clob, markets, patience }: Place) => {
  /** Trades that a post's answer announced, by order: once all are seen, all that the order met is known. */
  const announced = new Map<string, ReadonlySet<string>>()
  /** Orders for whose funds the venue has been made to look a second time. */
  const lacking = new Set<string>()
  /** Why nothing more may be sent, to anyone or to a market. */
  let down: string | undefined
  const closed = new Map<ConditionId, string>()

  const news = (order: Order, word: Word | undefined, atMillis: number, parts: Partial<News> = {}): News => ({
    orderId: order.id,
    word,
    matched: undefined,
    fills: [],
    reason: undefined,
    atMillis,
    ...parts
  })

  const fillsIn = (order: Order, matches: ReadonlyArray<Match>): ReadonlyArray<TradeFill> => {
    const party = { side: order.side, tokenId: order.tokenId, externalOrderId: hashOf(order) }
    return matches.flatMap((match) => fillsOf(match, party, order.sealed?.fees))
  }

  const assetOf = (order: Order): Asset =>
    order.side === "BUY"
      ? { _tag: "Collateral" }
      : { _tag: "Token", tokenId: order.tokenId, version: markets.get(order.conditionId)?.version ?? "v1" }

  const bodyOf = (order: Order): string =>
    postBody(order.sealed?.signed ?? "", Redacted.value(account.apiKey), wireType(order), {
      postOnly: order.postOnly,
      deferExec: true
    })

  const takenWord = (order: Order, status: "live" | "matched" | "delayed" | "unmatched"): Word =>
    status === "delayed" ? "delayed" : status === "matched" ? "matched" : isImmediate(order) ? "matched" : "live"

  /** What an acceptance says, once it names the order that was signed. */
  const taken = (order: Order, posted: Extract<Posted, { readonly _tag: "Accepted" }>, now: number): News => {
    if (posted.orderId !== hashOf(order)) {
      // Another name means that another struct was signed than the venue settles: stop before it happens again.
      down = `the venue knows instruction ${order.instruction + 1} as ${posted.orderId}, not as what was signed`
      return news(order, "silent", now, { reason: down })
    }
    if (posted.tradeIds.length > 0) announced.set(order.id, new Set(posted.tradeIds))
    return news(order, takenWord(order, posted.status), now)
  }

  const refusedBy = (order: Order, posted: Extract<Posted, { readonly _tag: "Refused" }>, now: number): News => {
    const { error, text } = posted
    if (error.fate === "killed") return news(order, "killed", now, { reason: `killed: ${text}`, matched: ZERO_SHARES })
    if (error.fate === "delayed") return news(order, "delayed", now, { reason: text })
    if (isFinal(error.of)) down = `${text}; ${advice(error.of)}`
    if (error.of === "protocol") closed.set(order.conditionId, `the venue says ${text} in this market`)
    return news(order, "refused", now, { reason: isFinal(error.of) ? `${text}; ${advice(error.of)}` : text })
  }

  /**
   * The venue's view of the balance lags behind the chain: have it look again, once. The refusal was definite, so the order
   * has not left; that takes time, and so it passes the gate anew before it does, and its second answer is as good as a first one.
   */
  const lookAgain = Effect.fn("Venue.Live.lookAgain")(function* (order: Order, text: string) {
    lacking.add(order.id)
    yield* Effect.ignore(clob.refreshBalance(assetOf(order)))
    yield* Effect.sleep(patience.funds)
    return news(order, "unsent", yield* Clock.currentTimeMillis, { reason: text })
  })

  const place = Effect.fn("Venue.Live.place")(function* (order: Order) {
    const before = yield* Clock.currentTimeMillis
    if (down !== undefined) return yield* new VenueUnavailable({ message: down })
    const shut = closed.get(order.conditionId)
    // What the venue is bound to refuse is refused without asking: other markets may go on.
    if (shut !== undefined) return news(order, "refused", before, { reason: `${shut}; it was not sent` })
    const obstacle = Modes.obstacle(yield* clob.mode, order, before)
    if (obstacle !== undefined) return yield* new VenueUnavailable({ message: `${obstacle}; nothing was sent` })
    const posted = yield* clob.post(bodyOf(order), order)
    const now = yield* Clock.currentTimeMillis
    if (posted._tag === "Refused" && posted.error.of === "funds" && !lacking.has(order.id))
      return yield* lookAgain(order, posted.text)
    switch (posted._tag) {
      case "Accepted":
        return taken(order, posted, now)
      case "Refused":
        return refusedBy(order, posted, now)
      case "Unknown":
        return news(order, "silent", now, { reason: `nobody knows whether it arrived: ${posted.text}` })
    }
  })

  const again = Effect.fn("Venue.Live.again")(function* (order: Order) {
    const before = yield* Clock.currentTimeMillis
    if (down !== undefined) return yield* new VenueUnavailable({ message: down })
    // Whether only post-only orders are taken is best found out by asking; the rest has said when to come back.
    const obstacle = Modes.obstacle(yield* clob.mode, { postOnly: true }, before)
    if (obstacle !== undefined) return yield* new VenueUnavailable({ message: obstacle })
    const posted = yield* clob.post(bodyOf(order), order)
    const now = yield* Clock.currentTimeMillis
    if (posted._tag === "Accepted") return reply([taken(order, posted, now)])
    // Only the first post can refuse: this answer may be about the copy, and the first be there.
    return reply([news(order, "silent", now, { reason: `sent once more: ${posted.text}` })])
  })

  const tradesFor = Effect.fnUntraced(function* (orders: ReadonlyArray<Order>) {
    if (orders.length === 0) return []
    const since = Math.min(...orders.map((order) => order.placedMillis))
    const conditions = new Set(orders.map((order) => order.conditionId))
    const [only] = conditions
    return yield* clob.trades({
      afterSeconds: Math.floor(since / 1000) - MARGIN_SECONDS,
      conditionId: conditions.size === 1 ? only : undefined
    })
  })

  /** Trades that orders name and the list does not: a clock that was off, here or there, has them before they can have happened. */
  const tradesNamed = (ids: ReadonlyArray<string>) =>
    Effect.map(
      Effect.forEach(new Set(ids), (tradeId) => clob.trades({ tradeId }), { concurrency: LOOKUPS }),
      (found) => found.flat()
    )

  const lookUp = Effect.fnUntraced(function* (orders: ReadonlyArray<Order>) {
    const open = new Map<string, ClobOrder>()
    if (orders.length >= LIST_FROM) for (const each of yield* clob.openOrders) open.set(each.id, each)
    return yield* Effect.forEach(
      orders,
      (order) => {
        const listed = open.get(hashOf(order))
        return Effect.map(
          listed === undefined ? clob.order(hashOf(order)) : Effect.succeed(Option.some(listed)),
          (found) => ({ order, found: Option.getOrUndefined(found) })
        )
      },
      { concurrency: LOOKUPS }
    )
  })

  /** Whether all trades that a post announced are among those known. */
  const isComplete = (order: Order, matches: ReadonlyArray<Match>): boolean => {
    const wanted = announced.get(order.id)
    if (wanted === undefined) return false
    const seen = new Set(matches.map((match) => match.tradeId))
    return [...wanted].every((id) => seen.has(id))
  }

  const refresh = Effect.fn("Venue.Live.refresh")(function* (states: ReadonlyArray<OrderState>) {
    const orders = states.map((state) => state.order).filter((order) => order.sealed !== undefined)
    const filled = new Map<string, Shares>(states.map((state) => [state.order.id, state.filled]))
    const sent = new Map(states.map((state) => [state.order.id, state.sentMillis]))
    const expecting = orders.filter((order) => announced.has(order.id))
    const early = yield* tradesFor(expecting)
    const complete = new Set(expecting.filter((order) => isComplete(order, early)).map((order) => order.id))
    const rest = yield* lookUp(orders.filter((order) => !complete.has(order.id)))
    const now = yield* Clock.currentTimeMillis
    const moved = rest.filter(({ found, order }) => found === undefined || found.matched !== filled.get(order.id))
    const late = yield* tradesFor(moved.map(({ order }) => order))
    const listed = new Map([...early, ...late].map((match) => [match.tradeId, match]))
    const unlisted = yield* tradesNamed(
      moved.flatMap(({ found }) => found?.tradeIds ?? []).filter((id) => !listed.has(id))
    )
    const matches = [...listed.values(), ...unlisted]
    const byTrades = orders
      .filter((order) => complete.has(order.id))
      .map((order) => news(order, isImmediate(order) ? "done" : "matched", now, { fills: fillsIn(order, matches) }))
    const byLookup = rest.map(({ found, order }) => {
      const fills = fillsIn(order, matches)
      if (found === undefined) {
        if (matches.some((match) => takesPart(match, hashOf(order)))) return news(order, "matched", now, { fills })
        const ended = endedUnseen(order, sent.get(order.id), patience.unseen, now)
        return ended === undefined
          ? news(order, "silent", now, { reason: "the venue does not know it" })
          : news(order, ended.word, now, { reason: ended.reason })
      }
      const { reason, word } = wordOf(found, order, now)
      return news(order, word, now, { fills, reason, matched: found.matched })
    })
    return reply([...byTrades, ...byLookup])
  })

  const cancel = Effect.fn("Venue.Live.cancel")(function* (
    states: ReadonlyArray<OrderState>,
    as: "cancelled" | "expired",
    reason: string
  ) {
    const now = yield* Clock.currentTimeMillis
    const [there, never] = [
      states.filter((state) => state.status !== "pending" || state.sentMillis !== undefined),
      states.filter((state) => state.status === "pending" && state.sentMillis === undefined)
    ]
    const unsent = never.map(({ order }) => news(order, as === "expired" ? "lapsed" : "withdrawn", now, { reason }))
    if (there.length === 0) return reply(unsent)
    const answer = yield* clob.cancel(there.map(({ order }) => hashOf(order)))
    const taken = new Set(answer.cancelled)
    const told = new Map<string, News>()
    let open = there
    for (let look = 0; open.length > 0 && look < patience.cancelledLooks; look++) {
      if (look > 0) yield* Effect.sleep(patience.cancelled)
      const { news: found = [] } = yield* refresh(open)
      for (const each of found) told.set(each.orderId, each)
      // A cancel that was taken may not show yet; one that was refused for an order that rests on has had no effect.
      open = open.filter(({ order }) => {
        const word = told.get(order.id)?.word
        return (word === "live" || word === "matched") && taken.has(hashOf(order))
      })
    }
    const after = there.map(({ order, status }): News => {
      const known = told.get(order.id) ?? news(order, undefined, now)
      if (known.word === "cancelled" || known.word === "expired") return { ...known, word: as, reason }
      const why = answer.kept.get(hashOf(order))
      if (known.word === "silent" && taken.has(hashOf(order))) return { ...known, word: as, reason }
      if ((known.word === "live" || known.word === "matched") && !taken.has(hashOf(order)) && !isTerminal(status)) {
        return { ...known, word: "kept", reason: `its cancel had no effect: ${why ?? "the venue did not say why"}` }
      }
      return known
    })
    return reply([...unsent, ...after])
  })

  return { place: (order: Order) => Effect.map(place(order), (one) => reply([one])), again, refresh, cancel }
}
