import * as DateTime from "effect/DateTime"

/**
 * Columns of many rows as PostgreSQL array literals: one parameter each, unpacked by `unnest`, so that thousands of rows
 * are one statement. Written by hand because a driver that quotes element by element is most of the cost of a block.
 */

/** What PostgreSQL cannot store in text, replaced: NUL, and half a surrogate pair. */
export const clean = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
  text.replace(/\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")

const SPECIAL = /["\\]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const UNCLEAN = /[\u0000\ud800-\udfff]/

const quoted = (text: string): string => {
  const sound = UNCLEAN.test(text) ? clean(text) : text
  return SPECIAL.test(sound) ? `"${sound.replace(/["\\]/g, "\\$&")}"` : `"${sound}"`
}

const list = <A>(rows: ReadonlyArray<A>, element: (row: A) => string): string => {
  let literal = ""
  for (const row of rows) literal += `,${element(row)}`
  return `{${literal.slice(1)}}`
}

/**
 * JSON for `string_to_table(_, e'\\x01', '')` followed by a cast: it needs no quoting, since JSON text holds no control
 * character, and is read in a tenth of the time of a `jsonb[]` literal. Absent is SQL's null.
 */
export const jsons = <A>(rows: ReadonlyArray<A>, of: (row: A) => string | undefined): string =>
  rows.map((row) => of(row) ?? "").join("\u0001")

/** Any text. */
export const texts = <A>(rows: ReadonlyArray<A>, of: (row: A) => string | undefined): string =>
  list(rows, (row) => {
    const text = of(row)
    return text === undefined ? "NULL" : quoted(text)
  })

/** Words that need no quoting: ids, hashes, statuses, integers. */
export const words = <A>(rows: ReadonlyArray<A>, of: (row: A) => string | number): string =>
  list(rows, (row) => `${of(row)}`)

/** Micro-units as exact decimals: 450000n is `450000e-6`. */
export const micros = <A>(rows: ReadonlyArray<A>, of: (row: A) => bigint | undefined): string =>
  list(rows, (row) => {
    const micro = of(row)
    return micro === undefined ? "NULL" : `${micro}e-6`
  })

export const booleans = <A>(rows: ReadonlyArray<A>, of: (row: A) => boolean): string =>
  list(rows, (row) => (of(row) ? "t" : "f"))

/** Epoch milliseconds as ISO-8601 UTC, which is also how audit hashes spell time. */
export const iso = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))

export const times = <A>(rows: ReadonlyArray<A>, of: (row: A) => number | undefined): string => {
  // Rows of one block mostly share their time.
  let [last, spelled]: [number | undefined, string] = [undefined, "NULL"]
  return list(rows, (row) => {
    const millis = of(row)
    if (millis === undefined) return "NULL"
    if (millis !== last) [last, spelled] = [millis, iso(millis)]
    return spelled
  })
}
