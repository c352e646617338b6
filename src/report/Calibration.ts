import type { BookSnapshot } from "../domain/Book.ts"
import { complement, max, Price, Shares, UNIT, type Usd } from "../domain/Money.ts"
import { isTerminal, type Order, type OrderState, type Side } from "../domain/Order.ts"
import { sharesAt } from "../domain/Sizing.ts"
import { decimal } from "./BacktestFigures.ts"
import { BANDS, type Band, type HORIZONS } from "./BacktestTally.ts"

/** `taking`: its limit reached the other side of the book it was decided on; `resting`: it did not. */
export type Category = "taking" | "resting"

/** What an order came to, really or in one band. Fees are apart from the notional. */
export interface Outcome {
  readonly qty: Shares
  readonly notional: Usd
  readonly fees: Usd
}

export type Horizon = (typeof HORIZONS)[number]["name"]

/** One order that was sent, and beside it what was simulated of it. Prices are those of its own outcome. */
export interface Trial {
  readonly orderId: string
  readonly category: Category
  readonly side: Side
  readonly limit: Price
  readonly tick: Price
  /** For a budget what it buys at its limit. */
  readonly ordered: Shares
  /** Midpoint of the book it was decided on; undefined where that showed one side only. */
  readonly mid: Price | undefined
  readonly real: Outcome
  /** Milliseconds from sending to the first real fill. */
  readonly fillMillis: number | undefined
  readonly bands: Readonly<Record<Band, Outcome>>
  /** Midpoints so long after the first real fill, or after sending where nothing filled; undefined where none is known. */
  readonly mids: Readonly<Record<Horizon, Price | undefined>>
}

/** An order that was simulated, too, as the ledger tells it. */
export interface TrialRecord {
  readonly order: OrderState & { readonly sentMillis?: number | undefined }
  readonly decidedBook: BookSnapshot
  readonly bands: Readonly<Record<Band, Outcome>>
  readonly mids: Readonly<Partial<Record<Horizon, Price | undefined>>>
  readonly firstFillMillis: number | undefined
}

/** What the book that an order was decided on says of it. */
export const sight = (
  { outcomeIndex, price, side }: Pick<Order, "outcomeIndex" | "price" | "side">,
  book: BookSnapshot
): Pick<Trial, "category" | "mid" | "tick"> => {
  const [first, second] = [book.bids[0]?.price, book.asks[0]?.price]
  const other = (of: Price | undefined) => (of === undefined ? undefined : complement(of))
  const [bid, ask] = outcomeIndex === 0 ? [first, second] : [other(second), other(first)]
  const takes = side === "BUY" ? ask !== undefined && price >= ask : bid !== undefined && price <= bid
  const mid = bid === undefined || ask === undefined ? undefined : Price((bid + ask) / 2n)
  return { category: takes ? "taking" : "resting", mid, tick: book.tick }
}

/** Orders that have ended, as trials; what may still fill says nothing yet. */
export const trialsOf = (records: ReadonlyArray<TrialRecord>): ReadonlyArray<Trial> =>
  records.flatMap(({ bands, decidedBook, firstFillMillis, mids, order: state }) => {
    const { order } = state
    // An order that never left, or that the venue refused, was not in the market.
    if (!isTerminal(state.status) || state.status === "rejected" || state.sentMillis === undefined) return []
    return [
      {
        orderId: order.id,
        side: order.side,
        limit: order.price,
        ...sight(order, decidedBook),
        ordered: Shares(max(state.filled, sharesAt(order.price, order.quantity))),
        real: { qty: state.filled, notional: state.notional, fees: state.fees },
        // The venue tells its matches to the second, which may be the one before the sending.
        fillMillis: firstFillMillis === undefined ? undefined : Math.max(0, firstFillMillis - state.sentMillis),
        bands,
        mids: { "10s": mids["10s"], "1m": mids["1m"], "10m": mids["10m"] }
      }
    ]
  })

/** Ticks from the midpoint: of a resting order how far its limit stands back, of a taking one how far it reaches beyond. */
export const distanceOf = ({ category, limit, mid, side, tick }: Trial): number | undefined => {
  if (mid === undefined) return undefined
  const back = Number(side === "BUY" ? mid - limit : limit - mid) / Number(tick)
  return category === "resting" ? back : -back
}

/** A figure of what really happened, and of each band. */
export type Compared<A> = Readonly<Record<"real" | Band, A>>

export const SIDES = ["real", ...BANDS] as const

/** What a number of orders came to. Decimals are text; null where there is nothing to tell it from. */
export interface Figures {
  readonly orders: number
  /** Orders whose really filled shares lie within pessimistic to optimistic, below it, and above it. */
  readonly inside: number
  readonly below: number
  readonly above: number
  /** Shares filled over shares ordered. */
  readonly fillRate: Compared<string | null>
  /** Dollars a share that fills were worse than the midpoint of the decision, weighted by shares; fees apart. */
  readonly slippage: Compared<string | null>
  /** Dollars a share. */
  readonly fee: Compared<string | null>
  /** Dollars a share that the midpoint moved in favour of the fills, weighted by shares. */
  readonly markout: Readonly<Record<Horizon, Compared<string | null>>>
  /** Milliseconds to the first real fill, over the orders that filled: the middle one, of two the later. */
  readonly medianFillMillis: number | null
}

const outcomeOf = (trial: Trial, of: "real" | Band): Outcome => (of === "real" ? trial.real : trial.bands[of])

/** By how much fills are worse than a price, in dollars; the millionths of a micro-dollar are kept. */
const worse = (side: Side, { notional, qty }: Outcome, than: Price): number => {
  const over = notional * UNIT - than * qty
  return Number(side === "BUY" ? over : -over) / Number(UNIT * UNIT)
}

const perShare = (
  trials: ReadonlyArray<Trial>,
  of: "real" | Band,
  dollarsOf: (trial: Trial, outcome: Outcome) => number | undefined
): string | null => {
  let [dollars, shares] = [0, 0n]
  for (const trial of trials) {
    const outcome = outcomeOf(trial, of)
    const value = dollarsOf(trial, outcome)
    if (value === undefined || outcome.qty === 0n) continue
    dollars += value
    shares += outcome.qty
  }
  return shares === 0n ? null : decimal(dollars / (Number(shares) / Number(UNIT)))
}

const compared = <A>(figure: (of: "real" | Band) => A): Compared<A> => ({
  real: figure("real"),
  pessimistic: figure("pessimistic"),
  neutral: figure("neutral"),
  optimistic: figure("optimistic")
})

const markoutAt = (trials: ReadonlyArray<Trial>, at: Horizon): Compared<string | null> =>
  compared((of) =>
    perShare(trials, of, ({ mids, side }, outcome) => {
      const mid = mids[at]
      return mid === undefined ? undefined : -worse(side, outcome, mid)
    })
  )

/** Whether what really filled lies where the bands say it should. */
export const verdictOf = ({ bands, real }: Trial): "inside" | "below" | "above" =>
  real.qty < bands.pessimistic.qty ? "below" : real.qty > bands.optimistic.qty ? "above" : "inside"

const rate = (trials: ReadonlyArray<Trial>, of: "real" | Band): string | null => {
  const ordered = trials.reduce((sum, trial) => sum + trial.ordered, 0n)
  const filled = trials.reduce((sum, trial) => sum + outcomeOf(trial, of).qty, 0n)
  return ordered === 0n ? null : decimal(Number(filled) / Number(ordered))
}

/** The figures of some orders together. */
export const figuresOf = (trials: ReadonlyArray<Trial>): Figures => {
  const times = trials.flatMap(({ fillMillis }) => fillMillis ?? []).sort((a, b) => a - b)
  const count = (verdict: string) => trials.filter((trial) => verdictOf(trial) === verdict).length
  return {
    orders: trials.length,
    inside: count("inside"),
    below: count("below"),
    above: count("above"),
    fillRate: compared((of) => rate(trials, of)),
    slippage: compared((of) =>
      perShare(trials, of, ({ mid, side }, outcome) => (mid === undefined ? undefined : worse(side, outcome, mid)))
    ),
    fee: compared((of) => perShare(trials, of, (_, { fees }) => Number(fees) / Number(UNIT))),
    markout: { "10s": markoutAt(trials, "10s"), "1m": markoutAt(trials, "1m"), "10m": markoutAt(trials, "10m") },
    medianFillMillis: times[times.length >> 1] ?? null
  }
}

/** Distances from the midpoint in ticks, from (inclusive) to before: null is without bound. */
const RANGES = [
  { from: null, to: 0 },
  { from: 0, to: 1 },
  { from: 1, to: 2 },
  { from: 2, to: 5 },
  { from: 5, to: 10 },
  { from: 10, to: null }
] as const

export interface Range {
  readonly from: number | null
  readonly to: number | null
}

/** Orders of one category and distance. `ticks` is null where the midpoint of the decision is not known. */
export interface Group extends Figures {
  readonly category: Category
  readonly ticks: Range | null
}

/** What `calibrate --json` prints: real against simulated, over all orders and by category and distance from the mid. */
export interface Calibration {
  /** Orders that may still fill, and are not counted. */
  readonly open: number
  readonly all: Figures
  readonly groups: ReadonlyArray<Group>
}

const isIn = (range: Range | null, distance: number | undefined): boolean =>
  range === null
    ? distance === undefined
    : distance !== undefined && distance >= (range.from ?? -Infinity) && distance < (range.to ?? Infinity)

/** Compares what happened to orders with what was simulated of them. Groups without orders are left out. */
export const calibrate = (trials: ReadonlyArray<Trial>, open = 0): Calibration => ({
  open,
  all: figuresOf(trials),
  groups: (["taking", "resting"] as const).flatMap((category) =>
    [...RANGES, null].flatMap((ticks) => {
      const own = trials.filter((trial) => trial.category === category && isIn(ticks, distanceOf(trial)))
      return own.length === 0 ? [] : [{ category, ticks, ...figuresOf(own) }]
    })
  )
})
