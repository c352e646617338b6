import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"

/** One call as the fake venue sees it. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly params: ReadonlyArray<readonly [string, string]>
  readonly body: string
  readonly atMillis: number
}

/** How it answers: an HTTP answer, a broken connection, or nothing at all, for ever. */
export type Reply =
  | { readonly status?: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | "reset"
  | "silence"

const bodyOf = (request: HttpClientRequest.HttpClientRequest): string =>
  request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""

/** An HttpClient that answers out of a function; it notes every call. */
export const fakeVenue = (answer: (call: Call, nth: number) => Reply) => {
  const calls: Array<Call> = []
  const client = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const call: Call = {
        method: request.method,
        path: url.pathname,
        params: [...url.searchParams.entries()],
        body: bodyOf(request),
        atMillis: yield* Clock.currentTimeMillis
      }
      calls.push(call)
      const reply = answer(call, calls.length)
      if (reply === "silence") return yield* Effect.never
      if (reply === "reset") {
        const cause = new Error("read ECONNRESET")
        return yield* new HttpClientError.RequestError({ request, reason: "Transport", cause })
      }
      const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body)
      const response = new Response(text, { status: reply.status ?? 200, headers: { ...reply.headers } })
      return HttpClientResponse.fromWeb(request, response)
    })
  )
  return { client, calls }
}

export const CONDITION = `0x${"ab".repeat(32)}`
export const TOKENS = ["2507", "1116"] as const

/** A Gamma record of an open v1 market, in the venue's own way of writing. */
export const gammaMarket = {
  id: "5308512",
  question: "Bitcoin Up or Down?",
  conditionId: CONDITION,
  slug: "btc-updown",
  outcomes: '["Up", "Down"]',
  outcomePrices: '["0.905", "0.095"]',
  active: true,
  closed: false,
  archived: false,
  enableOrderBook: true,
  acceptingOrders: true,
  orderPriceMinTickSize: 0.01,
  orderMinSize: 5,
  clobTokenIds: JSON.stringify(TOKENS),
  negRisk: false,
  feesEnabled: true,
  feeSchedule: { exponent: 1, rate: 0.07, takerOnly: true, rebateRate: 0.2 },
  version: "v1",
  aFieldNobodyKnows: { deep: [1] }
}

/** The CLOB's record of the same market. */
export const clobMarket = {
  t: [
    { t: TOKENS[0], o: "Up" },
    { t: TOKENS[1], o: "Down" }
  ],
  c: CONDITION,
  mos: 5,
  mts: 0.01,
  ao: true,
  fd: { r: 0.07, e: 1, to: true },
  v: "v1"
}

/** Its book as `/books` gives it: the best level last, empty texts where there is nothing. */
export const restBook = {
  market: CONDITION,
  asset_id: TOKENS[0],
  timestamp: "1791241810525",
  hash: "",
  bids: [
    { price: "0.01", size: "1123" },
    { price: "0.94", size: "142.4" },
    { price: "0.95", size: "996" }
  ],
  asks: [
    { price: "0.99", size: "50.01" },
    { price: "0.97", size: "1185.22" },
    { price: "0.96", size: "441.4" }
  ],
  min_order_size: "5",
  tick_size: "0.01",
  neg_risk: false,
  last_trade_price: ""
}

/** What must have been found and be right. */
export const right = <A, E>(found: Either.Either<A, E> | undefined): A => {
  if (found === undefined) return Either.getOrThrow(Either.left("nothing was found"))
  return Either.getOrThrowWith(found, (left) => new Error(JSON.stringify(left)))
}
