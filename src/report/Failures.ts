import type { Failure, Issue } from "../domain/Failure.ts"
import { clean, paint } from "./Table.ts"

/** Where to look, as editors understand it, then what is wrong there: `plans/x.json:7:5 tradeInstructions[0]: missing`. */
const issueLine = (issue: Issue, file: string | undefined): string => {
  const position =
    issue.line === undefined ? "" : `:${issue.line}${issue.column === undefined ? "" : `:${issue.column}`}`
  const place = file === undefined ? (position === "" ? "" : `line ${position.slice(1)}`) : `${file}${position}`
  const where = [place, issue.path].filter((part) => part !== "").join(" ")
  return clean(where === "" ? issue.message : `${where}: ${issue.message}`)
}

/** A failure for people: what failed, and each thing that is wrong with the input on a line of its own. */
export const failureText = (
  failure: Failure,
  options: { readonly file?: string | undefined; readonly color: boolean }
): string =>
  [
    `${paint("Error", "bad", options)}: ${clean(failure.message)}`,
    ...(failure._tag === "InvalidInput" ? failure.issues : []).map((issue) => `  ${issueLine(issue, options.file)}`)
  ].join("\n")
