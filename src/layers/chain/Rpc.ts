import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { ChainUnreachable } from "../Chain.ts"

/** The node understood a question and answered with an error: a revert, or a refusal. */
export class RpcRefused extends Data.TaggedError("RpcRefused")<{
  readonly code: number
  readonly message: string
  /** What a contract returned when it reverted, `0x` and hexadecimal digits. */
  readonly data: string | undefined
}> {}

export interface RpcOptions {
  readonly url: Redacted.Redacted
  /** Longest that one try may take, its body included. */
  readonly deadline: Duration.DurationInput
  readonly tries: number
}

export interface Rpc {
  /** Host (and port) of the node: the only part of its address that may be shown. */
  readonly host: string
  /** Asks the node; silence, 429 and 5xx are tried again with jittered pauses. */
  readonly ask: <A, I>(
    method: string,
    params: ReadonlyArray<unknown>,
    answer: Schema.Schema<A, I>
  ) => Effect.Effect<A, ChainUnreachable | RpcRefused>
  /** As `ask`, once: for what is sent. */
  readonly tell: <A, I>(
    method: string,
    params: ReadonlyArray<unknown>,
    answer: Schema.Schema<A, I>
  ) => Effect.Effect<A, ChainUnreachable | RpcRefused>
}

const Reply = Schema.parseJson(
  Schema.Union(
    Schema.Struct({
      error: Schema.Struct({
        code: Schema.Number,
        message: Schema.optionalWith(Schema.String, { default: () => "" }),
        data: Schema.optional(Schema.Unknown)
      })
    }),
    Schema.Struct({ result: Schema.Unknown })
  )
)
const decodeReply = Schema.decodeUnknownEither(Reply)

interface Fault {
  readonly what: string
  readonly transient: boolean
}

// Messages of fetch may hold the whole address; the code of their innermost cause (ECONNREFUSED ...) never does.
const codeOf = (cause: unknown): string => {
  if (typeof cause !== "object" || cause === null) return ""
  const inner = codeOf(Reflect.get(cause, "cause"))
  const code: unknown = Reflect.get(cause, "code")
  return inner === "" && typeof code === "string" && /^[A-Z0-9_]+$/.test(code) ? ` (${code})` : inner
}

/** Everything of an address that may be a key: user, password, path and query, piece by piece. */
const secretsOf = (url: URL): ReadonlyArray<string> =>
  [url.username, url.password, ...url.pathname.split("/"), ...url.searchParams.values()]
    .flatMap((part) => [
      part,
      Either.getOrElse(
        Either.try(() => decodeURIComponent(part)),
        () => part
      )
    ])
    .filter((part) => part.length >= 4)
    .sort((a, b) => b.length - a.length)

/** A node of an EVM chain, over JSON-RPC. Failures name its host and never the rest of its address. */
export const make = (client: HttpClient.HttpClient, options: RpcOptions): Rpc => {
  const url = new URL(Redacted.value(options.url))
  const { host } = url
  const secrets = secretsOf(url)
  const scrub = (text: string) => secrets.reduce((seen, secret) => seen.replaceAll(secret, "…"), text).slice(0, 300)
  const basic =
    url.username === ""
      ? HttpClientRequest.setHeaders({})
      : HttpClientRequest.basicAuth(decodeURIComponent(url.username), Redacted.make(decodeURIComponent(url.password)))
  // fetch refuses an address with a user in it.
  const bare = new URL(url)
  bare.username = ""
  bare.password = ""
  const quiet = client.pipe(
    HttpClient.withTracerPropagation(false),
    HttpClient.withTracerDisabledWhen(() => true)
  )

  const unreachable = (error: HttpClientError.HttpClientError): Fault => ({
    what: `no answer${codeOf(error.cause)}`,
    transient: error._tag === "ResponseError" || error.reason === "Transport"
  })

  const attempt = Effect.fnUntraced(function* (body: string) {
    const response = yield* Effect.mapError(
      quiet.execute(HttpClientRequest.post(bare).pipe(basic, HttpClientRequest.bodyText(body, "application/json"))),
      unreachable
    )
    const text = yield* Effect.mapError(response.text, unreachable)
    const { status } = response
    const reply = decodeReply(text)
    if (status === 429 || status >= 500 || Either.isLeft(reply)) {
      const what = status < 300 ? "an answer that is no JSON-RPC" : `HTTP ${status}`
      return yield* Effect.fail<Fault>({ what, transient: status === 429 || status >= 500 })
    }
    // The code by which nodes say that too much was asked of them.
    if ("error" in reply.right && reply.right.error.code === -32005) {
      return yield* Effect.fail<Fault>({ what: "too many requests", transient: true })
    }
    return reply.right
  })

  const exchange = Effect.fnUntraced(function* (
    method: string,
    params: ReadonlyArray<unknown>,
    tries: number
  ): Effect.fn.Return<unknown, ChainUnreachable | RpcRefused> {
    const reply = yield* attempt(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })).pipe(
      Effect.timeoutFail({
        duration: options.deadline,
        onTimeout: (): Fault => ({
          what: `no answer within ${Duration.format(Duration.decode(options.deadline))}`,
          transient: true
        })
      }),
      Effect.retry({
        while: (fault) => fault.transient,
        schedule: Schedule.jittered(Schedule.exponential("300 millis")).pipe(
          Schedule.intersect(Schedule.recurs(tries - 1))
        )
      }),
      Effect.mapError((fault) => new ChainUnreachable({ message: `Polygon node ${host}: ${method}: ${fault.what}` }))
    )
    if ("result" in reply) return reply.result
    const { code, data, message } = reply.error
    return yield* new RpcRefused({ code, message: scrub(message), data: typeof data === "string" ? data : undefined })
  })

  const typed =
    (tries: number): Rpc["ask"] =>
    (method, params, answer) =>
      Effect.flatMap(exchange(method, params, tries), (result) =>
        Effect.mapError(
          Schema.decodeUnknown(answer)(result),
          // The node's own words may be anything: only what was expected is told.
          () => new ChainUnreachable({ message: `Polygon node ${host}: ${method}: an answer of another form` })
        )
      )

  return { host, ask: typed(options.tries), tell: typed(1) }
}

/** `0x` and hexadecimal digits, as a number of any size. */
export const Quantity = Schema.transformOrFail(Schema.String, Schema.BigIntFromSelf, {
  strict: true,
  decode: (text, _, ast) =>
    /^0x[0-9a-fA-F]{1,64}$/.test(text)
      ? ParseResult.succeed(BigInt(text))
      : ParseResult.fail(new ParseResult.Type(ast, text, "expected a quantity")),
  encode: (value) => ParseResult.succeed(`0x${value.toString(16)}`)
})

/** Bytes as `0x` and hexadecimal digits. */
export const Bytes = Schema.TemplateLiteral("0x", Schema.String).pipe(
  Schema.filter((text) => /^0x([0-9a-fA-F]{2})*$/.test(text))
)

/** What may be absent yet: `null` of JSON. */
export const orNone = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<Option.Option<A>, I | null> =>
  Schema.OptionFromNullOr(schema)
