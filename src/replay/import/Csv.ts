import * as Effect from "effect/Effect"
import { type Label, labelOf, labelOfSlug } from "../../domain/Label.ts"
import { fault } from "../TapeFault.ts"
import * as Bytes from "./Bytes.ts"
import { BROKEN, HUNGRY, READY, type Source } from "./Source.ts"

const HOUR = 3_600_000
const UTC = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)$/

const timeOf = (text: string): number => {
  const found = UTC.exec(text)
  return found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2]}Z`)
}

/** One way of writing rows about up/down markets. */
interface Layout {
  /** What the rows are, in words. */
  readonly what: string
  /** The columns that are used: first when it happened, then when the market begins and ends. Their order is free. */
  readonly columns: readonly [at: string, start: string, end: string, ...rest: ReadonlyArray<string>]
  /** The message that a row comes to, out of the cells of the rest of its columns. */
  readonly message: (
    label: Label,
    millis: number,
    cells: ReadonlyArray<string>,
    shares: string
  ) => Readonly<Record<string, unknown>>
}

const sideOf = (price: string, shares: string) => (Number(price) === 0 ? [] : [[price, shares]])

/**
 * Best bid and ask, as they were polled: each row becomes a full book of one level a side. Columns of liquidity are the sum
 * of the best five levels, which is not what stands at the best price, so `shares` is assumed there instead.
 */
const QUOTES: Layout = {
  what: "best quotes",
  columns: ["Timestamp", "TargetTime", "Expiration", "UpBid", "UpAsk"],
  message: ({ market, tokens }, timestamp, [bid = "0", ask = "0"], shares) => ({
    event_type: "book",
    market,
    asset_id: tokens[0],
    timestamp,
    bids: sideOf(bid, shares),
    asks: sideOf(ask, shares)
  })
}

/** Public trades, each bought by somebody of the outcome that is named. */
const TRADES: Layout = {
  what: "trades",
  columns: ["timestamp", "TargetTime", "ExpirationTime", "trade_side", "quantity", "price"],
  message: ({ market, tokens }, timestamp, [outcome = "", size = "", price = ""]) => ({
    event_type: "last_trade_price",
    market,
    asset_id: outcome.toLowerCase() === "up" ? tokens[0] : outcome.toLowerCase() === "down" ? tokens[1] : outcome,
    price,
    size,
    side: "BUY",
    timestamp
  })
}

const missingOf = (header: ReadonlyArray<string>, { columns }: Layout) =>
  columns.filter((name) => !header.includes(name))

const noLayout = (path: string, header: ReadonlyArray<string>) => {
  const missing = [QUOTES, TRADES].map(
    (layout) => `${layout.what} with the columns ${missingOf(header, layout).join(", ")}`
  )
  return fault("malformed_recording", `${path}:1`, `expected ${missing.join(", or ")}`)
}

/**
 * Rows about up/down markets as CSV, by their header: best quotes, for which `shares` are assumed on each side, or public
 * trades. The beginning of a market is UTC; a row's own time that lies whole hours off it is local time and is set right.
 */
export const open = Effect.fn("Import.Csv.open")(function* (path: string, shares: string) {
  const lines = yield* Bytes.lines(path)
  yield* lines.more
  const header = (Bytes.takeLine(lines) ?? "").trim().split(",")
  const layout = [QUOTES, TRADES].find((each) => missingOf(header, each).length === 0)
  if (layout === undefined) return yield* noLayout(path, header)
  const places = layout.columns.map((name) => header.indexOf(name))
  let line = 1
  let label: Label = labelOf(path)
  let value: unknown
  const labels = new Map<string, Label>()

  const read = (row: ReadonlyArray<string>) => {
    const [at = "", from = "", to = "", ...rest] = places.map((place) => row[place] ?? "")
    const [now, start, end] = [timeOf(at), timeOf(from), timeOf(to)]
    if (Number.isNaN(now + start + end)) return BROKEN
    const slug = `btc-updown-${Math.round((end - start) / 60_000)}m-${start / 1000}`
    label = labels.get(slug) ?? labelOfSlug(slug, 0, ["Up", "Down"])
    labels.set(slug, label)
    value = layout.message(label, now - Math.floor((now - start) / HOUR) * HOUR, rest, shares)
    return READY
  }

  const source: Source = {
    path,
    label: () => label,
    advance: () => {
      for (let text = Bytes.takeLine(lines); text !== undefined; text = Bytes.takeLine(lines)) {
        line++
        if (text.trim() !== "") return read(text.trim().split(","))
      }
      return HUNGRY
    },
    value: () => value,
    fault: () => "expected times as 2025-12-26 11:34:14",
    place: () => `${path}:${line}`,
    more: lines.more
  }
  return source
})
