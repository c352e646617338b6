/** Minutes in a year of 365 days: what a figure of one minute is annualised by. Prediction markets never close. */
export const PERIODS_A_YEAR = 525_600

/** Returns of one minute each, told one by one: their sums, by Welford's method, in constant memory. */
export interface Returns {
  count: number
  mean: number
  /** Sum of squared distances from the mean. */
  squares: number
  /** Sum of the squares of the negative ones. */
  downside: number
}

export const returns = (): Returns => ({ count: 0, mean: 0, squares: 0, downside: 0 })

/** Adds a return: what was gained in a period, over the equity at its beginning. */
export const addReturn = (into: Returns, gained: number): void => {
  into.count += 1
  const distance = gained - into.mean
  into.mean += distance / into.count
  into.squares += distance * (gained - into.mean)
  if (gained < 0) into.downside += gained * gained
}

/**
 * Sharpe ratio, annualised: mean(r) / sd(r) x sqrt(525600), of returns r over one minute of simulated time, against a
 * riskless rate of 0; sd with n - 1. None where there are fewer than two returns or they are all the same. Over a short
 * tape the annual figure says little; it is there to compare runs with each other.
 */
export const sharpe = ({ count, mean, squares }: Returns): number | undefined =>
  count < 2 || squares <= 0 ? undefined : (mean / Math.sqrt(squares / (count - 1))) * Math.sqrt(PERIODS_A_YEAR)

/**
 * Sortino ratio, annualised: mean(r) / sqrt(sum(min(r, 0)^2) / n) x sqrt(525600), against a target of 0. None without a
 * negative return.
 */
export const sortino = ({ count, downside, mean }: Returns): number | undefined =>
  count < 2 || downside <= 0 ? undefined : (mean / Math.sqrt(downside / count)) * Math.sqrt(PERIODS_A_YEAR)

/** How far equity has fallen from its highest point so far. */
export interface Drawdown {
  peak: number
  deepest: number
}

export const drawdown = (start: number): Drawdown => ({ peak: start, deepest: 0 })

/** The fall from the peak at this moment, as a fraction of the peak: (peak - equity) / peak. */
export const addEquity = (into: Drawdown, equity: number): number => {
  if (equity > into.peak) into.peak = equity
  const fallen = into.peak > 0 ? (into.peak - equity) / into.peak : 0
  if (fallen > into.deepest) into.deepest = fallen
  return fallen
}

/** A mean over shares, in constant memory. */
export interface Weighted {
  weight: number
  total: number
  /** Fills without a value, such as those whose market showed no two-sided book at the time. */
  missing: number
}

export const weighted = (): Weighted => ({ weight: 0, total: 0, missing: 0 })

export const addWeighted = (into: Weighted, value: number | undefined, weight: number): void => {
  if (value === undefined) into.missing += 1
  else {
    into.weight += weight
    into.total += value * weight
  }
}

export const meanOf = ({ total, weight }: Weighted): number | undefined => (weight > 0 ? total / weight : undefined)

/**
 * Markout of a fill at a horizon, in dollars a share: how far the midpoint of its outcome has moved in the fill's favour.
 * A buyer's is mid - price, a seller's price - mid; negative means that those who traded with us knew better.
 */
export const markout = (side: "BUY" | "SELL", price: number, mid: number): number =>
  side === "BUY" ? mid - price : price - mid

/** Ten bins of predicted probability and what came of it. */
export interface Bin {
  shares: number
  /** Sum of shares x predicted. */
  predicted: number
  /** Sum of shares x payout. */
  paid: number
  fills: number
}

export const BINS = 10

export const bins = (): Array<Bin> =>
  Array.from({ length: BINS }, () => ({ shares: 0, predicted: 0, paid: 0, fills: 0 }))

/**
 * Adds a bought share's price, which is the probability that its buyer accepted, and what the share paid in the end. In a
 * well calibrated bin mean price and mean payout are equal; payout above price is profit. A sold share at p is the other
 * outcome bought at 1 - p.
 */
export const addOutcome = (into: ReadonlyArray<Bin>, price: number, payout: number, shares: number): void => {
  const bin = into[Math.min(BINS - 1, Math.max(0, Math.floor(price * BINS + 1e-9)))]
  if (bin === undefined) return
  bin.fills += 1
  bin.shares += shares
  bin.predicted += price * shares
  bin.paid += payout * shares
}

/** A statistic as decimal text with at most 6 decimals; money never passes through here. */
export const decimal = (value: number | undefined): string | null => {
  if (value === undefined || !Number.isFinite(value)) return null
  const text = value.toFixed(6).replace(/\.?0+$/, "")
  return text === "-0" || text === "" ? "0" : text
}
