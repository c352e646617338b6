import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { InvalidInput, VenueUnavailable } from "../../domain/Failure.ts"
import { checksummed } from "../../polymarket/Address.ts"
import { l1Digest, l2Signature } from "../../polymarket/Auth.ts"
import { hex } from "../../polymarket/Words.ts"
import { Signer } from "../Signer.ts"

/** What every trading call is signed with. */
export interface ApiKey {
  readonly key: Redacted.Redacted
  readonly secret: Redacted.Redacted
  readonly passphrase: Redacted.Redacted
}

/** Each nonce has a key of its own, and the venue's heartbeat protects the orders of one: it is always this one. */
const NONCE = 0
const DEADLINE = Duration.seconds(10)

const Triple = Schema.parseJson(
  Schema.Struct({
    apiKey: Schema.String.pipe(Schema.pattern(/^[0-9a-fA-F-]{36}$/)),
    secret: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9+/_-]+={0,2}$/)),
    passphrase: Schema.String.pipe(Schema.pattern(/^\S+$/))
  })
)
const Keys = Schema.parseJson(
  Schema.Struct({ apiKeys: Schema.Array(Schema.Union(Schema.String, Schema.Struct({ apiKey: Schema.String }))) })
)
const Refusal = Schema.parseJson(Schema.Struct({ error: Schema.String }))
const Seconds = Schema.parseJson(Schema.Int)

/** The venue answered, and it was no. */
class Refused extends Data.TaggedError("Refused")<{ readonly status: number; readonly words: string }> {}

/** Asks, at most thrice where that may be; the body of an answer is never told, for it may hold the key. */
const exchange = Effect.fn("Keys.exchange")(function* (request: HttpClientRequest.HttpClientRequest, tries: number) {
  const client = (yield* HttpClient.HttpClient).pipe(
    HttpClient.withTracerPropagation(false),
    HttpClient.withTracerDisabledWhen(() => true)
  )
  const what = `${request.method} ${new URL(request.url).pathname}`
  const silence = (why: string) => new VenueUnavailable({ message: `CLOB ${what}: ${why}` })
  const once = Effect.gen(function* () {
    const { status, text } = yield* client.execute(request).pipe(
      Effect.flatMap((response) => Effect.map(response.text, (text) => ({ status: response.status, text }))),
      Effect.mapError(() => silence("no answer")),
      Effect.timeoutFail({
        duration: DEADLINE,
        onTimeout: () => silence(`no answer within ${Duration.format(DEADLINE)}`)
      })
    )
    if (status < 300) return text
    if (status === 425 || status === 429 || status >= 500) return yield* silence(`HTTP ${status}`)
    const words = Option.match(Schema.decodeOption(Refusal)(text), {
      onNone: () => "no reason was given",
      onSome: ({ error }) => error.slice(0, 200)
    })
    return yield* new Refused({ status, words })
  })
  return yield* Effect.retry(once, {
    while: (failure) => failure._tag === "VenueUnavailable",
    schedule: Schedule.jittered(Schedule.exponential("300 millis")).pipe(Schedule.intersect(Schedule.recurs(tries - 1)))
  })
})

const READS = 3
const formless = (what: string) => () => new VenueUnavailable({ message: `CLOB ${what}: an answer of another form` })

/** The venue's clock: it refuses signatures whose time is off. */
const now = Effect.fn("Keys.now")(function* (clobUrl: string) {
  const text = yield* Effect.catchTag(exchange(HttpClientRequest.get(`${clobUrl}/time`), READS), "Refused", (failure) =>
    Effect.fail(new VenueUnavailable({ message: `CLOB GET /time: HTTP ${failure.status}` }))
  )
  return yield* Effect.mapError(Schema.decode(Seconds)(text), formless("GET /time"))
})

const proven = Effect.fn("Keys.proven")(function* (clobUrl: string, request: HttpClientRequest.HttpClientRequest) {
  const signer = yield* Signer
  const seconds = yield* now(clobUrl)
  const signature = yield* signer.sign(l1Digest(signer.address, seconds, NONCE))
  return HttpClientRequest.setHeaders(request, {
    POLY_ADDRESS: checksummed(signer.address),
    POLY_SIGNATURE: hex(signature),
    POLY_TIMESTAMP: `${seconds}`,
    POLY_NONCE: `${NONCE}`
  })
})

const apiKeyOf = (what: string, text: string) =>
  Schema.decode(Triple)(text).pipe(
    Effect.mapBoth({
      onFailure: formless(what),
      onSuccess: ({ apiKey, passphrase, secret }): ApiKey => ({
        key: Redacted.make(apiKey),
        secret: Redacted.make(secret),
        passphrase: Redacted.make(passphrase)
      })
    })
  )

const derive = Effect.fn("Keys.derive")(function* (clobUrl: string) {
  const request = yield* proven(clobUrl, HttpClientRequest.get(`${clobUrl}/auth/derive-api-key`))
  return yield* Effect.flatMap(exchange(request, READS), (text) => apiKeyOf("GET /auth/derive-api-key", text))
})

const create = Effect.fn("Keys.create")(function* (clobUrl: string) {
  const request = yield* proven(clobUrl, HttpClientRequest.post(`${clobUrl}/auth/api-key`))
  return yield* Effect.flatMap(exchange(request, 1), (text) => apiKeyOf("POST /auth/api-key", text))
})

const refused = ({ status, words }: Refused) =>
  status === 401 || status === 403
    ? new InvalidInput({
        code: "login_refused",
        message: `the venue does not take this key's signature: HTTP ${status}: ${words}`,
        issues: []
      })
    : new VenueUnavailable({ message: `the venue makes no API key: HTTP ${status}: ${words}` })

/**
 * The API key of the signer's address: the one it has, or else a new one. It belongs to the key that signs, never to a
 * wallet. Asking is safe: what was made in an earlier run is derived in the next.
 */
export const obtain = Effect.fn("Keys.obtain")(function* (clobUrl: string) {
  const had = derive(clobUrl).pipe(
    Effect.map((apiKey) => ({ apiKey, made: "derived" as const })),
    Effect.catchIf(
      (failure) => failure._tag === "Refused" && failure.status !== 401 && failure.status !== 403,
      () => Effect.map(create(clobUrl), (apiKey) => ({ apiKey, made: "created" as const }))
    )
  )
  return yield* Effect.catchTag(had, "Refused", (failure) => Effect.fail(refused(failure)))
})

/** Proves a key by a call signed with it: the venue takes it for the signer's, and lists it among the signer's keys. */
export const prove = Effect.fn("Keys.prove")(function* (clobUrl: string, apiKey: ApiKey) {
  const signer = yield* Signer
  const seconds = yield* now(clobUrl)
  const request = HttpClientRequest.get(`${clobUrl}/auth/api-keys`).pipe(
    HttpClientRequest.setHeaders({
      POLY_ADDRESS: checksummed(signer.address),
      POLY_API_KEY: Redacted.value(apiKey.key),
      POLY_PASSPHRASE: Redacted.value(apiKey.passphrase),
      POLY_TIMESTAMP: `${seconds}`,
      POLY_SIGNATURE: l2Signature(
        Redacted.value(apiKey.secret),
        seconds,
        "GET",
        new URL(`${clobUrl}/auth/api-keys`).pathname,
        undefined
      )
    })
  )
  const text = yield* Effect.catchTag(exchange(request, READS), "Refused", ({ status, words }) =>
    Effect.fail(
      new InvalidInput({
        code: "key_mismatch",
        message: `the venue does not take the API key for that of ${checksummed(signer.address)}: HTTP ${status}: ${words}`,
        issues: []
      })
    )
  )
  const { apiKeys } = yield* Effect.mapError(Schema.decode(Keys)(text), formless("GET /auth/api-keys"))
  const ids = apiKeys.map((each) => (typeof each === "string" ? each : each.apiKey).toLowerCase())
  if (ids.includes(Redacted.value(apiKey.key).toLowerCase())) return
  return yield* new InvalidInput({
    code: "key_mismatch",
    message: `the API key is not among those of ${checksummed(signer.address)}`,
    issues: []
  })
})
