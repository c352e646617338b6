import type { Liquidity } from "./Answer.ts"
import { type Price, Shares, Usd } from "./Money.ts"
import { isTerminal, mayBecome, type Order, type OrderState, type OrderStatus, remaining } from "./Order.ts"

/**
 * What a venue, or our own gate, says of an order. `sent`: it is about to leave; `unsent`: it has not left after all; `silent`: it was asked about and nobody
 * knows it, or nobody answered; `matched`: it has met the book, and what is left of it may rest; `done`: nothing of it
 * rests any more, all that became of it is in its trades; `kept`: a cancel had no effect and it still rests; `refused`: the
 * first post was definitely turned down. Three hold only of an order that has not left: `blocked`, our own gate kept it
 * back; `withdrawn`, it was taken back; `lapsed`, its lifetime ended.
 */
export type Word =
  | "sent"
  | "unsent"
  | "silent"
  | "delayed"
  | "live"
  | "kept"
  | "matched"
  | "done"
  | "killed"
  | "cancelling"
  | "cancelled"
  | "expired"
  | "refused"
  | "blocked"
  | "withdrawn"
  | "lapsed"

/** Words that are wrong of an order that has left meanwhile: whoever says them did not know. */
const BEFORE_LEAVING: ReadonlyArray<Word | undefined> = ["blocked", "withdrawn", "lapsed"]

/** How far a trade has come: it may still fail, it never will, or it has. */
export type Stage = "provisional" | "final" | "failed"

/** One fill of one order at one price, as a venue's trade tells it. */
export interface TradeFill {
  /** Names the fill for ever: the trade's id, and behind an @ its price where the trade has several. */
  readonly externalId: string
  readonly shares: Shares
  readonly price: Price
  /** Notional in micro-dollars, unsigned. */
  readonly notional: Usd
  readonly fee: Usd
  readonly liquidity: Liquidity
  readonly atMillis: number
  readonly stage: Stage
}

/** What is new of one order. Hearing the same twice, or late, or out of order, changes nothing more. */
export interface News {
  readonly orderId: string
  readonly word: Word | undefined
  /** Shares matched by the venue's own count, those of failed trades among them, where it tells: fills may still be due. */
  readonly matched: Shares | undefined
  readonly fills: ReadonlyArray<TradeFill>
  readonly reason: string | undefined
  readonly atMillis: number
}

/** What an order's news came to. */
export interface Heard {
  readonly after: OrderState
  /** Every fill there is now, in the order of their first mention. */
  readonly fills: ReadonlyArray<TradeFill>
  readonly added: ReadonlyArray<TradeFill>
  readonly settled: ReadonlyArray<string>
  readonly failed: ReadonlyArray<string>
  /** What contradicts what was known: told, and not believed. */
  readonly odd: ReadonlyArray<string>
}

/** Shares of a budget's rest that the venue no longer counts: amounts of market orders have 4 decimals. */
const LOT = 100n

/** Whether nothing remains to be filled. */
const isWhole = (state: OrderState): boolean =>
  state.order.quantity._tag === "Shares"
    ? state.filled >= state.order.quantity.shares
    : state.notional > 0n && remaining(state) < LOT

const tradeOf = ({ externalId }: TradeFill): string => externalId.split("@")[0] ?? externalId

const merge = (known: ReadonlyArray<TradeFill>, told: ReadonlyArray<TradeFill>) => {
  const fills = new Map(known.map((fill) => [fill.externalId, fill]))
  const added = new Map<string, TradeFill>()
  const [settled, failed, odd]: [Set<string>, Set<string>, Array<string>] = [new Set(), new Set(), []]
  const trades = new Set(known.map(tradeOf))
  const advance = (before: TradeFill, stage: Stage) => {
    const { externalId } = before
    if (before.stage === stage || stage === "provisional") return
    if (before.stage !== "provisional") {
      odd.push(`trade ${externalId} was ${before.stage} and is now told as ${stage}`)
      return
    }
    fills.set(externalId, { ...before, stage })
    if (added.has(externalId)) added.set(externalId, { ...before, stage })
    else (stage === "final" ? settled : failed).add(externalId)
  }
  for (const fill of told) {
    const { externalId, stage } = fill
    const before = fills.get(externalId)
    if (before === undefined && trades.has(tradeOf(fill))) {
      // What it came to stands as it was first told; how far the trade has come is true of all of it.
      odd.push(`trade ${tradeOf(fill)} is told with other prices than before`)
      for (const part of known) if (tradeOf(part) === tradeOf(fill)) advance(fills.get(part.externalId) ?? part, stage)
      continue
    }
    if (before === undefined) {
      fills.set(externalId, fill)
      added.set(externalId, fill)
      continue
    }
    if (before.shares !== fill.shares || before.price !== fill.price)
      odd.push(`trade ${externalId} is told with another size or price than before`)
    advance(before, stage)
  }
  return { fills: [...fills.values()], added: [...added.values()], settled: [...settled], failed: [...failed], odd }
}

/** What the fills of an order come to; a failed one counts for nothing. */
const totalled = (state: OrderState, fills: ReadonlyArray<TradeFill>): OrderState => {
  let [filled, notional, fees] = [0n, 0n, 0n]
  for (const fill of fills) {
    if (fill.stage === "failed") continue
    filled += fill.shares
    notional += fill.notional
    fees += fill.fee
  }
  return { ...state, filled: Shares(filled), notional: Usd(notional), fees: Usd(fees) }
}

const existing = (from: OrderStatus): OrderStatus =>
  from === "pending" || from === "unknown" || from === "delayed" ? "open" : from

/** Where an order stands that is neither finished nor wholly filled, once a word about it has come. */
const spoken = (from: OrderStatus, word: Word | undefined, due: boolean, hasFills: boolean): OrderStatus => {
  switch (word) {
    case undefined:
      return hasFills ? existing(from) : from
    case "sent":
    case "unsent":
      return from
    case "silent":
      return from === "pending" ? "unknown" : from
    case "delayed":
      return from === "pending" || from === "unknown" ? "delayed" : from
    case "live":
    case "matched":
      return existing(from)
    case "kept":
      return "open"
    case "cancelling":
      return from === "pending" ? "unknown" : "cancelling"
    case "done":
    case "killed":
    case "cancelled":
      return due ? existing(from) : "cancelled"
    case "expired":
      return due ? existing(from) : "expired"
    case "refused":
      return hasFills || from === "open" || from === "cancelling" ? existing(from) : "rejected"
    case "blocked":
      return from === "pending" ? "blocked" : from
    case "withdrawn":
      return from === "pending" ? "cancelled" : from
    case "lapsed":
      return from === "pending" ? "expired" : from
  }
}

/** Whether an order that was thought never to have been there turns out to be: it has trades, or it rests. */
const hasAppeared = (from: OrderStatus, word: Word | undefined, fills: ReadonlyArray<TradeFill>): boolean =>
  (from === "rejected" || from === "blocked") &&
  (fills.length > 0 || word === "live" || word === "matched" || word === "delayed" || word === "kept")

const wordsFor = (order: Order, word: Word | undefined, failed: boolean): string | undefined =>
  failed
    ? "a trade of it failed at the venue and was taken back"
    : word === "done" && (order.timeInForce === "FAK" || order.timeInForce === "FOK")
      ? "killed: the rest found nothing within the limit"
      : undefined

/**
 * Folds news into an order. Totals are those of its trades that have not failed, whatever their order of arrival; a
 * finished order still gains a late fill and loses a failed one. The one way out of `filled` is a failed trade; a refused
 * or blocked order that was there all the same is what the venue says of it.
 */
export const hear = (state: OrderState, known: ReadonlyArray<TradeFill>, told: News): Heard => {
  const tooLate = state.sentMillis !== undefined && BEFORE_LEAVING.includes(told.word)
  const news = tooLate ? { ...told, word: undefined, reason: undefined } : told
  const { added, failed, fills, odd, settled } = merge(known, news.fills)
  const folded = totalled(state, fills)
  const counted = fills.reduce((sum, fill) => sum + fill.shares, 0n)
  const due = news.matched !== undefined && news.matched > counted
  const from = state.status
  const lost = fills.some((fill) => fill.stage === "failed")
  const status: OrderStatus = isWhole(folded)
    ? "filled"
    : from === "filled"
      ? "cancelled"
      : hasAppeared(from, news.word, fills)
        ? spoken("unknown", news.word, due, folded.filled > 0n)
        : isTerminal(from)
          ? from
          : spoken(from, news.word, due, folded.filled > 0n)
  const refolded = isTerminal(from)
  const allowed = status === from || refolded || mayBecome(from, status)
  const reason =
    news.reason ?? (status === "cancelled" && from !== status ? wordsFor(state.order, news.word, lost) : undefined)
  return {
    after: {
      ...folded,
      status: allowed ? status : from,
      reasons: reason === undefined || state.reasons.includes(reason) ? state.reasons : [...state.reasons, reason]
    },
    fills,
    added,
    settled,
    failed,
    odd: allowed ? odd : [...odd, `${from} may not become ${status}`]
  }
}
