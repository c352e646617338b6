import { visit } from "jsonc-parser"
import { type Fault, LISTED, type Place, places } from "./Faults.ts"
import { type Field, type Located, numeral, quote } from "./Json.ts"
import { explain } from "./Syntax.ts"

interface Frame {
  readonly kind: "object" | "list"
  readonly offset: number
  readonly fields: Map<string, Field>
  readonly items: Array<Located>
  key: string
  keyOffset: number
}

const frame = (kind: Frame["kind"], offset: number): Frame => ({
  kind,
  offset,
  fields: new Map(),
  items: [],
  key: "",
  keyOffset: 0
})

/** What the text of a file holds, and what is wrong with its syntax. */
export interface Tree {
  /** Reliable only without errors. */
  readonly root: Located | undefined
  /** Fields named twice in one object; the first one counts. */
  readonly duplicates: ReadonlyArray<Fault>
  readonly errors: ReadonlyArray<Fault>
  /** How many errors there are beyond those listed. */
  readonly unlisted: number
}

/** Parses JSON with comments and trailing commas. Recursive: the caller bounds the depth. */
export const tree = (text: string): Tree => {
  const frames: Array<Frame> = []
  const duplicates: Array<Fault> = []
  const errors: Array<Fault> = []
  let unlisted = 0
  // After an error the parser often stumbles over the same thing again: only what follows a good token is news.
  let stumbling = false
  let closed: Frame | undefined
  let root: Located | undefined
  let placeOf: ((offset: number) => Place) | undefined

  const place = (offset: number) => {
    placeOf = placeOf ?? places(text)
    const { line, column } = placeOf(offset)
    return `line ${line}, column ${column}`
  }
  const put = (value: Located) => {
    const top = frames.at(-1)
    if (top === undefined) root = value
    else if (top.kind === "list") top.items.push(value)
    else {
      const { key, keyOffset } = top
      const first = top.fields.get(key)
      if (first === undefined) top.fields.set(key, { offset: keyOffset, value })
      else {
        const path = pathOf(frames)
        const message = () => `field ${quote(key)} is given twice: it stands at ${place(first.offset)} already`
        duplicates.push({ offset: keyOffset, path, message })
      }
    }
  }
  const begin = (kind: Frame["kind"]) => (offset: number) => {
    stumbling = false
    frames.push(frame(kind, offset))
  }
  const end = () => {
    const done = frames.pop()
    closed = done
    if (done === undefined) return
    const { offset } = done
    put(
      done.kind === "list"
        ? { _tag: "List", offset, items: done.items }
        : { _tag: "Record", offset, fields: done.fields }
    )
  }

  visit(
    text,
    {
      onObjectBegin: begin("object"),
      onArrayBegin: begin("list"),
      onObjectEnd: end,
      onArrayEnd: end,
      onObjectProperty: (key, offset) => {
        stumbling = false
        const top = frames.at(-1)
        if (top === undefined) return
        top.key = key
        top.keyOffset = offset
      },
      onSeparator: () => {
        stumbling = false
      },
      onLiteralValue: (value: unknown, offset, length) => {
        stumbling = false
        if (typeof value === "string" || typeof value === "boolean") put({ _tag: "Scalar", offset, value })
        else if (value === null) put({ _tag: "Scalar", offset, value })
        else put({ _tag: "Scalar", offset, value: numeral(text.slice(offset, offset + length)) })
      },
      onError: (error, offset) => {
        if (stumbling) return
        stumbling = true
        if (errors.length >= LISTED) {
          unlisted += 1
          return
        }
        const inside = offset >= text.length ? (closed ?? frames.at(-1)) : frames.at(-1)
        const opened = inside === undefined ? "the plan" : `the ${inside.kind} opened at ${place(inside.offset)}`
        const { message, offset: at } = explain(error, text, offset, opened)
        errors.push({ offset: at, path: pathOf(frames), message: () => message })
      }
    },
    { allowTrailingComma: true }
  )

  return { root, duplicates, errors, unlisted }
}

const pathOf = (frames: ReadonlyArray<Frame>): ReadonlyArray<PropertyKey> =>
  frames.flatMap((at): Array<PropertyKey> => {
    if (at.kind === "list") return [at.items.length]
    return at.key === "" ? [] : [at.key]
  })
