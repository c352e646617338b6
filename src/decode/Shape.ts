import type * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import { distance } from "fastest-levenshtein"
import type { Fault } from "./Faults.ts"
import { type Located, quote } from "./Json.ts"

/** The field names a schema knows, level by level. */
export type Shape =
  | { readonly _tag: "Fields"; readonly fields: ReadonlyMap<string, Shape | undefined> }
  | { readonly _tag: "Items"; readonly item: Shape }

const shapeOf = (ast: AST.AST): Shape | undefined => {
  switch (ast._tag) {
    case "Refinement":
    case "Transformation":
      return shapeOf(ast.from)
    case "TupleType": {
      const rest = ast.rest[0]
      const item = rest === undefined ? undefined : shapeOf(rest.type)
      return item === undefined ? undefined : { _tag: "Items", item }
    }
    case "TypeLiteral":
      return {
        _tag: "Fields",
        fields: new Map(ast.propertySignatures.map((each) => [String(each.name), shapeOf(each.type)]))
      }
    default:
      return undefined
  }
}

/** The shape of what a schema decodes. */
export const shape = <A, I>(schema: Schema.Schema<A, I>): Shape | undefined => shapeOf(schema.ast)

/** The known names nearest to what was written, those not given yet before the others; none where nothing is near. */
const nearest = (written: string, known: ReadonlyArray<string>, given: ReadonlyMap<string, unknown>) => {
  const word = written.slice(0, 64).toLowerCase()
  const near = known
    .map((name) => ({ name, far: distance(word, name.toLowerCase()) }))
    .filter(({ name, far }) => far <= Math.max(1, Math.floor(name.length / 3)))
  const least = Math.min(...near.map(({ far }) => far))
  const best = near.filter(({ far }) => far === least).map(({ name }) => name)
  const free = best.filter((name) => !given.has(name))
  return free.length > 0 ? free : best
}

const unknownField = (written: string, known: ReadonlyArray<string>, given: ReadonlyMap<string, unknown>): string => {
  const near = nearest(written, known, given)
  const hint =
    near.length === 0 ? `known fields are ${known.join(", ")}` : `did you mean ${near.map(quote).join(" or ")}?`
  return `unknown field ${quote(written)}: ${hint}`
}

/** Fields that no schema knows, wherever they stand. One that `elsewhere` explains gets that message instead. */
export const strays = (
  of: Shape | undefined,
  at: Located,
  elsewhere: (name: string) => string | undefined,
  path: ReadonlyArray<PropertyKey> = []
): ReadonlyArray<Fault> => {
  if (of?._tag === "Items" && at._tag === "List")
    return at.items.flatMap((item, index) => strays(of.item, item, none, [...path, index]))
  if (of?._tag !== "Fields" || at._tag !== "Record") return []
  const faults: Array<Fault> = []
  for (const [name, { offset, value }] of at.fields) {
    const inner = of.fields.get(name)
    if (inner !== undefined) {
      for (const fault of strays(inner, value, none, [...path, name])) faults.push(fault)
    } else if (!of.fields.has(name)) {
      const message = () => elsewhere(name) ?? unknownField(name, [...of.fields.keys()], at.fields)
      faults.push({ offset, path: [...path, name], message })
    }
  }
  return faults
}

const none = () => undefined
