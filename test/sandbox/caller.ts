import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { l2Signature } from "../../src/polymarket/Auth.ts"
import type { Operator } from "../../src/sandbox/Operator.ts"
import type { Sandbox } from "../../src/sandbox/Sandbox.ts"

/** An answer, or how there was none: the connection broke, or nothing came for a second. */
export interface Said {
  readonly status: number | "broken" | "silent"
  readonly body: unknown
  readonly text: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

const none = (status: "broken" | "silent"): Said => ({ status, body: undefined, text: "", headers: {} })

type Method = "GET" | "POST" | "DELETE"

/** A request that its operator has signed. */
export const call = Effect.fn("call")(
  function* (
    sandbox: Sandbox,
    method: Method,
    path: string,
    body = "",
    operator: Operator = sandbox.operator,
    aheadMillis = 0
  ) {
    const seconds = Math.floor(((yield* Clock.currentTimeMillis) + aheadMillis) / 1000)
    const { id, passphrase, secret } = operator.key
    const bare = path.split("?")[0] ?? path
    const client = yield* HttpClient.HttpClient
    const request = HttpClientRequest.make(method)(`${sandbox.url}${path}`).pipe(
      HttpClientRequest.setHeaders({
        POLY_ADDRESS: operator.account.address,
        POLY_API_KEY: id,
        POLY_PASSPHRASE: passphrase,
        POLY_TIMESTAMP: String(seconds),
        POLY_SIGNATURE: l2Signature(secret, seconds, method, bare, body === "" ? undefined : body)
      }),
      body === "" ? (same) => same : HttpClientRequest.bodyText(body, "application/json")
    )
    const answer = yield* client.execute(request).pipe(
      Effect.flatMap((response) =>
        Effect.map(
          response.text,
          (text): Said => ({
            status: response.status,
            text,
            body: Either.getOrUndefined(Either.try((): unknown => JSON.parse(text))),
            headers: response.headers
          })
        )
      ),
      Effect.orElseSucceed(() => none("broken")),
      Effect.timeoutOption("1 second")
    )
    return Option.getOrElse(answer, () => none("silent"))
  },
  Effect.scoped,
  Effect.provide(FetchHttpClient.layer)
)

/** What stands under a name in a JSON value. */
export const at = (value: unknown, name: string): unknown =>
  Predicate.hasProperty(value, name) ? value[name] : undefined

export const listAt = (value: unknown, name: string): ReadonlyArray<unknown> => {
  const list = at(value, name)
  return Array.isArray(list) ? list : []
}
