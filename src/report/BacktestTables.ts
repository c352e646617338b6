import type { BacktestReport, BacktestRun } from "./BacktestReport.ts"
import type { Band } from "./BacktestTally.ts"
import { refusalsText, runOrderTables } from "./OrderTables.ts"
import { type Cell, clean, gain, type Look, money, paint, table } from "./Table.ts"
import { moment } from "./Tables.ts"

/** Runs that are told in full; more are told a line each. */
const IN_FULL = 3

const UNKNOWN: Cell = { text: "-", tone: "dim" }

const number = (text: string | null | undefined, digits: number): Cell =>
  text === null || text === undefined ? UNKNOWN : Number(text).toFixed(digits)

const percent = (text: string | null): Cell => (text === null ? UNKNOWN : `${(Number(text) * 100).toFixed(2)}%`)

/** What tells a run from the others: its plan, and what of it was changed. */
export const nameOf = ({ planId, variant }: Pick<BacktestRun, "planId" | "variant">): string =>
  [planId, ...Object.entries(variant).map(([path, value]) => `${path}=${value}`)].join(" ")

const bandCell = (run: BacktestRun, band: Band): Cell => gain(run.bands[band].pnl)

/** A line a run, in the order asked for. */
const overview = (runs: ReadonlyArray<BacktestRun>, look: Look): string =>
  table(
    [
      { title: "Run", give: "wrap" },
      { title: "Status" },
      { title: "P&L", align: "right" },
      { title: "Pessim.", align: "right" },
      { title: "Optim.", align: "right" },
      { title: "Return", align: "right" },
      { title: "Sharpe", align: "right" },
      { title: "Drawdown", align: "right" },
      { title: "Filled", align: "right" },
      { title: "Markout 1m", align: "right" }
    ],
    runs.map((run) => [
      nameOf(run),
      run.status,
      bandCell(run, "neutral"),
      bandCell(run, "pessimistic"),
      bandCell(run, "optimistic"),
      percent(run.figures.return),
      number(run.figures.sharpe, 2),
      percent(run.figures.maxDrawdown),
      percent(run.figures.fillRate),
      number(run.figures.markout["1m"], 4)
    ]),
    look
  )

const figures = ({ bands, figures: of }: BacktestRun, look: Look): string =>
  table(
    [
      { title: "Figure" },
      { title: "Neutral", align: "right" },
      { title: "Pessimistic", align: "right" },
      { title: "Optimistic", align: "right" }
    ],
    [
      ["P&L", gain(of.pnl), gain(bands.pessimistic.pnl), gain(bands.optimistic.pnl)],
      ["Shares filled", bands.neutral.filledQty, bands.pessimistic.filledQty, bands.optimistic.filledQty],
      ["Fees", money(of.fees), money(bands.pessimistic.fees), money(bands.optimistic.fees)],
      ["Equity at the end", money(of.equity), money(bands.pessimistic.equity), money(bands.optimistic.equity)],
      ["Return (on capital used)", `${textOf(percent(of.return))} (${textOf(percent(of.returnOnCapital))})`],
      ["Sharpe, Sortino (annualised)", `${textOf(number(of.sharpe, 2))}, ${textOf(number(of.sortino, 2))}`],
      ["Deepest drawdown", percent(of.maxDrawdown)],
      ["Hit rate", percent(of.hitRate)],
      ["Turnover", percent(of.turnover)],
      ["Fill rate", percent(of.fillRate)],
      ["Markout 10s / 1m / 10m", ["10s", "1m", "10m"].map((at) => textOf(number(of.markout[at], 4))).join(" / ")],
      ["Data coverage (gaps)", `${textOf(percent(of.coverage))} (${of.gaps})`]
    ],
    look
  )

const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text)

const markets = ({ markets: rows }: BacktestRun, look: Look): string =>
  table(
    [
      { title: "Market", give: "middle" },
      { title: "P&L", align: "right" },
      { title: "Pessim.", align: "right" },
      { title: "Optim.", align: "right" },
      { title: "Ended", align: "right" },
      { title: "Coverage", align: "right" },
      { title: "Gaps", align: "right" }
    ],
    rows.map((row) => [
      row.slug,
      gain(row.pnl),
      gain(row.pnlPessimistic),
      gain(row.pnlOptimistic),
      row.payouts === null ? "marked to the book" : `paid ${row.payouts.join(" / ")}`,
      percent(row.coverage),
      String(row.gaps)
    ]),
    look
  )

const inFull = (run: BacktestRun, look: Look): string =>
  [
    `${paint(clean(nameOf(run)), "strong", look)}: ${run.status}, ${moment(run.from)} to ${moment(run.to)}, ${run.rows.toLocaleString("en-US")} events`,
    run.error === null ? "" : `${paint("Error", "bad", look)}: ${clean(run.error)}`,
    runOrderTables(run.orders, look),
    refusalsText(run.orders, look),
    run.status === "rejected" ? "" : figures(run, look),
    run.status === "rejected" ? "" : markets(run, look),
    run.warnings.map((warning) => `${paint("Warning", "warn", look)}: ${clean(warning)}`).join("\n")
  ]
    .filter((block) => block !== "")
    .join("\n\n")

/** What `backtest` prints for people. */
export const backtestText = (report: BacktestReport, look: Look): string =>
  report.runs.length <= IN_FULL ? report.runs.map((run) => inFull(run, look)).join("\n\n") : overview(report.runs, look)
