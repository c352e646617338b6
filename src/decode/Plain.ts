import { type Json, numeral } from "./Json.ts"
import { MAX_DEPTH } from "./Source.ts"

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them bare
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them bare
const UNUSUAL = /[\u0000-\u001f\\]/

const QUOTE = 34
const COMMA = 44
const COLON = 58
const LIST = 91
const LIST_END = 93
const OBJECT = 123
const OBJECT_END = 125

const WORDS = [
  ["true", true],
  ["false", false],
  ["null", null]
] as const

/**
 * The value of a text that is JSON and nothing more, with exact numbers. Undefined where anything asks for a closer look:
 * comments, trailing commas, a field named twice, deep nesting, a mistake. Several times faster than `tree`, which also
 * knows where everything stands.
 */
export const plainly = (text: string): Json | undefined => {
  let at = 0
  let depth = 0

  /** The next character that is no space, not taken yet; NaN at the end. */
  const peek = (): number => {
    let code = text.charCodeAt(at)
    while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt(++at)
    return code
  }
  const string = (): string | undefined => {
    const end = text.indexOf('"', at + 1)
    if (end < 0) return undefined
    const found = text.slice(at + 1, end)
    if (!UNUSUAL.test(found)) {
      at = end + 1
      return found
    }
    STRING.lastIndex = at
    if (!STRING.test(text)) return undefined
    const escaped: unknown = JSON.parse(text.slice(at, STRING.lastIndex))
    at = STRING.lastIndex
    return typeof escaped === "string" ? escaped : undefined
  }
  const scalar = (): Json | undefined => {
    NUMBER.lastIndex = at
    if (NUMBER.test(text)) {
      const written = text.slice(at, NUMBER.lastIndex)
      at = NUMBER.lastIndex
      return numeral(written)
    }
    for (const [word, value] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length
        return value
      }
    }
    return undefined
  }
  /** True after a comma, false after the end; undefined for anything else. */
  const more = (end: number): boolean | undefined => {
    const code = peek()
    at += 1
    return code === COMMA ? true : code === end ? false : undefined
  }
  const list = (): Json | undefined => {
    const items: Array<Json> = []
    at += 1
    if (peek() === LIST_END) {
      at += 1
      return items
    }
    for (let goesOn: boolean | undefined = true; goesOn; ) {
      const item = value()
      if (item === undefined) return undefined
      items.push(item)
      goesOn = more(LIST_END)
      if (goesOn === undefined) return undefined
    }
    return items
  }
  const object = (): Json | undefined => {
    const fields: Record<string, Json> = {}
    at += 1
    if (peek() === OBJECT_END) {
      at += 1
      return fields
    }
    for (let goesOn: boolean | undefined = true; goesOn; ) {
      const key = peek() === QUOTE ? string() : undefined
      if (key === undefined || key === "__proto__" || Object.hasOwn(fields, key) || peek() !== COLON) return undefined
      at += 1
      const field = value()
      if (field === undefined) return undefined
      fields[key] = field
      goesOn = more(OBJECT_END)
      if (goesOn === undefined) return undefined
    }
    return fields
  }
  const value = (): Json | undefined => {
    const code = peek()
    if (code === QUOTE) return string()
    if (code !== LIST && code !== OBJECT) return scalar()
    depth += 1
    if (depth > MAX_DEPTH) return undefined
    const found = code === LIST ? list() : object()
    depth -= 1
    return found
  }

  const root = value()
  return Number.isNaN(peek()) ? root : undefined
}
