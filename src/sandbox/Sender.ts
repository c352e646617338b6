import * as Predicate from "effect/Predicate"
import type { WebSocket } from "ws"
import * as Faults from "./Faults.ts"
import type { House } from "./House.ts"

const inSeconds = (event: unknown): unknown =>
  Predicate.hasProperty(event, "timestamp") && typeof event.timestamp === "string"
    ? { ...event, timestamp: event.timestamp.slice(0, -3) }
    : event

/** Sends events, with everything that faults make of them. */
export const make = (
  house: House,
  channel: "market" | "user",
  now: () => number,
  everybody: () => Iterable<WebSocket>
) => {
  let held: { readonly socket: WebSocket; readonly text: string } | undefined
  let silentUntil = Number.NEGATIVE_INFINITY
  return (socket: WebSocket, event: unknown): void => {
    const struck = Faults.strike(house, channel, now())
    const freeze = Faults.has(struck, "freeze")
    if (freeze !== undefined) silentUntil = now() + (freeze.ms ?? Number.POSITIVE_INFINITY)
    if (!house.faults.some(({ spec }) => spec.kind === "freeze")) silentUntil = Number.NEGATIVE_INFINITY
    if (Faults.has(struck, "dropStream") !== undefined) {
      for (const each of everybody()) each.terminate()
      return
    }
    if (now() < silentUntil || Faults.has(struck, "swallow") !== undefined) return
    const text = JSON.stringify(Faults.has(struck, "seconds") === undefined ? event : inSeconds(event))
    if (Faults.has(struck, "reorder") !== undefined && held === undefined) {
      held = { socket, text }
      return
    }
    socket.send(text)
    if (Faults.has(struck, "duplicate") !== undefined) socket.send(text)
    if (held === undefined) return
    held.socket.send(held.text)
    held = undefined
  }
}
