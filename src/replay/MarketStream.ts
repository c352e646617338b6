import * as Socket from "@effect/platform/Socket"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** A connection of the market channel that has ended, and why. */
export class StreamEnded extends Data.TaggedError("StreamEnded")<{
  readonly reason: string
  /** Epoch milliseconds since which nothing was heard, where the end was found out later. */
  readonly since?: number
}> {}

export interface Options {
  /** The address of the market channel. */
  readonly url: string
  readonly tokens: ReadonlyArray<string>
  readonly pingEvery: Duration.DurationInput
  /** Takes a frame as it comes: text, keep-alives among it. Says why the connection can be used no longer, if so. */
  readonly onFrame: (text: string) => string | undefined
}

const decoder = new TextDecoder()

const words = (error: Socket.SocketError): string =>
  error.reason === "Close"
    ? `the venue closed it (${error.code}${error.closeReason === undefined || error.closeReason === "" ? "" : ` ${error.closeReason}`})`
    : error.reason === "OpenTimeout" || error.reason === "Open"
      ? "it cannot be opened"
      : "it broke"

/**
 * One connection of the venue's market channel: subscribes to the tokens and hands over every frame until the connection
 * ends, which it always does by failing. The keep-alive is the text PING (docs.polymarket.com, market channel).
 */
export const listen = Effect.fn("MarketStream.listen")(function* (options: Options) {
  const socket = yield* Socket.makeWebSocket(options.url, { openTimeout: "10 seconds", closeCodeIsError: () => true })
  const write = yield* socket.writer
  const subscription = JSON.stringify({ assets_ids: options.tokens, type: "market", custom_feature_enabled: true })
  const ping = Effect.repeat(write("PING"), Schedule.spaced(options.pingEvery))
  yield* Effect.forkScoped(Effect.delay(ping, options.pingEvery))
  const frames = socket.runRaw<never, StreamEnded, never>(
    (data) => {
      const reason = options.onFrame(typeof data === "string" ? data : decoder.decode(data))
      if (reason !== undefined) return Effect.fail(new StreamEnded({ reason }))
    },
    { onOpen: Effect.ignore(write(subscription)) }
  )
  yield* Effect.catchTag(frames, "SocketError", (error) => new StreamEnded({ reason: words(error) }))
  return yield* new StreamEnded({ reason: "the venue closed it" })
}, Effect.scoped)
