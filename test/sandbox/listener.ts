import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { WebSocket } from "ws"

/** A frame of a stream, with the fields that tests look at. */
export type Frame = Readonly<Record<string, unknown>>

/** A connection of one channel, with everything that it has heard. */
export interface Listener {
  readonly frames: ReadonlyArray<Frame>
  readonly texts: ReadonlyArray<string>
  readonly say: (message: unknown) => Effect.Effect<void>
  readonly closed: () => boolean
  /** All events of a type. */
  readonly of: (type: string) => ReadonlyArray<Frame>
  /** Waits until there are so many events of a type, ten seconds at most. */
  readonly until: (type: string, count?: number) => Effect.Effect<ReadonlyArray<Frame>>
}

/** Listens to a channel of a sandbox for as long as the scope lasts. */
export const listen = Effect.fn("listen")(function* (url: string, subscription: unknown) {
  const texts: Array<string> = []
  const frames: Array<Frame> = []
  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => new WebSocket(url)),
    (socket) => Effect.sync(() => socket.terminate())
  )
  let closed = false
  socket.on("close", () => {
    closed = true
  })
  socket.on("error", () => {
    closed = true
  })
  socket.on("message", (data) => {
    const text = String(data)
    texts.push(text)
    if (text === "PONG") return
    const value: unknown = JSON.parse(text)
    for (const each of Array.isArray(value) ? value : [value]) if (Predicate.isRecord(each)) frames.push(each)
  })
  yield* Effect.async<void>((resume) => {
    socket.once("open", () => resume(Effect.void))
  })
  const say = (message: unknown) =>
    Effect.sync(() => socket.send(typeof message === "string" ? message : JSON.stringify(message)))
  yield* say(subscription)
  const of = (type: string) => frames.filter(({ event_type }) => event_type === type)
  const until = (type: string, count = 1): Effect.Effect<ReadonlyArray<Frame>> =>
    Effect.suspend(() =>
      of(type).length >= count ? Effect.succeed(of(type)) : Effect.delay(until(type, count), 5)
    ).pipe(Effect.timeout("10 seconds"), Effect.orDie)
  const listener: Listener = { frames, texts, say, closed: () => closed, of, until }
  return listener
})
