import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { compose, identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RateLimiter from "effect/RateLimiter"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import { type MarketDataUnavailable, VenueUnavailable } from "../../domain/Failure.ts"
import { checksummed } from "../../polymarket/Address.ts"
import { l2Signature } from "../../polymarket/Auth.ts"
import { classify } from "../../polymarket/Errors.ts"
import * as Modes from "../../polymarket/Modes.ts"
import { type Asset, type Cancelled, Clob, type Posted, type TradeFilter } from "../Clob.ts"
import * as Http from "../Http.ts"
import type { Account } from "./Account.ts"
import * as Shapes from "./Shapes.ts"

/** How long the client waits, for what. */
export interface Patience {
  readonly post: Duration.DurationInput
  readonly read: Duration.DurationInput
  readonly cancel: Duration.DurationInput
}

export const PATIENCE: Patience = { post: "5 seconds", read: "5 seconds", cancel: "5 seconds" }

export interface Options {
  readonly clobUrl: string
  readonly account: Account
  readonly patience?: Patience
}

/** Pages of open orders or trades that are read at the most: a venue that never ends its list is no venue. */
const MOST_PAGES = 1000
const CANCELS_PER_CALL = 1000
const CLOCK_EVERY_MILLIS = 60_000

const chunks = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))

const accepted: ReadonlyArray<"live" | "matched" | "delayed" | "unmatched"> = [
  "live",
  "matched",
  "delayed",
  "unmatched"
]

/**
 * What an answer to the post of one order says. Accepted is only what says so in every field (venue: placing orders); an
 * error is what its text makes it, whatever the status; anything else leaves the order's fate open.
 */
export const postedOf = (status: number, body: unknown, text: string): Posted => {
  const read = Shapes.readPosted(body)
  const words = Shapes.wordsOf(body, text)
  if (Either.isRight(read) && status < 300) {
    const { errorMsg, orderID, status: said, success, tradeIDs } = read.right
    const word = accepted.find((each) => each === said?.toLowerCase())
    const silent = errorMsg === undefined || errorMsg === null || errorMsg === ""
    if (
      success === true &&
      silent &&
      orderID !== undefined &&
      orderID !== null &&
      orderID !== "" &&
      word !== undefined
    ) {
      return { _tag: "Accepted", orderId: orderID.toLowerCase(), status: word, tradeIds: tradeIDs ?? [] }
    }
    if (silent) return { _tag: "Unknown", error: undefined, text: "an answer that neither accepts nor refuses" }
  }
  const error = classify(status, words)
  const excerpt = words.slice(0, 300)
  return error.fate === "unknown"
    ? { _tag: "Unknown", error, text: `HTTP ${status}: ${excerpt}` }
    : { _tag: "Refused", error, text: excerpt }
}

const make = Effect.fnUntraced(function* ({ account, clobUrl, patience = PATIENCE }: Options) {
  const client = yield* HttpClient.HttpClient
  // Below the venue's buckets (40 orders and 80 cancels a second for the smallest tier, 500 reads in 10 s), and apart:
  // whatever goes on elsewhere, cancels have their own.
  const orderLimit = yield* RateLimiter.make({ limit: 38, interval: "1 second" })
  const cancelLimit = yield* RateLimiter.make({ limit: 60, interval: "1 second" })
  const readLimit = yield* RateLimiter.make({ limit: 40, interval: "1 second" })
  const balanceLimit = yield* RateLimiter.make({ limit: 15, interval: "1 second" })
  const refreshLimit = yield* RateLimiter.make({ limit: 4, interval: "1 second" })
  const mode = yield* Ref.make<Modes.VenueMode>(Modes.RUNNING)
  const clock = yield* Ref.make<{ readonly offset: number; readonly atMillis: number } | undefined>(undefined)

  const unavailable = ({ message }: MarketDataUnavailable) => new VenueUnavailable({ message })
  const readPublic = Http.reader(client, { source: "CLOB", deadline: patience.read, limit: readLimit })

  const serverTime = Effect.gen(function* () {
    const sent = yield* Clock.currentTimeMillis
    const answer = yield* Effect.mapError(readPublic(HttpClientRequest.get(`${clobUrl}/time`)), unavailable)
    const now = yield* Clock.currentTimeMillis
    const seconds = Number(answer.body)
    if (!Number.isSafeInteger(seconds) || seconds <= 0) {
      return yield* new VenueUnavailable({ message: "GET /time: expected seconds since 1970" })
    }
    const middle = (sent + now) / 2
    // The venue tells whole seconds: a difference within them is none.
    const [low, high] = [seconds * 1000 - 1000, seconds * 1000 + 2000]
    const offset = middle >= low && middle <= high ? 0 : Math.round(seconds * 1000 + 500 - middle)
    yield* Ref.set(clock, { offset, atMillis: now })
    return offset
  })
  const clockOffset = Effect.gen(function* () {
    const [known, now] = [yield* Ref.get(clock), yield* Clock.currentTimeMillis]
    // A clock that was set back, too, has to be measured anew.
    const isRecent = known !== undefined && Math.abs(now - known.atMillis) < CLOCK_EVERY_MILLIS
    return isRecent ? known.offset : yield* serverTime
  })

  const address = checksummed(account.signer)
  // The clock is measured by whoever begins; a header must not wait for another call.
  const authorized = (request: HttpClientRequest.HttpClientRequest) =>
    Effect.gen(function* () {
      const known = yield* Ref.get(clock)
      const seconds = Math.floor(((yield* Clock.currentTimeMillis) + (known?.offset ?? 0)) / 1000)
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : undefined
      const path = new URL(request.url).pathname
      return HttpClientRequest.setHeaders(request, {
        POLY_ADDRESS: address,
        POLY_API_KEY: Redacted.value(account.apiKey),
        POLY_PASSPHRASE: Redacted.value(account.passphrase),
        POLY_TIMESTAMP: `${seconds}`,
        POLY_SIGNATURE: l2Signature(Redacted.value(account.secret), seconds, request.method, path, body)
      })
    })

  const signed = { source: "CLOB", prepare: authorized, secrets: [account.passphrase, account.secret] } as const
  const reading = (limit: RateLimiter.RateLimiter) => Http.reader(client, { ...signed, deadline: patience.read, limit })
  const readMine = reading(readLimit)
  const readBalances = reading(compose(balanceLimit, identity))
  const readRefresh = reading(refreshLimit)

  const ask = <A>(
    read: Http.Read,
    path: string,
    params: Record<string, string>,
    decode: (body: unknown) => Either.Either<A, string>
  ) =>
    Effect.gen(function* () {
      const request = HttpClientRequest.get(`${clobUrl}${path}`).pipe(HttpClientRequest.setUrlParams(params))
      const answer = yield* Effect.mapError(read(request), unavailable)
      if (answer.status >= 300) {
        const words = Shapes.wordsOf(answer.body, answer.text).slice(0, 200)
        return yield* new VenueUnavailable({ message: `GET ${path}: HTTP ${answer.status}: ${words}` })
      }
      return yield* Either.mapLeft(
        decode(answer.body),
        (fields) => new VenueUnavailable({ message: `GET ${path}: ${fields}` })
      )
    })

  const pages = <A>(
    path: string,
    params: Record<string, string>,
    decode: (
      body: unknown
    ) => Either.Either<
      { readonly next_cursor?: string | null | undefined; readonly data?: ReadonlyArray<A> | null | undefined },
      string
    >
  ) =>
    Effect.gen(function* () {
      const all: Array<A> = []
      const cursors = new Set<string>()
      let cursor: string | undefined
      for (let page = 0; page < MOST_PAGES; page++) {
        const found = yield* ask(
          readMine,
          path,
          cursor === undefined ? params : { ...params, next_cursor: cursor },
          decode
        )
        all.push(...(found.data ?? []))
        const next = found.next_cursor ?? ""
        if (next === "" || next === "LTE=") return all
        // What lies behind is not known: as an end of the list it would prove that nothing is there.
        if (cursors.has(next)) return yield* new VenueUnavailable({ message: `GET ${path}: its pages go round` })
        cursors.add(next)
        cursor = next
      }
      return yield* new VenueUnavailable({ message: `GET ${path}: more than ${MOST_PAGES} pages` })
    })

  const send = Http.sender(client, { ...signed, deadline: patience.post, limit: orderLimit })
  const sendCancel = Http.sender(client, { ...signed, deadline: patience.cancel, limit: cancelLimit })

  const learn = Effect.fnUntraced(function* (posted: Posted, retryAfterMillis: number | undefined, postOnly: boolean) {
    const now = yield* Clock.currentTimeMillis
    if (posted._tag === "Accepted") return yield* Ref.update(mode, (known) => Modes.afterAcceptance(known, postOnly))
    const { error } = posted
    if (error !== undefined)
      yield* Ref.update(mode, (known) => Modes.afterError(known, error.of, retryAfterMillis, now))
  })

  const json = (method: "POST" | "DELETE", path: string, body: string | undefined) => {
    const request = HttpClientRequest.make(method)(`${clobUrl}${path}`)
    return body === undefined ? request : HttpClientRequest.bodyText(request, body, "application/json")
  }

  const post = Effect.fn("Clob.post")(function* (body: string, { postOnly }: { readonly postOnly: boolean }) {
    const sent = yield* send(json("POST", "/order", body))
    if (sent._tag === "Silence") {
      if (sent.unsent) return yield* new VenueUnavailable({ message: `POST /order: ${sent.what}; nothing was sent` })
      return { _tag: "Unknown", error: undefined, text: sent.what } satisfies Posted
    }
    const posted = postedOf(sent.status, sent.body, sent.text)
    yield* learn(posted, Shapes.patienceOf(sent.body) ?? sent.retryAfterMillis, postOnly)
    return posted
  })

  const postMany = Effect.fn("Clob.postMany")(function* (bodies: ReadonlyArray<string>) {
    const sent = yield* send(json("POST", "/orders", `[${bodies.join(",")}]`))
    const all = (posted: Posted) => bodies.map(() => posted)
    if (sent._tag === "Silence") {
      if (sent.unsent) return yield* new VenueUnavailable({ message: `POST /orders: ${sent.what}; nothing was sent` })
      return all({ _tag: "Unknown", error: undefined, text: sent.what })
    }
    const elements: unknown = sent.body
    if (sent.status < 300 && Array.isArray(elements) && elements.length === bodies.length) {
      return elements.map((element: unknown) => postedOf(sent.status, element, JSON.stringify(element)))
    }
    // A success that has no answer for each says nothing of any, whatever words are in it.
    if (sent.status < 300) return all({ _tag: "Unknown", error: undefined, text: "an answer that is not one for each" })
    const posted = postedOf(sent.status, sent.body, sent.text)
    yield* learn(posted, Shapes.patienceOf(sent.body) ?? sent.retryAfterMillis, true)
    return all(posted)
  })

  // A cancel may be asked twice: the second one finds nothing left to take back.
  const cancelling = Effect.fnUntraced(function* (path: string, body: string | undefined) {
    const once = Effect.gen(function* () {
      const sent = yield* sendCancel(json("DELETE", path, body))
      if (sent._tag === "Silence") return yield* new VenueUnavailable({ message: `DELETE ${path}: ${sent.what}` })
      const words = Shapes.wordsOf(sent.body, sent.text).slice(0, 200)
      const failed = new VenueUnavailable({ message: `DELETE ${path}: HTTP ${sent.status}: ${words}` })
      if (sent.status >= 300) {
        const { of } = classify(sent.status, words)
        const now = yield* Clock.currentTimeMillis
        if (of === "restart" || of === "disabled")
          yield* Ref.update(mode, (known) => Modes.afterError(known, of, sent.retryAfterMillis, now))
        return yield* failed
      }
      const read = Shapes.readCancelled(sent.body)
      if (Either.isLeft(read)) return yield* failed
      const kept = Object.entries(read.right.not_canceled ?? {}).map(
        ([id, why]) => [id.toLowerCase(), String(why)] as const
      )
      return {
        cancelled: (read.right.canceled ?? []).map((id) => id.toLowerCase()),
        kept: new Map(kept)
      } satisfies Cancelled
    })
    return yield* Effect.retry(
      once,
      Schedule.intersect(Schedule.jittered(Schedule.exponential("150 millis")), Schedule.recurs(3))
    )
  })

  const cancel = Effect.fn("Clob.cancel")(function* (ids: ReadonlyArray<string>) {
    const answers: ReadonlyArray<Cancelled> =
      ids.length === 1 && ids[0] !== undefined
        ? [yield* cancelling("/order", JSON.stringify({ orderID: ids[0] }))]
        : yield* Effect.forEach(chunks(ids, CANCELS_PER_CALL), (some) => cancelling("/orders", JSON.stringify(some)))
    return {
      cancelled: answers.flatMap((answer) => answer.cancelled),
      kept: new Map(answers.flatMap((answer) => [...answer.kept]))
    } satisfies Cancelled
  })

  const order = Effect.fn("Clob.order")(function* (id: string) {
    const request = HttpClientRequest.get(`${clobUrl}/data/order/${id}`)
    const answer = yield* Effect.mapError(readMine(request), unavailable)
    const absent = answer.status === 404 || (answer.status < 300 && (answer.body === null || answer.body === ""))
    if (absent) return Option.none()
    if (answer.status >= 300) {
      const words = Shapes.wordsOf(answer.body, answer.text).slice(0, 200)
      return yield* new VenueUnavailable({ message: `GET /data/order: HTTP ${answer.status}: ${words}` })
    }
    const read = Shapes.readOrder(answer.body)
    if (Either.isLeft(read)) return yield* new VenueUnavailable({ message: `GET /data/order: ${read.left}` })
    const found = Shapes.orderOf(read.right)
    if (found.id !== id.toLowerCase())
      return yield* new VenueUnavailable({ message: `GET /data/order: asked for ${id}, and told of ${found.id}` })
    return Option.some(found)
  })

  const trades = Effect.fn("Clob.trades")(function* ({ afterSeconds, conditionId, tradeId }: TradeFilter) {
    const found = yield* pages(
      "/data/trades",
      {
        ...(tradeId === undefined ? {} : { id: tradeId }),
        ...(conditionId === undefined ? {} : { market: conditionId }),
        ...(afterSeconds === undefined ? {} : { after: `${afterSeconds}` })
      },
      Shapes.readTrades
    )
    return found.map(Shapes.matchOf).sort((a, b) => a.matchedMillis - b.matchedMillis)
  })

  const assetParams = (asset: Asset): Record<string, string> => ({
    asset_type: asset._tag === "Collateral" ? "COLLATERAL" : asset.version === "v1" ? "CONDITIONAL" : "CONDITIONAL-V2",
    ...(asset._tag === "Token" ? { token_id: asset.tokenId } : {}),
    signature_type: `${account.signatureType}`
  })

  return Clob.of({
    signer: account.signer,
    wallet: account.wallet,
    clockOffset,
    version: Effect.map(ask(readPublic, "/version", {}, Shapes.readVersion), ({ version }) => version),
    mode: Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      return yield* Ref.updateAndGet(mode, (known) => Modes.at(known, now))
    }),
    post,
    postMany,
    cancel,
    cancelAll: cancelling("/cancel-all", undefined),
    cancelMarket: (conditionId) => cancelling("/cancel-market-orders", JSON.stringify({ market: conditionId })),
    order,
    openOrders: Effect.map(pages("/data/orders", {}, Shapes.readOrders), (found) => found.map(Shapes.orderOf)),
    trades,
    balance: (asset) =>
      Effect.map(ask(readBalances, "/balance-allowance", assetParams(asset), Shapes.readBalance), (found) => ({
        balance: BigInt(found.balance),
        allowances: new Map(
          Object.entries(found.allowances ?? {}).map(([spender, amount]) => [spender.toLowerCase(), BigInt(amount)])
        )
      })),
    refreshBalance: (asset) =>
      Effect.asVoid(ask(readRefresh, "/balance-allowance/update", assetParams(asset), () => Either.right(undefined))),
    closedOnly: Effect.gen(function* () {
      const request = HttpClientRequest.get(`${clobUrl}/auth/ban-status/closed-only`)
      const answer = yield* Effect.mapError(readMine(request), unavailable)
      // No record of the account: it is not restricted.
      if (answer.status === 404) return false
      const read = Shapes.readClosedOnly(answer.body)
      if (answer.status >= 300 || Either.isLeft(read)) {
        const words = Shapes.wordsOf(answer.body, answer.text).slice(0, 200)
        return yield* new VenueUnavailable({
          message: `GET /auth/ban-status/closed-only: HTTP ${answer.status}: ${words}`
        })
      }
      return read.right.closed_only
    }),
    apiKeys: Effect.map(ask(readMine, "/auth/api-keys", {}, Shapes.readApiKeys), ({ apiKeys }) =>
      apiKeys.flatMap((key) =>
        typeof key === "string"
          ? [key]
          : typeof key === "object" && key !== null
            ? [String(Reflect.get(key, "apiKey") ?? "")]
            : []
      )
    ),
    beat: Effect.fn("Clob.beat")(function* (id: string) {
      const sent = yield* sendCancel(json("POST", "/v1/heartbeats", JSON.stringify({ heartbeat_id: id })))
      if (sent._tag === "Silence") return yield* new VenueUnavailable({ message: `heartbeat: ${sent.what}` })
      const read = Shapes.readBeat(sent.body)
      const next = Either.isRight(read) ? read.right.heartbeat_id : undefined
      // A wrong id is answered with the right one: adopt it and go on (venue: heartbeat).
      if (next !== undefined && next !== null && (sent.status < 300 || sent.status === 400)) return next
      const words = Shapes.wordsOf(sent.body, sent.text).slice(0, 200)
      return yield* new VenueUnavailable({ message: `heartbeat: HTTP ${sent.status}: ${words}` })
    })
  })
})

/** The CLOB as one account, over an HttpClient. */
export const layer = (options: Options): Layer.Layer<Clob, never, HttpClient.HttpClient> =>
  Layer.scoped(Clob, make(options))

/** The same over the network. */
export const connected = (options: Options): Layer.Layer<Clob> => Layer.provide(layer(options), Http.layer)
