import type { BacktestReport, BacktestRun } from "./BacktestReport.ts"
import { SCRIPT } from "./BacktestScript.ts"
import { STYLE } from "./BacktestStyle.ts"
import { moment } from "./Tables.ts"

/** Points of all lines together: enough for every pixel of one run, and still a small file for thousands of runs. */
const POINTS = 60_000
const FILLS = 2_000

/** Every so many points, and always the last one. */
const thin = <A>(points: ReadonlyArray<A>, most: number): ReadonlyArray<A> => {
  const stride = Math.ceil(points.length / Math.max(2, most))
  return stride <= 1 ? points : points.filter((_, at) => at % stride === 0 || at === points.length - 1)
}

/** A run with its lines as lists of numbers, thinned to what can be seen. */
const compact = (run: BacktestRun, most: number) => ({
  ...run,
  equity: thin(run.equity, most).map((point) => [
    point.at,
    Number(point.pessimistic),
    Number(point.neutral),
    Number(point.optimistic),
    Number(point.drawdown)
  ]),
  markets: run.markets.map((market) => ({
    ...market,
    path:
      market.path === null
        ? null
        : thin(market.path, most).map(({ ask, at, bid, held, isKnown }) => [at, bid, ask, isKnown, ...held])
  })),
  orders: run.orders.slice(0, FILLS),
  fills: run.fills.slice(0, FILLS),
  fillsLeftOut: Math.max(0, run.fills.length - Math.min(FILLS, 500))
})

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter] ?? "")

const DEFINITIONS: ReadonlyArray<readonly [string, string]> = [
  [
    "Bands",
    "Three sets of assumptions in one pass: what stands ahead of a resting order, and what of the displayed size is really there. Neutral is the headline; read the pessimistic one before money moves."
  ],
  [
    "Equity",
    "Balance + cash of fills and payouts - fees + positions at their best bid (their payout once resolved), each minute of simulated time and at the end."
  ],
  [
    "Return",
    "(Equity at the end - balance) / balance; on capital used: the same gain over the most cash that was out at once."
  ],
  [
    "Sharpe, Sortino",
    "Mean return of a minute over its standard deviation (Sortino: over the root mean square of the negative ones), times the root of 525,600, the minutes of a year. Over short data the annual figure says little."
  ],
  ["Drawdown", "(Highest equity so far - equity) / highest equity so far."],
  [
    "Fill rate, hit rate",
    "Shares filled over shares ordered; fills that gained by the end, after their fee, over all fills."
  ],
  [
    "Markout",
    "Dollars a share that the midpoint has moved in favour of a fill, 10 seconds, 1 minute and 10 minutes after it, weighted by shares."
  ],
  ["Coverage", "Share of the time in which the book was known, over all markets; a gap is a break of a stream."]
]

/**
 * The report as one HTML file that needs nothing else: no fonts, scripts or pictures from elsewhere. Readable on light and
 * dark screens.
 */
export const backtestHtml = (report: BacktestReport): string => {
  const { options, runs, tapes } = report
  const lines = runs.reduce((count, run) => count + 1 + run.markets.filter((market) => market.path !== null).length, 0)
  const most = Math.floor(POINTS / Math.max(1, lines))
  const data = JSON.stringify({ ...report, runs: runs.map((run) => compact(run, Math.min(600, most))) })
  const plans = [...new Set(runs.map((run) => run.planId))]
  const title = plans.length === 1 ? `Backtest of ${plans[0]}` : `Backtest of ${plans.length} plans`
  const over = tapes.map((tape) => `${tape.path} (${moment(tape.from)} to ${moment(tape.to)})`).join(", ")
  const setting = `milliseconds to the exchange ${options.latencyMs}, back ${options.answerLatencyMs};  cancellations ${options.cancelShare}, seed ${options.seed}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<p class="sub">Over ${escape(over)}; ${escape(setting)}. Fills are simulated: nothing was sent anywhere.</p>
<div id="runs"></div>
<div id="detail"></div>
<section class="card"><h2>What the figures mean</h2><dl>${DEFINITIONS.map(([name, meaning]) => `<dt>${escape(name)}</dt><dd>${escape(meaning)}</dd>`).join("")}</dl></section>
</main>
<script type="application/json" id="data">${data.replace(/</g, "\\u003c")}</script>
<script>${SCRIPT}</script>
</body>
</html>
`
}
