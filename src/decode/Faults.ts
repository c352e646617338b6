import { InvalidInput, type Issue } from "../domain/Failure.ts"

/** One thing wrong with a file. The message is made only when it is shown. */
export interface Fault {
  /** UTF-16 units from the start of the text. */
  readonly offset: number
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: () => string
}

/** The most issues one answer lists; the rest is counted. */
export const LISTED = 100

export interface Place {
  readonly line: number
  readonly column: number
}

/** Turns offsets into lines and columns, both from 1. CR, LF and CRLF end a line. */
export const places = (text: string): ((offset: number) => Place) => {
  const starts = [0]
  for (const ending of text.matchAll(/\r\n|\r|\n/g)) starts.push(ending.index + ending[0].length)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}

/** A path as an operator would write it: `tradeInstructions[0].marketId`. */
export const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    const name = String(key)
    if (!/^[A-Za-z_$][\w$]{0,99}$/.test(name)) return `${text}[${JSON.stringify(name.slice(0, 100))}]`
    return text === "" ? name : `${text}.${name}`
  }, "")

/** `1 problem`, `3 problems`. */
export const problems = (count: number): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? "problem" : "problems"}`

/** The answer to a faulty file: its faults in file order, the first hundred in words. */
export const invalid = (
  code: string,
  message: string,
  text: string,
  faults: ReadonlyArray<Fault>,
  uncounted = 0
): InvalidInput => {
  const place = places(text)
  const sorted = faults.toSorted((a, b) => a.offset - b.offset)
  const issues: Array<Issue> = sorted
    .slice(0, LISTED)
    .map((fault) => ({ path: pathText(fault.path), ...place(fault.offset), message: fault.message() }))
  const more = sorted.length - issues.length + uncounted
  if (more > 0) issues.push({ path: "", message: `and ${more.toLocaleString("en-US")} more` })
  return new InvalidInput({ code, message, issues })
}
