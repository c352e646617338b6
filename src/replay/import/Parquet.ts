import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { labelOf } from "../../domain/Label.ts"
import { fault, trying } from "../TapeFault.ts"
import { BROKEN, HUNGRY, READY, type Source } from "./Source.ts"

type Cells = { readonly [column: string]: unknown }

const LAYOUTS = {
  /** One event a row in typed columns. */
  typed: ["timestamp_received", "timestamp", "market", "event_type", "asset_id"],
  /** One event a row as JSON. */
  json: ["timestamp_received", "market_id", "update_type", "data"]
} as const

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : undefined

const millisOf = (value: unknown): unknown =>
  value instanceof Date ? value.getTime() : typeof value === "bigint" ? Number(value) : value

/** Levels: JSON text of `[[price, size], ...]`, or two lists. */
const levelsOf = (json: unknown, prices: unknown, sizes: unknown): unknown => {
  if (typeof json === "string") return JSON.parse(json)
  if (!Array.isArray(prices) || !Array.isArray(sizes)) return json ?? undefined
  return prices.map((price: unknown, at) => [price, sizes[at]])
}

const given = (value: unknown): unknown => value ?? undefined

const typed = (cells: Cells): unknown => {
  const asset_id = textOf(cells.asset_id)
  const common = {
    event_type: cells.event_type,
    market: textOf(cells.market),
    timestamp: millisOf(cells.timestamp),
    local_timestamp: millisOf(cells.timestamp_received)
  }
  switch (cells.event_type) {
    case "price_change": {
      const { best_ask, best_bid, price, side, size } = cells
      const change = { asset_id, price, size, side, best_bid: given(best_bid), best_ask: given(best_ask) }
      return { ...common, price_changes: [change] }
    }
    case "book":
      return {
        ...common,
        asset_id,
        bids: levelsOf(cells.bids, cells.bid_prices, cells.bid_sizes),
        asks: levelsOf(cells.asks, cells.ask_prices, cells.ask_sizes)
      }
    default:
      return {
        ...common,
        asset_id,
        price: cells.price,
        size: cells.size,
        side: cells.side,
        new_tick_size: cells.new_tick_size
      }
  }
}

const json = (cells: Cells): unknown => {
  const data: unknown = JSON.parse(textOf(cells.data) ?? "")
  if (!Predicate.isRecord(data)) return data
  const common = {
    market: textOf(cells.market_id),
    timestamp: millisOf(cells.timestamp_created_at) ?? data.timestamp,
    local_timestamp: millisOf(cells.timestamp_received)
  }
  const outcomeIndex = data.side === "NO" ? 1 : 0
  if (cells.update_type === "book_snapshot") {
    return { ...common, event_type: "book", asset_id: data.token_id, outcomeIndex, bids: data.bids, asks: data.asks }
  }
  if (cells.update_type !== "price_change") return { ...common, event_type: cells.update_type }
  const { best_ask, best_bid } = data
  const change = {
    asset_id: data.token_id,
    outcomeIndex,
    price: data.change_price,
    size: data.change_size,
    side: data.change_side
  }
  return { ...common, event_type: "price_change", price_changes: [{ ...change, best_bid, best_ask }] }
}

/**
 * Opens a Parquet file of a public archive of the market channel, one event a row, group by group of its rows. Three
 * layouts are known: typed columns with levels as JSON text (`bids`, `asks`) or as lists (`bid_prices`, ...), and one column
 * `data` of JSON. docs/tape.md lists the columns.
 */
export const open = Effect.fn("Import.Parquet.open")(function* (path: string) {
  const [{ asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema }, { compressors }] =
    yield* Effect.promise(() => Promise.all([import("hyparquet"), import("hyparquet-compressors")]))
  const file = yield* trying(path, "read", () => asyncBufferFromFile(path))
  const metadata = yield* trying(path, "read", () => parquetMetadataAsync(file))
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
  const isLayout = (names: ReadonlyArray<string>) => names.every((name) => columns.includes(name))
  const read = isLayout(LAYOUTS.typed) ? typed : isLayout(LAYOUTS.json) ? json : undefined
  if (read === undefined) {
    const expected = Object.values(LAYOUTS).map((names) => names.join(", "))
    return yield* fault(
      "malformed_recording",
      path,
      `expected the columns ${expected.join(" or ")}; found ${columns.join(", ")}`
    )
  }
  const label = labelOf(path)
  let rows: ReadonlyArray<Cells> = []
  let [group, start, at] = [0, 0, -1]
  let value: unknown
  const source: Source = {
    path,
    label: () => label,
    advance: () => {
      const cells = rows[++at]
      if (cells === undefined) return HUNGRY
      try {
        value = read(cells)
        return READY
      } catch {
        return BROKEN
      }
    },
    value: () => value,
    fault: () => "no JSON where JSON is expected",
    place: () => `${path}: row ${start - rows.length + at}`,
    more: Effect.gen(function* () {
      const next = metadata.row_groups[group++]
      if (next === undefined) return false
      const [rowStart, rowEnd] = [start, start + Number(next.num_rows)]
      rows = yield* trying(path, "read", () => parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd }))
      start = rowEnd
      at = -1
      return true
    })
  }
  return source
})
