import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Answer, MarketMemory } from "../../src/domain/Answer.ts"
import type { BookSnapshot, Level } from "../../src/domain/Book.ts"
import type { Market } from "../../src/domain/Market.ts"
import { Price, parse, Shares, UNIT, Usd, ZERO_SHARES, ZERO_USD } from "../../src/domain/Money.ts"
import type { Order, OrderState } from "../../src/domain/Order.ts"
import type { Simulation } from "../../src/domain/Plan.ts"
import * as Pit from "../../src/exchange/Pit.ts"
import * as Snapshot from "../../src/exchange/Snapshot.ts"

export const micro = (text: string): bigint => Option.getOrElse(parse(text), () => -1n)
export const price = (text: string): Price => Price(micro(text))
export const shares = (text: string): Shares => Shares(micro(text))
export const usd = (text: string): Usd => Usd(micro(text))

export const PLAIN: Simulation = { slippageTicks: 0, spreadCushion: Price(0n), liquidityFraction: UNIT }

export const MARKET: Market = {
  marketId: "sim-rain",
  slug: "rain-tomorrow",
  conditionId: "sim-rain",
  question: "Rain tomorrow?",
  outcomes: ["Yes", "No"],
  tokenIds: ["1", "2"],
  tick: price("0.01"),
  minSize: shares("5"),
  fees: { rate: micro("0.07"), exponent: 1 },
  negRisk: false,
  version: "v2",
  closedBecause: undefined,
  takerDelayMillis: 0,
  payouts: undefined,
  source: "sim"
}

type Rows = ReadonlyArray<readonly [price: string, size: string]>
const levels = (rows: Rows): ReadonlyArray<Level> =>
  rows.map(([at, size]) => ({ price: price(at), size: shares(size) }))

export const book = (bids: Rows, asks: Rows, fetchedMillis = 1000): BookSnapshot => ({
  conditionId: MARKET.conditionId,
  bids: levels(bids),
  asks: levels(asks),
  tick: MARKET.tick,
  venueMillis: undefined,
  fetchedMillis
})

/** A GTC BUY of 100 Yes at 0.50, but for what is said otherwise. */
export const order = (but: Partial<Order>): Order => ({
  id: "order",
  planId: "plan",
  instruction: 0,
  attempt: 1,
  mode: "paper",
  marketId: MARKET.marketId,
  conditionId: MARKET.conditionId,
  tokenId: "1",
  outcomeIndex: 0,
  outcome: "Yes",
  side: "BUY",
  price: price("0.50"),
  quantity: { _tag: "Shares", shares: shares("100") },
  size: 100_000_000n,
  sizeUnit: "SHARES",
  feesInclusive: false,
  timeInForce: "GTC",
  postOnly: false,
  worstFee: ZERO_USD,
  placedMillis: 500,
  cancelAfterMillis: undefined,
  notes: undefined,
  ...but
})

export const ofShares = (text: string): Order["quantity"] => ({ _tag: "Shares", shares: shares(text) })
export const ofBudget = (text: string): Order["quantity"] => ({ _tag: "Budget", usd: usd(text) })

export const floorOn = (
  snapshot: BookSnapshot,
  but: {
    readonly market?: Market
    readonly simulation?: Partial<Simulation>
    readonly decidedOn?: BookSnapshot
    readonly stopAtRefusal?: boolean
  } = {}
): Snapshot.Floor => {
  const market = but.market ?? MARKET
  return {
    pits: new Map([[market.conditionId, Pit.make(market, Either.right(snapshot), but.decidedOn)]]),
    simulation: { ...PLAIN, ...but.simulation },
    stopAtRefusal: but.stopAtRefusal ?? false
  }
}

export type Memory = ReadonlyMap<string, MarketMemory>
export const NOTHING: Memory = new Map()

/** What the database would hand out next. */
export const kept = (memory: Memory, written: ReadonlyArray<MarketMemory>): Memory =>
  new Map([...memory, ...written.map((each) => [each.conditionId, { ...each, version: each.version + 1 }] as const)])

export const pending = (of: Order): OrderState => ({
  order: of,
  status: "pending",
  filled: ZERO_SHARES,
  notional: ZERO_USD,
  fees: ZERO_USD,
  bands: { pessimistic: ZERO_SHARES, optimistic: ZERO_SHARES, queueAhead: ZERO_SHARES },
  reasons: []
})

const sum = (values: ReadonlyArray<bigint>): bigint => values.reduce((total, value) => total + value, 0n)

export const filledBy = (answer: Answer): bigint => sum(answer.fills.map((fill) => fill.shares))

export const after = (state: OrderState, answer: Answer): OrderState => ({
  ...state,
  status: answer.status,
  filled: Shares(state.filled + filledBy(answer)),
  notional: Usd(state.notional + sum(answer.fills.map((fill) => fill.notional))),
  fees: Usd(state.fees + sum(answer.fills.map((fill) => fill.fee))),
  bands: answer.bands
})

/** Places one order on a book that nothing has been taken of. */
export const placed = (
  of: Order,
  snapshot: BookSnapshot,
  but: Parameters<typeof floorOn>[1] = {},
  memory: Memory = NOTHING
): { readonly state: OrderState; readonly answer: Answer; readonly memory: Memory } => {
  const reply = Snapshot.place(floorOn(snapshot, but), [of], memory, 2000)
  const [answer] = reply.answers
  if (answer === undefined) return { state: pending(of), answer: { ...UNANSWERED }, memory }
  return { state: after(pending(of), answer), answer, memory: kept(memory, reply.memory) }
}

/** Shows one resting order a later book. */
export const shown = (
  state: OrderState,
  memory: Memory,
  snapshot: BookSnapshot,
  but: Parameters<typeof floorOn>[1] = {}
): { readonly state: OrderState; readonly answer: Answer | undefined; readonly memory: Memory } => {
  const reply = Snapshot.refresh(floorOn(snapshot, but), [state], memory, 3000)
  const [answer] = reply.answers
  return {
    state: answer === undefined ? state : after(state, answer),
    answer,
    memory: kept(memory, reply.memory)
  }
}

const UNANSWERED: Answer = {
  orderId: "none",
  status: "unknown",
  fills: [],
  bands: { pessimistic: ZERO_SHARES, optimistic: ZERO_SHARES, queueAhead: ZERO_SHARES },
  reason: "no answer",
  atMillis: 0,
  externalOrderId: undefined
}

/** Fills as text: shares at price. */
export const told = (answer: Answer | undefined): ReadonlyArray<string> =>
  (answer?.fills ?? []).map((fill) => `${Number(fill.shares) / 1e6} at ${Number(fill.price) / 1e6}`)

/** JSON of anything, money included: two of them are equal when every byte is. */
export const bytes = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}` : each))
