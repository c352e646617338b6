import type { MarkedPosition } from "../domain/Report.ts"
import { checksText } from "./CheckTables.ts"
import { type PositionRow, positionRow } from "./PositionRows.ts"
import {
  type BalanceRecord,
  balancesJson,
  type FillRecord,
  type FillRow,
  fillsJson,
  type RunRecord,
  runsJson
} from "./Rows.ts"
import { type Cell, clean, gain, kinds, type Look, marketOf, money, paint, type Tone, table } from "./Table.ts"

/** A moment for people: to the second, UTC. */
export const moment = (at: string | null): string => (at === null ? "" : `${at.slice(0, 10)} ${at.slice(11, 19)}Z`)

/** Positions, real and simulated markets apart. */
export const positionTables = (positions: ReadonlyArray<PositionRow>, look: Look): string =>
  kinds("Positions", positions)
    .map(({ rows, title }) =>
      [
        paint(title, "strong", look),
        table(
          [
            { title: "Market", give: "middle" },
            { title: "Outcome", give: "middle" },
            { title: "Mode" },
            { title: "Shares", align: "right" },
            { title: "Avg", align: "right" },
            { title: "Cost", align: "right" },
            { title: "Mark", align: "right" },
            { title: "Unrealized", align: "right" },
            { title: "Realized", align: "right" },
            { title: "Fees", align: "right" }
          ],
          rows.map(
            (row): ReadonlyArray<Cell> => [
              marketOf(row, look),
              row.outcome,
              row.mode,
              row.qty,
              row.avgPrice,
              money(row.costBasis),
              row.markPrice ?? { text: "?", tone: "dim" },
              gain(row.unrealizedPnl),
              gain(row.realizedPnl),
              money(row.fees)
            ]
          ),
          look
        )
      ].join("\n")
    )
    .join("\n\n")

/** What `positions` prints for people. */
export const positionsText = (positions: ReadonlyArray<MarkedPosition>, look: Look): string =>
  positions.length === 0 ? "No positions yet." : positionTables(positions.map(positionRow), look)

const fillTable = (rows: ReadonlyArray<FillRow>, look: Look): string =>
  table(
    [
      { title: "Time", give: "wrap" },
      { title: "Market", give: "middle" },
      { title: "Fill", give: "wrap" },
      { title: "Mode" },
      { title: "Shares", align: "right" },
      { title: "Price", align: "right" },
      { title: "Notional", align: "right" },
      { title: "Fee", align: "right" },
      { title: "As" },
      { title: "Plan", give: "middle" }
    ],
    rows.map((row) => [
      moment(row.executedAt),
      marketOf(row, look),
      `${row.side} ${row.outcome}`,
      row.mode,
      row.qty,
      row.price,
      money(row.notional),
      money(row.fee),
      row.failed
        ? { text: `${row.liquidity}, failed`, tone: "bad" }
        : row.final
          ? row.liquidity
          : { text: `${row.liquidity}, may fail`, tone: "warn" },
      row.planId
    ]),
    look
  )

/** What `fills` prints for people. */
export const fillsText = (fills: ReadonlyArray<FillRecord>, look: Look): string =>
  fills.length === 0
    ? "No fills yet."
    : kinds("Fills", fillsJson(fills).fills)
        .map(({ rows, title }) => `${paint(title, "strong", look)}\n${fillTable(rows, look)}`)
        .join("\n\n")

/** What `balances` prints for people. */
export const balancesText = (records: ReadonlyArray<BalanceRecord>, look: Look): string => {
  if (records.length === 0) return "No account yet: the first run opens one."
  const rows = balancesJson(records).balances
  const notes = rows.flatMap((row) => [
    ...(row.unpricedPositions === 0
      ? []
      : [`${row.mode}: ${row.unpricedPositions} positions have no price and are left out of positions and equity`]),
    ...(row.simulatedValue === "0"
      ? []
      : [`${row.mode}: ${money(row.simulatedValue)} of positions is in SIMULATED markets`])
  ])
  const right = (title: string) => ({ title, align: "right" }) as const
  const columns = [
    { title: "Account" },
    right("Cash"),
    right("Reserved"),
    right("Available"),
    right("Positions"),
    right("Equity"),
    right("Opening"),
    right("P&L")
  ]
  const drawn = table(
    columns,
    rows.map((row) => [
      row.mode,
      money(row.cash),
      money(row.reserved),
      money(row.available),
      money(row.positionsValue),
      money(row.equity),
      money(row.opening),
      gain(row.totalPnl)
    ]),
    look
  )
  return [drawn, ...notes].join("\n")
}

const runTone = (status: string): Tone | undefined =>
  status === "completed" ? "good" : status === "failed" ? "bad" : "warn"

/** What `runs` prints for people. */
export const runsText = (records: ReadonlyArray<RunRecord>, look: Look): string =>
  records.length === 0
    ? "No runs yet. Try: betteroms trade plans/demo.json --market-data sim"
    : table(
        [
          { title: "Plan", give: "middle" },
          { title: "Mode" },
          { title: "Status" },
          { title: "Started" },
          { title: "Ended" },
          { title: "File", give: "middle" },
          { title: "Error", give: "wrap" }
        ],
        runsJson(records).runs.map((row) => [
          row.planId,
          row.mode,
          { text: row.status, tone: runTone(row.status) },
          moment(row.startedAt),
          moment(row.completedAt),
          row.planFile ?? "",
          row.error ?? ""
        ]),
        look
      )

/** What `verify` found: each thing it proved, and every difference. */
export interface Proof {
  readonly ok: boolean
  readonly checks: ReadonlyArray<{
    readonly name: string
    readonly ok: boolean
    readonly checked: number
    readonly differences: ReadonlyArray<string>
  }>
}

/** What `verify` prints for people. */
export const verdictText = ({ checks, ok }: Proof, look: Look): string => {
  const rows = checks.map(({ checked, differences, name, ok }) => ({
    check: name,
    ok,
    detail: ok ? `${checked} rows` : `${differences.length} of ${checked} rows differ`
  }))
  const differences = checks.flatMap(({ differences, name }) => differences.map((each) => `${name}: ${clean(each)}`))
  return [
    checksText(rows, look),
    ...differences.map((each) => paint(each, "bad", look)),
    ok
      ? paint("The database agrees with itself.", "good", look)
      : paint("The database does NOT agree with itself: restore a backup or find out who wrote to it.", "bad", look)
  ].join("\n")
}
