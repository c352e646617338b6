import CliTable from "cli-table3"
import colors from "picocolors"

/** How text for people is to look: with terminal colours or without, and how many columns are at hand. */
export interface Look {
  readonly color: boolean
  readonly width: number
  /** What markets are called on record, by condition id; the venue's own ids are numbers. */
  readonly slugs?: ReadonlyMap<string, string> | undefined
}

/** How a row's market is called: by its slug, where that is known. */
export const marketOf = (row: { readonly conditionId: string | null; readonly marketId: string }, look: Look): string =>
  (/^\d+$/.test(row.marketId) ? look.slugs?.get(row.conditionId ?? "") : undefined) ?? row.marketId

export const PLAIN: Look = { color: false, width: 120 }

export type Tone = "good" | "bad" | "warn" | "dim" | "strong"

export type Cell = string | { readonly text: string; readonly tone: Tone | undefined }

export interface Column {
  readonly title: string
  readonly align?: "right"
  /**
   * What may happen where there is too little room: ids are cut in the middle (`last`: only when nothing else can give),
   * words wrap. Others keep their width.
   */
  readonly give?: "middle" | "wrap" | "last"
}

/** Widths below which nothing is narrowed. */
const LEAST = { middle: 7, wrap: 10, last: 13 } as const

/** Text of others made harmless on a terminal: no control characters, no switches of writing direction. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ")

/** Shortens an id in its middle: beginning and end tell ids apart. */
export const shorten = (text: string, width: number): string => {
  const letters = [...text]
  if (letters.length <= width) return text
  const head = Math.ceil((width - 1) / 2)
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (width - 1 - head)).join("")}`
}

/** Breaks text into lines of at most `width`, between words where it can. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length <= width) {
      line = `${line} ${word}`
      continue
    }
    if (line !== "") lines.push(line)
    line = word
    while (line.length > width) {
      lines.push(line.slice(0, width))
      line = line.slice(width)
    }
  }
  return [...lines, line]
}

/** Text in a tone, where colours are wanted. */
export const paint = (text: string, tone: Tone | undefined, look: Pick<Look, "color">): string => {
  const palette = colors.createColors(look.color)
  switch (tone) {
    case "good":
      return palette.green(text)
    case "bad":
      return palette.red(text)
    case "warn":
      return palette.yellow(text)
    case "dim":
      return palette.dim(text)
    case "strong":
      return palette.bold(text)
    default:
      return text
  }
}

const textOf = (cell: Cell): string => clean(typeof cell === "string" ? cell : cell.text)
const toneOf = (cell: Cell): Tone | undefined => (typeof cell === "string" ? undefined : cell.tone)

/** Widths that fit: the widest column that can give is narrowed first. */
const fitted = (
  columns: ReadonlyArray<Column>,
  natural: ReadonlyArray<number>,
  room: number
): ReadonlyArray<number> => {
  const widths = [...natural]
  const widest = (isLast: boolean): number | undefined => {
    let found: number | undefined
    for (const [index, { give }] of columns.entries()) {
      if (give === undefined || (give === "last") !== isLast) continue
      const width = widths[index] ?? 0
      if (width > LEAST[give] && (found === undefined || width > (widths[found] ?? 0))) found = index
    }
    return found
  }
  for (let over = widths.reduce((sum, width) => sum + width + 3, 1) - room; over > 0; over -= 1) {
    const next = widest(false) ?? widest(true)
    if (next === undefined) break
    widths[next] = (widths[next] ?? 0) - 1
  }
  return widths
}

/** A table of text, as wide as it needs to be and no wider than the look allows where its columns can give. */
export const table = (columns: ReadonlyArray<Column>, rows: ReadonlyArray<ReadonlyArray<Cell>>, look: Look): string => {
  const natural = columns.map(({ title }, index) =>
    rows.reduce((most, row) => Math.max(most, [...textOf(row[index] ?? "")].length), title.length)
  )
  const widths = fitted(columns, natural, look.width)
  const drawn = new CliTable({
    head: columns.map(({ title }) => paint(title, "strong", look)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: { head: [], border: [], compact: true }
  })
  for (const row of rows) {
    drawn.push(
      columns.map(({ give }, index) => {
        const cell = row[index] ?? ""
        const width = widths[index] ?? 0
        const text = textOf(cell)
        const lines = give === "wrap" ? wrap(text, width) : [give === undefined ? text : shorten(text, width)]
        return lines.map((line) => paint(line, toneOf(cell), look)).join("\n")
      })
    )
  }
  return drawn.toString()
}

/** Decimal text as money: at least two decimals, more where there are more. */
export const money = (decimal: string): string => {
  const [whole = "0", fraction = ""] = decimal.split(".")
  return `${whole}.${fraction.padEnd(2, "0")}`
}

/** A gain or loss: signed, and in the tone of its sign. */
export const gain = (decimal: string | null): Cell => {
  if (decimal === null) return { text: "?", tone: "dim" }
  if (/^-?0*(\.0*)?$/.test(decimal)) return money(decimal)
  return decimal.startsWith("-") ? { text: money(decimal), tone: "bad" } : { text: `+${money(decimal)}`, tone: "good" }
}

/** Rows of real and of simulated markets, each with what to call them; kinds without rows are left out. */
export const kinds = <A extends { readonly conditionId: string | null; readonly marketId: string }>(
  what: string,
  rows: ReadonlyArray<A>
): ReadonlyArray<{ readonly title: string; readonly rows: ReadonlyArray<A> }> => {
  const isSim = (row: A) => (row.conditionId ?? row.marketId).startsWith("sim-")
  return [
    { title: what, rows: rows.filter((row) => !isSim(row)) },
    { title: `${what} in SIMULATED markets`, rows: rows.filter(isSim) }
  ].filter((kind) => kind.rows.length > 0)
}
