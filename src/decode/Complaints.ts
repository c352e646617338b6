import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"
import type { Fault } from "./Faults.ts"
import { describe, type Located } from "./Json.ts"

const isOne = (issues: ParseResult.SingleOrNonEmpty<ParseResult.ParseIssue>): issues is ParseResult.ParseIssue =>
  !Array.isArray(issues)

const titleOf = (ast: AST.AST): string | undefined => Option.getOrUndefined(AST.getTitleAnnotation(ast))

/** A value at the end of a path; of a missing one the object it is missing from. */
const find = (root: Located, path: ReadonlyArray<PropertyKey>): Located => {
  let at = root
  for (const key of path) {
    const next =
      at._tag === "Record" ? at.fields.get(String(key))?.value : at._tag === "List" ? at.items[Number(key)] : undefined
    if (next === undefined) return at
    at = next
  }
  return at
}

/**
 * What a schema has against a file, one fault for each value that is wrong or missing. What was expected is the title of
 * the outermost schema of that value.
 */
export const complaints = (issue: ParseResult.ParseIssue, root: Located): ReadonlyArray<Fault> => {
  const missing = (path: ReadonlyArray<PropertyKey>, expected: string): ReadonlyArray<Fault> => [
    { offset: find(root, path).offset, path, message: () => `missing: expected ${expected}` }
  ]
  const wrong = (
    path: ReadonlyArray<PropertyKey>,
    expected: string,
    clause = "",
    quotes = ""
  ): ReadonlyArray<Fault> => {
    const at = find(root, path)
    return [{ offset: at.offset, path, message: () => `found ${describe(at)}${clause}: expected ${expected}${quotes}` }]
  }
  const walk = (
    at: ParseResult.ParseIssue,
    path: ReadonlyArray<PropertyKey>,
    outer: string | undefined
  ): ReadonlyArray<Fault> => {
    switch (at._tag) {
      case "Pointer":
        return walk(at.issue, path.concat(at.path), undefined)
      case "Composite": {
        const title = outer ?? titleOf(at.ast)
        if (AST.isUnion(at.ast)) return wrong(path, title ?? "another value")
        return isOne(at.issues) ? walk(at.issues, path, title) : at.issues.flatMap((each) => walk(each, path, title))
      }
      case "Refinement":
      case "Transformation":
        return walk(at.issue, path, outer ?? titleOf(at.ast))
      case "Missing":
        return missing(path, titleOf("type" in at.ast ? at.ast.type : at.ast) ?? "a value")
      case "Unexpected":
        return wrong(path, "nothing here")
      default: {
        const expected = outer ?? titleOf(at.ast) ?? "another value"
        const found = at.actual
        if (typeof found === "symbol" && AST.isStringKeyword(at.ast))
          return wrong(path, expected, ", a number", ", in double quotes")
        if (typeof found === "string" && AST.isSymbolKeyword(at.ast))
          return wrong(path, expected, ", a string", ", without quotes")
        return wrong(path, expected, at.message === undefined || at.message === "" ? "" : `, which ${at.message}`)
      }
    }
  }
  return walk(issue, [], undefined)
}
