/**
 * A JSON number by its source text, so that no digit is lost: `0.1` stays one tenth. A symbol, because no string or object
 * of a file can pass for one, and no schema takes it for a record.
 */
export const numeral = (text: string): symbol => Symbol(text)

/** The text a numeral was written with. */
export const digits = (numeral: symbol): string => numeral.description ?? ""

/** A JSON value with exact numbers. */
export type Json = string | boolean | null | symbol | ReadonlyArray<Json> | JsonRecord
export interface JsonRecord {
  readonly [key: string]: Json
}

/** A field of a located object: where its name stands, and its value. */
export interface Field {
  readonly offset: number
  readonly value: Located
}

/** A JSON value that knows where it stands: offsets in UTF-16 units from the start of the text. */
export type Located =
  | { readonly _tag: "Scalar"; readonly offset: number; readonly value: string | boolean | null | symbol }
  | { readonly _tag: "List"; readonly offset: number; readonly items: ReadonlyArray<Located> }
  | { readonly _tag: "Record"; readonly offset: number; readonly fields: ReadonlyMap<string, Field> }

/** The value without its places. */
export const plain = (at: Located): Json => {
  switch (at._tag) {
    case "Scalar":
      return at.value
    case "List":
      return at.items.map(plain)
    case "Record": {
      const record: Record<string, Json> = {}
      for (const [key, field] of at.fields) {
        // Assigning it would change the object instead of standing in it; no schema knows it anyway.
        if (key !== "__proto__") record[key] = plain(field.value)
      }
      return record
    }
  }
}

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/** JSON text of a value, two spaces per level; numerals are written as they were. */
export const render = (value: Json, indent = ""): string => {
  if (typeof value === "symbol") return digits(value)
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  const [open, close] = isList(value) ? ["[", "]"] : ["{", "}"]
  const parts = isList(value)
    ? value.map((item) => render(item, inner))
    : Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}: ${render(field, inner)}`)
  return parts.length === 0 ? `${open}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`
}

/** A scalar or the kind of a composite, short enough for a message. */
export const describe = (at: Located): string => {
  switch (at._tag) {
    case "Scalar":
      return typeof at.value === "symbol" ? shorten(digits(at.value)) : quote(at.value)
    case "List":
      return at.items.length === 0 ? "an empty list" : `a list of ${at.items.length.toLocaleString("en-US")}`
    case "Record":
      return "an object"
  }
}

const SHOWN = 60

/** At most 60 characters of a text. */
export const shorten = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text)

/** A value in JSON notation, at most 60 characters of it. */
export const quote = (value: string | boolean | null): string =>
  JSON.stringify(typeof value === "string" ? shorten(value) : value)
