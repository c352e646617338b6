import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Money from "../domain/Money.ts"

/** A row as the driver gives it: `numeric` and `int8` are text, `timestamptz` is a Date, `jsonb` is parsed. */
export type Row = Readonly<Record<string, unknown>>

/** The cells of one row, read strictly: a cell that is not what its column promises is noted, and the row is refused. */
export interface Cells {
  readonly text: (column: string) => string
  readonly maybeText: (column: string) => string | undefined
  /** `numeric` of at most 6 decimals, or `int8` times a million. */
  readonly micro: (column: string) => bigint
  readonly maybeMicro: (column: string) => bigint | undefined
  readonly integer: (column: string) => number
  /** `int8` in full. */
  readonly big: (column: string) => bigint
  readonly boolean: (column: string) => boolean
  readonly millis: (column: string) => number
  readonly maybeMillis: (column: string) => number | undefined
  readonly json: (column: string) => unknown
  /** One of the given words. */
  readonly word: <W extends string | number>(column: string, among: ReadonlyArray<W>, first: W) => W
  readonly texts: (column: string) => ReadonlyArray<string>
}

/** "12.500000" without a search through its digits: `numeric(_, 6)` always shows all six. */
const microOf = (text: string): bigint | undefined => {
  const dot = text.length - 7
  if (dot > 0 && text.charAt(dot) === ".") {
    const digits = text.slice(0, dot) + text.slice(dot + 1)
    if (digits === "0000000") return 0n
    if (/^-?\d+$/.test(digits)) return BigInt(digits)
  }
  return Option.getOrUndefined(Money.parse(text))
}

interface Reader extends Cells {
  row: Row
  fault: string | undefined
}

const reader = (): Reader => {
  const wrong = <A>(column: string, instead: A): A => {
    at.fault ??= column
    return instead
  }
  const maybe =
    <A>(read: (column: string) => A) =>
    (column: string): A | undefined => {
      const value = at.row[column]
      return value === null || value === undefined ? undefined : read(column)
    }
  const text = (column: string): string => {
    const value = at.row[column]
    return typeof value === "string" ? value : wrong(column, "")
  }
  const micro = (column: string): bigint => {
    const value = at.row[column]
    return (typeof value === "string" ? microOf(value) : undefined) ?? wrong(column, 0n)
  }
  const millis = (column: string): number => {
    const value = at.row[column]
    return value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : wrong(column, 0)
  }
  const at: Reader = {
    row: {},
    fault: undefined,
    text,
    maybeText: maybe(text),
    micro,
    maybeMicro: maybe(micro),
    integer: (column) => {
      const value = at.row[column]
      return typeof value === "number" && Number.isSafeInteger(value) ? value : wrong(column, 0)
    },
    big: (column) => {
      const value = at.row[column]
      return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : wrong(column, 0n)
    },
    boolean: (column) => {
      const value = at.row[column]
      return typeof value === "boolean" ? value : wrong(column, false)
    },
    millis,
    maybeMillis: maybe(millis),
    json: (column) => at.row[column] ?? undefined,
    word: (column, among, first) => {
      const value = at.row[column]
      return among.find((word) => word === value) ?? wrong(column, first)
    },
    texts: (column) => {
      const value = at.row[column]
      return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : wrong(column, [])
    }
  }
  return at
}

/** Rows as records; a row that its columns do not explain is a defect, since only this program writes them. */
export const decode = <A>(
  rows: ReadonlyArray<Row>,
  table: string,
  record: (cells: Cells) => A
): Effect.Effect<ReadonlyArray<A>> => {
  const cells = reader()
  const records: Array<A> = []
  for (const row of rows) {
    cells.row = row
    records.push(record(cells))
    if (cells.fault !== undefined)
      return Effect.dieMessage(`${table}: column ${cells.fault} holds what it never should`)
  }
  return Effect.succeed(records)
}
