import type { Calibration, Compared, Figures, Range } from "./Calibration.ts"
import { type Cell, type Column, type Look, paint, table } from "./Table.ts"

const UNKNOWN: Cell = { text: "-", tone: "dim" }

const percent = (text: string | null): Cell => (text === null ? UNKNOWN : `${(Number(text) * 100).toFixed(1)}%`)
const dollars = (text: string | null): Cell => (text === null ? UNKNOWN : Number(text).toFixed(4))

const seconds = (millis: number | null): Cell =>
  millis === null ? UNKNOWN : millis < 1000 ? `${millis} ms` : `${(millis / 1000).toFixed(1)} s`

const rangeText = (ticks: Range | null): string => {
  if (ticks === null) return "not known"
  if (ticks.from === null) return "ahead of it"
  return ticks.to === null ? `${ticks.from} or more` : `${ticks.from} to ${ticks.to}`
}

const named = ({ all, groups }: Calibration): ReadonlyArray<readonly [string, string, Figures]> => [
  ...groups.map((group) => [group.category, rangeText(group.ticks), group] as const),
  ["all", "", all]
]

const right = (title: string): Column => ({ title, align: "right" })
const SIDES = [right("Real"), right("Pessim."), right("Neutral"), right("Optim.")]
const sides = (of: Compared<string | null>, cell: (text: string | null) => Cell): ReadonlyArray<Cell> => [
  cell(of.real),
  cell(of.pessimistic),
  cell(of.neutral),
  cell(of.optimistic)
]

const ORDERS: ReadonlyArray<Column> = [{ title: "Orders" }, { title: "Ticks to mid" }]

const outside = (count: number): Cell => (count === 0 ? "0" : { text: String(count), tone: "warn" })

const fillTable = (found: Calibration, look: Look): string =>
  table(
    [...ORDERS, right("Count"), ...SIDES, right("In band"), right("Below"), right("Above"), right("Time")],
    named(found).map(([category, ticks, of]) => [
      category,
      ticks,
      String(of.orders),
      ...sides(of.fillRate, percent),
      String(of.inside),
      outside(of.below),
      outside(of.above),
      seconds(of.medianFillMillis)
    ]),
    look
  )

const costTable = (found: Calibration, of: (figures: Figures) => Compared<string | null>, look: Look): string =>
  table(
    [...ORDERS, ...SIDES],
    named(found).map(([category, ticks, figures]) => [category, ticks, ...sides(of(figures), dollars)]),
    look
  )

/** What `calibrate` prints for people. */
export const calibrationText = (found: Calibration, look: Look): string => {
  const open = found.open === 0 ? [] : [`${found.open} more may still fill and are not counted.`]
  if (found.all.orders === 0) {
    const none = "No order has ended that was sent and simulated, too: there is nothing to compare yet."
    return [none, ...open].join("\n")
  }
  const titled = (title: string, text: string) => `${paint(title, "strong", look)}\n${text}`
  return [
    titled(
      "Fill rate: shares filled over shares ordered, and the median time to the first fill",
      fillTable(found, look)
    ),
    titled(
      "Slippage: dollars a share worse than the mid at the decision, fees apart",
      costTable(found, (figures) => figures.slippage, look)
    ),
    titled(
      "Fees: dollars a share",
      costTable(found, (figures) => figures.fee, look)
    ),
    ...(["10s", "1m", "10m"] as const).map((at) =>
      titled(
        `Markout: dollars a share that the mid moved in our favour, ${at} after the fill`,
        costTable(found, (figures) => figures.markout[at], look)
      )
    ),
    ...open
  ].join("\n\n")
}
