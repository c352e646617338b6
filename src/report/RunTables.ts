import * as Option from "effect/Option"
import { parse } from "../domain/Money.ts"
import type { Run } from "../domain/Report.ts"
import type { OrderRow } from "./OrderRows.ts"
import { refusalsText, runOrderTables } from "./OrderTables.ts"
import type { RunRecord } from "./Rows.ts"
import { fromJson, type RunReport, toJson } from "./RunReport.ts"
import { type Cell, clean, gain, type Look, money, paint, type Tone } from "./Table.ts"
import { moment, positionTables } from "./Tables.ts"

const STATUS_TONES: Readonly<Record<string, Tone>> = { completed: "good", failed: "bad", rejected: "bad" }

const painted = (cell: Cell, look: Look): string =>
  typeof cell === "string" ? cell : paint(cell.text, cell.tone, look)

/** Money a finished order was given and did not spend. An order that still works has not left it over yet. */
const unspentLines = (orders: ReadonlyArray<OrderRow>): ReadonlyArray<string> =>
  orders
    .filter((row) => ["filled", "cancelled", "expired"].includes(row.status) && row.unspent !== "0")
    .map((row) => `#${row.instruction + 1}: ${money(row.unspent).replace(/\.00$/, "")} USDC not spent`)

const sharesOf = (text: string): bigint => Option.getOrElse(parse(text), () => 0n)

/** Orders whose fills hang on what is assumed of the displayed book. */
const bandLines = (orders: ReadonlyArray<OrderRow>): ReadonlyArray<string> =>
  orders
    .filter(({ bands }) => sharesOf(bands.pessimistic) !== sharesOf(bands.optimistic))
    .map(
      ({ bands, instruction }) =>
        `#${instruction + 1}: ${bands.neutral} shares filled; pessimistically ${bands.pessimistic}, optimistically ${bands.optimistic}`
    )

const countLine = ({ dryRun, totals }: RunReport): string =>
  dryRun
    ? `Nothing was placed. On the books shown ${totals.ordersFilled} would fill, ${totals.ordersOpen} would rest, ${totals.ordersRejected} are refused`
    : `${totals.ordersPlaced} placed: ${totals.ordersFilled} filled, ${totals.ordersOpen} open, ${totals.ordersRejected} refused`

/** A run for people: orders, reasons against them, what was not spent, totals, positions, warnings, and what stopped it. */
export const reportText = (report: RunReport, look: Look): string => {
  const { totals } = report
  const preview = report.dryRun ? ", a preview: nothing was written" : ""
  const profit =
    ` P&L in these markets: ` +
    `realized ${painted(gain(totals.realizedPnl), look)}, unrealized ${painted(gain(totals.unrealizedPnl), look)}, ` +
    `total after fees ${painted(gain(totals.totalPnl), look)}`
  // What was not placed is in no position yet: a P&L would be of something else.
  const figures = `Notional ${money(totals.notional)} USDC, fees ${money(totals.fees)}.${report.dryRun ? "" : profit}`
  const head =
    `Plan ${paint(clean(report.planId), "strong", look)} (${report.mode}${preview}): ` +
    `${paint(report.status, STATUS_TONES[report.status], look)}, ${moment(report.startedAt)} to ${moment(report.completedAt)}`
  const blocks = [
    head,
    runOrderTables(report.orders, look),
    refusalsText(report.orders, look),
    [...unspentLines(report.orders), ...bandLines(report.orders)].join("\n"),
    [countLine(report), figures].join("\n"),
    positionTables(report.positions, look),
    report.warnings.map((warning) => `${paint("Warning", "warn", look)}: ${clean(warning)}`).join("\n"),
    report.error === undefined ? "" : `${paint("Error", "bad", look)}: ${clean(report.error.message)}`
  ]
  return blocks.filter((block) => block !== "").join("\n\n")
}

/** What `trade` prints for people. */
export const runText = (run: Run, look: Look): string => reportText(toJson(run), { ...look, slugs: run.slugs })

/** A run as it is on record: its report where one was written, else how far it came. */
export const recordText = (record: RunRecord & { readonly summary: unknown }, look: Look): string =>
  Option.match(fromJson(record.summary), {
    onSome: (report) => reportText(report, look),
    onNone: () =>
      [
        `Plan ${paint(clean(record.planId), "strong", look)} (${record.mode}): ${record.status}; it has not reported yet.`,
        ...(record.status === "running" ? ["If no process is running it, run the same file again: it goes on."] : []),
        ...(record.error === undefined ? [] : [`${paint("Error", "bad", look)}: ${clean(record.error)}`])
      ].join("\n")
  })
