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
const fromLines = (path: string, lines: Bytes.Lines): Source => {
  const label = labelOf(path)
  const hot = HotMessage.make()
  let line = 0
  // Where a line stands that was read straight out of its bytes: it is made a value only when that is asked for.
  let [hotFrom, hotTo] = [0, 0]
  let isHot = false
  let value: unknown
  let wrong = ""
  const parse = (text: string) => {
    try {
      value = JSON.parse(text)
      return READY
    } catch (error) {
      wrong = `no JSON (${wordsOf(error)})`
      return BROKEN
    }
  }
  const advance = () => {
    for (;;) {
      const { at, bytes, end } = lines
      if (at >= end) return HUNGRY
      line++
      hotTo = HotMessage.read(hot, bytes, at, end)
      isHot = hotTo >= 0
      if (isHot) {
        hotFrom = at
        lines.at = hotTo + 1
        return READY
      }
      const text = Bytes.takeLine(lines)?.trim() ?? ""
      if (text !== "" && !isKeepAlive(text)) return parse(text)
    }
  }
  return {
    path,
    label: () => label,
    advance,
    value: () => {
      if (isHot) parse(lines.bytes.toString("utf8", hotFrom, hotTo))
      return value
    },
    hot: () => (isHot ? hot : undefined),
    fault: () => wrong,
    place: () => `${path}:${line}`,
    more: lines.more
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
  const lines = yield* Bytes.lines(path)
  let found: string | undefined
  while (found === undefined && (yield* lines.more)) found = Bytes.takeLine(lines)
  return found ?? ""
}, Effect.scoped)

/** Opens a file of JSON lines. */
export const open = Effect.fn("Import.JsonLines.open")(function* (path: string) {
  return isListed(yield* firstLine(path)) ? yield* wholeFile(path) : fromLines(path, yield* Bytes.lines(path))
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
