import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { labelOf } from "../../domain/Label.ts"
import * as HotMessage from "../HotMessage.ts"
import { fault } from "../TapeFault.ts"
import * as Bytes from "./Bytes.ts"
import { BROKEN, HUNGRY, inOrder, READY, type Source } from "./Source.ts"

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 120)

// Keep-alives of the stream stand between the messages where frames were written down as they came.
const isKeepAlive = (line: string) => line === "PONG" || line === "PING"

/** A source of messages that are at hand already, in their order. */
export const fromValues = (path: string, values: ReadonlyArray<unknown>, place: (at: number) => string): Source => {
  const label = labelOf(path)
  let at = -1
  return {
    path,
    label: () => label,
    advance: () => (++at < values.length ? READY : HUNGRY),
    value: () => values[at],
    fault: () => "",
    place: () => place(at),
    more: Effect.succeed(false)
  }
}

/** JSON lines, one message (or a list of messages) a line. */
const fromPieces = (path: string, pieces: Bytes.Pieces): Source => {
  const label = labelOf(path)
  const hot = HotMessage.make()
  // The line at hand is `from` to `end` of the piece; it is made a value only when it is not hot, or is asked for.
  let [piece, from, end, next, line] = ["", 0, 0, 0, 0]
  let isHot = false
  let value: unknown
  let wrong = ""
  const parse = () => {
    try {
      value = JSON.parse(piece.slice(from, end))
      return READY
    } catch (error) {
      wrong = `no JSON (${wordsOf(error)})`
      return BROKEN
    }
  }
  const advance = () => {
    for (;;) {
      while (next < piece.length) {
        from = next
        const found = piece.indexOf("\n", from)
        end = found < 0 ? piece.length : found
        next = end + 1
        line++
        const first = piece.charCodeAt(from)
        isHot = first === 123 && HotMessage.read(hot, piece, from, end)
        if (isHot) return READY
        // Messages begin with a brace or a bracket: only other lines need a closer look.
        if (first === 123 || first === 91) return parse()
        const trimmed = piece.slice(from, end).trim()
        if (trimmed !== "" && !isKeepAlive(trimmed)) return parse()
      }
      const more = pieces.next()
      if (more === undefined) return HUNGRY
      piece = more
      next = 0
    }
  }
  return {
    path,
    label: () => label,
    advance,
    value: () => {
      if (isHot) parse()
      return value
    },
    hot: () => (isHot ? hot : undefined),
    fault: () => wrong,
    place: () => `${path}:${line}`,
    more: pieces.more
  }
}

/** Trades as the data API lists them: newest first, so that the file must be turned around before it is read. */
const isListed = (line: string): boolean => {
  if (!line.startsWith("{") || line.includes('"event_type"')) return false
  try {
    const value: unknown = JSON.parse(line)
    return Predicate.isRecord(value) && value.price !== undefined && (value.asset ?? value.token_id) !== undefined
  } catch {
    return false
  }
}

const wholeFile = Effect.fnUntraced(function* (path: string) {
  const values: Array<{ readonly value: unknown; readonly line: number }> = []
  for (const [at, line] of (yield* Bytes.text(path)).split("\n").entries()) {
    if (line.trim() === "") continue
    const value: unknown = yield* Effect.try({
      try: () => JSON.parse(line),
      catch: (error) => fault("malformed_recording", `${path}:${at + 1}`, `no JSON (${wordsOf(error)})`)
    })
    values.push({ value, line: at + 1 })
  }
  const lines = new Map(values.map(({ line, value }) => [value, line]))
  const sorted = inOrder(values.map(({ value }) => value))
  return fromValues(path, sorted, (at) => `${path}:${lines.get(sorted[at]) ?? 0}`)
})

const firstLine = Effect.fnUntraced(function* (path: string) {
  const { more, next } = yield* Bytes.pieces(path)
  let found: string | undefined
  while (found === undefined && (yield* more)) found = next()
  return (found ?? "").split("\n", 1)[0] ?? ""
}, Effect.scoped)

/** Opens a file of JSON lines. */
export const open = Effect.fn("Import.JsonLines.open")(function* (path: string) {
  return isListed(yield* firstLine(path)) ? yield* wholeFile(path) : fromPieces(path, yield* Bytes.pieces(path))
})

const flattened = (value: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value
  if (!Predicate.isRecord(value)) return [value]
  if (Array.isArray(value.data)) return value.data
  if (Array.isArray(value.books) || Array.isArray(value.markets)) {
    return [...(Array.isArray(value.markets) ? value.markets : []), ...(Array.isArray(value.books) ? value.books : [])]
  }
  return [value]
}

/** The values of a JSON document: its elements where it is a list, or a page of an API. */
export const document = Effect.fn("Import.JsonLines.document")(function* (path: string) {
  const text = yield* Bytes.text(path)
  return yield* Effect.try({
    try: () => flattened(JSON.parse(text)),
    catch: (error) => fault("malformed_recording", path, `no JSON (${wordsOf(error)})`)
  })
})

/** Opens one JSON document: a message, a list of them, or a page of an API. */
export const openDocument = Effect.fn("Import.JsonLines.openDocument")(function* (path: string) {
  const values = inOrder(yield* document(path))
  return fromValues(path, values, (at) => `${path}: element ${at}`)
})
