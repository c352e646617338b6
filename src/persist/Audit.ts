import { hash } from "node:crypto"
import * as Option from "effect/Option"
import { format } from "../domain/Money.ts"
import { clean, iso } from "./Columns.ts"

/** Something that happened, about to be written down. */
export interface Event {
  readonly type: string
  readonly entityType: string
  readonly entityId: string
  /** JSON as `canonical` writes it. */
  readonly data: string
  readonly actor: string
  readonly atMillis: number
}

/** The end of the chain: the last row's number and hash. */
export interface Head {
  readonly seq: number
  readonly hash: string
}

/** One row of the chain. */
export interface Link {
  readonly event: Event
  readonly id: string
  readonly seq: number
  readonly prevHash: string
  readonly hash: string
}

/** What the first row is chained to. */
export const GENESIS: Head = { seq: 0, hash: "0".repeat(64) }

/** What this program does is done by it; operators and venues are named by those who write for them. */
export const ACTOR = "betteroms"

/** Text that JSON writes as it stands. */
const PLAIN = /^[ !#-[\]-~]*$/

/**
 * JSON with the keys of every object in the order of their UTF-16 code units and no spaces, so that equal data is equal
 * text, also after it has been through `jsonb`. Absent keys are left out; amounts (bigint) are decimal text.
 */
export const canonical = (value: unknown): string => {
  switch (typeof value) {
    case "string": {
      if (PLAIN.test(value)) return `"${value}"`
      const text = JSON.stringify(value)
      // Only what JSON must escape, NUL and lone surrogates among it, makes this text differ from the plain one.
      return text.includes("\\u") ? JSON.stringify(clean(value)) : text
    }
    case "bigint":
      return `"${format(value)}"`
    case "number":
      return JSON.stringify(value)
    case "boolean":
      return value ? "true" : "false"
    case "object": {
      if (value === null) return "null"
      if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
      let text = ""
      for (const key of Object.keys(value).sort()) {
        const member: unknown = Reflect.get(value, key)
        if (member !== undefined) text += `,${canonical(key)}:${canonical(member)}`
      }
      return `{${text.slice(1)}}`
    }
    default:
      return "null"
  }
}

const stringify = Option.liftThrowable((value: unknown) => JSON.stringify(value ?? null))

/**
 * What `jsonb` reads as it would read `canonical`, for it sorts keys itself: written several times faster where nothing
 * is unusual. A report of ten thousand orders is five megabytes.
 */
export const json = (value: unknown): string =>
  stringify(value).pipe(
    Option.filter((text) => !text.includes("\\u")),
    Option.getOrElse(() => canonical(value))
  )

/** What is hashed of a row, after the hash of the row before it. */
const spell = (seq: number, at: Omit<Event, "atMillis">, createdAt: string): string =>
  `{"actor":${canonical(at.actor)},"created_at":"${createdAt}","entity_id":${canonical(at.entityId)},` +
  `"entity_type":${canonical(at.entityType)},"event_data":${at.data},"event_type":${canonical(at.type)},"seq":${seq}}`

/** SHA-256 of a row and all rows before it, hex. `createdAt` is ISO-8601 with milliseconds. */
export const hashOf = (prevHash: string, seq: number, at: Omit<Event, "atMillis">, createdAt: string): string =>
  hash("sha256", prevHash + spell(seq, at, createdAt))

/** A row's id follows from its hash: the first 128 bits as a version 8 UUID. */
export const idOf = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`

/** Events as the next rows of the chain that ends at `head`. */
export const chain = (head: Head, events: ReadonlyArray<Event>): ReadonlyArray<Link> => {
  let { hash: prevHash, seq } = head
  // Events of one commit mostly share their time.
  let [millis, createdAt]: [number | undefined, string] = [undefined, ""]
  return events.map((event) => {
    seq += 1
    if (event.atMillis !== millis) [millis, createdAt] = [event.atMillis, iso(event.atMillis)]
    const next = hashOf(prevHash, seq, event, createdAt)
    const link: Link = { event, id: idOf(next), seq, prevHash, hash: next }
    prevHash = next
    return link
  })
}
