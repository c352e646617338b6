import { stringify } from "csv-stringify/sync"
import type { MarkedPosition } from "../domain/Report.ts"
import { type OrderRecord, ordersJson } from "./OrderRows.ts"
import { type FillRecord, fillsJson, positionsJson } from "./Rows.ts"

type Value = string | number | boolean | null

/** How a spreadsheet sees that a cell is a formula; ids, names and notes come from elsewhere and must never be one. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/

/** A decimal keeps its minus sign; other text that would begin a formula gets an apostrophe in front. */
const DECIMAL = /^-?\d+(\.\d+)?$/

const harmless = (value: Value): string => {
  if (value === null) return ""
  const text = String(value)
  return FORMULA.test(text) && !DECIMAL.test(text) ? `'${text}` : text
}

/** Rows as CSV with a header, RFC 4180 quoting, a line feed per row. Columns are named even where there are no rows. */
const csv = <K extends string>(columns: ReadonlyArray<K>, rows: ReadonlyArray<Readonly<Record<K, Value>>>): string =>
  stringify([[...columns], ...rows.map((row) => columns.map((column) => harmless(row[column])))])

const ORDERS = [
  "id",
  "planId",
  "instruction",
  "attempt",
  "mode",
  "simulated",
  "marketId",
  "conditionId",
  "tokenId",
  "outcome",
  "side",
  "price",
  "size",
  "sizeUnit",
  "qty",
  "timeInForce",
  "status",
  "filledQty",
  "avgFillPrice",
  "notional",
  "fees",
  "unspent",
  "pessimisticQty",
  "optimisticQty",
  "placedAt",
  "updatedAt",
  "expiresAt",
  "externalOrderId",
  "reasons",
  "notes"
] as const

/** Orders for a spreadsheet. */
export const ordersCsv = (records: ReadonlyArray<OrderRecord>): string =>
  csv(
    ORDERS,
    ordersJson(records).orders.map(({ bands, reasons, ...row }) => ({
      ...row,
      pessimisticQty: bands.pessimistic,
      optimisticQty: bands.optimistic,
      reasons: reasons.join("; ")
    }))
  )

const FILLS = [
  "id",
  "executedAt",
  "orderId",
  "planId",
  "mode",
  "simulated",
  "marketId",
  "conditionId",
  "outcome",
  "side",
  "qty",
  "price",
  "notional",
  "fee",
  "liquidity",
  "final",
  "failed",
  "externalExecutionId"
] as const

/** Fills for a spreadsheet or a tax return. */
export const fillsCsv = (records: ReadonlyArray<FillRecord>): string => csv(FILLS, fillsJson(records).fills)

const POSITIONS = [
  "marketId",
  "conditionId",
  "outcome",
  "mode",
  "qty",
  "avgPrice",
  "costBasis",
  "markPrice",
  "realizedPnl",
  "unrealizedPnl",
  "fees"
] as const

/** Positions for a spreadsheet. */
export const positionsCsv = (positions: ReadonlyArray<MarkedPosition>): string =>
  csv(POSITIONS, positionsJson(positions).positions)
