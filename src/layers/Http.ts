import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import type * as RateLimiter from "effect/RateLimiter"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { MarketDataUnavailable } from "../domain/Failure.ts"

/** An answer of a public source: JSON, or a refusal (4xx) in whatever words. */
export interface Answer {
  readonly status: number
  /** Decoded JSON; absent where a refusal is no JSON. */
  readonly body: unknown
  readonly text: string
  /** When the request went out that brought this answer, epoch milliseconds: what it tells is no older than that. */
  readonly sentMillis: number
}

/** How a source is read. */
export interface Manners {
  /** Names the source in failures. */
  readonly source: string
  /** Longest that one try may take, its body included. */
  readonly deadline?: Duration.DurationInput
  /** Asked before every try, and outside of its deadline. */
  readonly limit?: RateLimiter.RateLimiter
  /** What every try needs anew, such as headers that carry the time. */
  readonly prepare?: (
    request: HttpClientRequest.HttpClientRequest
  ) => Effect.Effect<HttpClientRequest.HttpClientRequest>
  /** What requests carry and nobody may see: a source that echoes them does not bring them into words or rows. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted>
}

export type Read = (request: HttpClientRequest.HttpClientRequest) => Effect.Effect<Answer, MarketDataUnavailable>

const DEADLINE = Duration.seconds(10)
const TRIES = 4
/** A source that asks for more patience than this has failed for now. */
const PATIENCE = Duration.seconds(30)

interface Fault {
  readonly what: string
  readonly transient: boolean
  readonly retryAfter: Duration.Duration
}

const isTransient = (status: number) => status === 425 || status === 429 || status >= 500
const isRefusal = (status: number) => status >= 400 && status < 500 && !isTransient(status)

/** `Retry-After`: seconds, or an HTTP date. */
const retryAfter = (header: string | undefined, nowMillis: number): Duration.Duration => {
  if (header === undefined) return Duration.zero
  if (/^\s*\d{1,9}\s*$/.test(header)) return Duration.seconds(Number(header))
  const at = Date.parse(header)
  return Number.isNaN(at) ? Duration.zero : Duration.millis(Math.max(0, at - nowMillis))
}

// The cause of a fetch error is an Error of undici with the reason (ECONNREFUSED ...) in it; it holds no header. A name
// with several addresses gives one that is empty itself and has a reason for each.
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return ""
  const inner = cause instanceof AggregateError ? cause.errors.map(reasonOf).join("") : reasonOf(cause.cause)
  return inner === "" ? `: ${cause.message}` : inner
}

// The error object itself carries every request header: only its kind and its cause may leave this file.
const unreachable = (error: HttpClientError.HttpClientError): Fault => ({
  what: `no answer (${error.reason.toLowerCase()} error${reasonOf(error.cause)})`,
  transient: error.reason === "Transport" || error._tag === "ResponseError",
  retryAfter: Duration.zero
})

// Queries are left out: a path is enough to find the call.
const name = (request: HttpClientRequest.HttpClientRequest) =>
  `${request.method} ${URL.canParse(request.url) ? new URL(request.url).pathname : request.url.split("?")[0]}`

const excerpt = (text: string) => text.slice(0, 200)

const politely = Schedule.identity<Fault>().pipe(
  Schedule.intersect(Schedule.jittered(Schedule.exponential("200 millis"))),
  Schedule.modifyDelay(([fault], delay) => Duration.max(delay, fault.retryAfter)),
  Schedule.intersect(Schedule.recurs(TRIES - 1))
)

/** Traces would carry every header, keys too. */
const untraced = (client: HttpClient.HttpClient) =>
  client.pipe(
    HttpClient.withTracerPropagation(false),
    HttpClient.withTracerDisabledWhen(() => true)
  )

const concealed = (text: string, { secrets = [] }: Manners) =>
  secrets.reduce((said, secret) => said.replaceAll(Redacted.value(secret), "<redacted>"), text)

const parseJson = (text: string) =>
  Either.try((): unknown => {
    const body: unknown = JSON.parse(text)
    return body
  })

/** What came of one try of a request that may change something: an answer, or nothing that could be called one. */
export type Sent =
  | {
      readonly _tag: "Answer"
      readonly status: number
      readonly body: unknown
      readonly text: string
      /** How long the answer asks to wait, where it does. */
      readonly retryAfterMillis: number | undefined
    }
  | { readonly _tag: "Silence"; readonly what: string; readonly unsent: boolean }

// Refused or unroutable before a connection stood: no byte of the request has left.
const NEVER_LEFT = /connect (ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)|getaddrinfo (ENOTFOUND|EAI_AGAIN)/

/**
 * Sends a request that may change something, once, whatever comes of it. Silence is no answer: the request may have
 * arrived, unless `unsent` says that no connection was ever made.
 */
export const sender =
  (client: HttpClient.HttpClient, manners: Manners) =>
  (request: HttpClientRequest.HttpClientRequest): Effect.Effect<Sent> => {
    const deadline = manners.deadline ?? DEADLINE
    const once = Effect.gen(function* () {
      const prepared = yield* (manners.prepare ?? Effect.succeed)(request)
      const response = yield* untraced(client).execute(prepared)
      const text = concealed(yield* response.text, manners)
      const seconds = retryAfter(response.headers["retry-after"], yield* Clock.currentTimeMillis)
      return {
        _tag: "Answer",
        status: response.status,
        text,
        body: Either.getOrUndefined(parseJson(text)),
        retryAfterMillis: Duration.toMillis(seconds) > 0 ? Duration.toMillis(seconds) : undefined
      } satisfies Sent
    })
    return (manners.limit ?? identity)(
      once.pipe(
        Effect.catchAll((error): Effect.Effect<Sent> => {
          const { what } = unreachable(error)
          return Effect.succeed({ _tag: "Silence", what, unsent: NEVER_LEFT.test(what) })
        }),
        Effect.timeoutTo({
          duration: deadline,
          onSuccess: (sent): Sent => sent,
          onTimeout: (): Sent => ({
            _tag: "Silence",
            what: `no answer within ${Duration.format(Duration.decode(deadline))}`,
            unsent: false
          })
        })
      )
    )
  }

/** The words for an answer that was none of those expected: method and path, status, and the beginning of the body. */
export const unexpected = (
  source: string,
  request: HttpClientRequest.HttpClientRequest,
  answer: Pick<Answer, "status" | "text">
): MarketDataUnavailable =>
  new MarketDataUnavailable({ source, message: `${name(request)}: HTTP ${answer.status}: ${excerpt(answer.text)}` })

/**
 * Reads JSON from a public source. Transport errors, missed deadlines, 425, 429 and 5xx are tried again, four times in
 * all, with jittered exponential pauses and never sooner than `Retry-After`; where that is more than 30 s away the
 * source counts as down. Every other 4xx is an answer. Never use it for a request that changes anything at the source.
 */
export const reader = (client: HttpClient.HttpClient, manners: Manners): Read => {
  const deadline = manners.deadline ?? DEADLINE
  const limit = manners.limit ?? identity
  const prepare = manners.prepare ?? Effect.succeed
  const polite = untraced(client)

  const attempt = Effect.fnUntraced(function* (request: HttpClientRequest.HttpClientRequest) {
    const sentMillis = yield* Clock.currentTimeMillis
    const response = yield* Effect.mapError(Effect.flatMap(prepare(request), polite.execute), unreachable)
    const text = concealed(yield* Effect.mapError(response.text, unreachable), manners)
    const { status } = response
    if (status < 300 || isRefusal(status)) return { status, text, sentMillis }
    const patience = retryAfter(response.headers["retry-after"], yield* Clock.currentTimeMillis)
    const tooLong = Duration.greaterThan(patience, PATIENCE)
    return yield* Effect.fail<Fault>({
      what: `HTTP ${status}: ${excerpt(text)}${tooLong ? ` (it asks to wait ${Duration.format(patience)})` : ""}`,
      transient: isTransient(status) && !tooLong,
      retryAfter: patience
    })
  })

  return Effect.fn("Http.read")(function* (request: HttpClientRequest.HttpClientRequest) {
    const answer = yield* attempt(request).pipe(
      Effect.timeoutFail({
        duration: deadline,
        onTimeout: (): Fault => ({
          what: `no answer within ${Duration.format(deadline)}`,
          transient: true,
          retryAfter: Duration.zero
        })
      }),
      limit,
      Effect.retry({ while: (fault) => fault.transient, schedule: politely }),
      Effect.mapError(
        (fault) => new MarketDataUnavailable({ source: manners.source, message: `${name(request)}: ${fault.what}` })
      )
    )
    const body = parseJson(answer.text)
    if (Either.isLeft(body) && answer.status < 300) {
      return yield* new MarketDataUnavailable({
        source: manners.source,
        message: `${name(request)}: HTTP ${answer.status}, but no JSON: ${excerpt(answer.text)}`
      })
    }
    return { ...answer, body: Either.getOrUndefined(body) }
  })
}

/** Node's own fetch: the client that stands behind every reader. */
export const layer = FetchHttpClient.layer
