import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { compose } from "effect/Function"
import * as Layer from "effect/Layer"
import * as RateLimiter from "effect/RateLimiter"
import { MarketDataUnavailable } from "../../domain/Failure.ts"
import type { Market } from "../../domain/Market.ts"
import * as Http from "../Http.ts"
import { MarketData, type UnknownMarket } from "../MarketData.ts"
import * as Clob from "./ClobMarket.ts"
import * as Gamma from "./GammaMarket.ts"
import { makeBooks } from "./PolymarketBooks.ts"
import { record } from "./Record.ts"
import { conditionId, isCondition, shown } from "./Wire.ts"

/** Where the venue's public data is read: base addresses without a slash at the end. */
export interface Urls {
  readonly gammaUrl: string
  readonly clobUrl: string
}

const CONCURRENCY = 8
/** Condition ids in one Gamma call; some 80 characters of address each. */
const CONDITIONS_PER_CALL = 40

const isNumber = (id: string) => /^\d{1,20}$/.test(id)
const isSlug = (id: string) => /^[A-Za-z0-9][A-Za-z0-9_.~-]*$/.test(id)

/** A Gamma record, or why the id leads to none. */
type Found = Either.Either<Gamma.GammaMarket, string>

const lookups = (gammaUrl: string, readGamma: Http.Read) => {
  const decode = (
    request: HttpClientRequest.HttpClientRequest,
    value: unknown
  ): Effect.Effect<Gamma.GammaMarket, MarketDataUnavailable> =>
    Effect.mapError(
      Gamma.read(value),
      (fields) => new MarketDataUnavailable({ source: "Gamma", message: `${request.url}: ${fields}` })
    )

  const single = (path: string, missing: string, matches: (market: Gamma.GammaMarket) => boolean) =>
    Effect.gen(function* () {
      const request = HttpClientRequest.get(`${gammaUrl}/markets/${path}`)
      const answer = yield* readGamma(request)
      if (answer.status === 404 || answer.status === 422) return Either.left(missing)
      if (answer.status >= 300) return yield* Http.unexpected("Gamma", request, answer)
      const market = yield* decode(request, answer.body)
      return matches(market) ? Either.right(market) : Either.left(`${missing}: Gamma answers with ${market.id}`)
    })

  const byConditions = Effect.fnUntraced(function* (ids: ReadonlyArray<string>, closed: boolean) {
    // A v2 condition is known to Gamma by 62 digits and to the CLOB by 64: a plan may hold either.
    const asked = ids.flatMap((id) => (/^0x[0-9a-f]{62}00$/i.test(id) ? [id, id.slice(0, 64)] : [id]))
    const request = HttpClientRequest.get(`${gammaUrl}/markets`).pipe(
      HttpClientRequest.appendUrlParams([
        ...asked.map((id): [string, string] => ["condition_ids", id]),
        ["limit", String(asked.length)],
        ...(closed ? [["closed", "true"] as const] : [])
      ])
    )
    const answer = yield* readGamma(request)
    if (answer.status === 404 || answer.status === 422) return []
    if (answer.status >= 300) return yield* Http.unexpected("Gamma", request, answer)
    if (!Array.isArray(answer.body)) return yield* Http.unexpected("Gamma", request, answer)
    return yield* Effect.forEach(answer.body, (entry: unknown) => decode(request, entry))
  })

  const conditions = Effect.fnUntraced(function* (ids: ReadonlyArray<string>) {
    const found = new Map<string, Gamma.GammaMarket>()
    // The list shows open markets only, unless it is asked for the closed ones.
    for (const closed of [false, true]) {
      const missing = ids.filter((id) => !found.has(conditionId(id)))
      if (missing.length === 0) break
      for (const market of yield* byConditions(missing, closed)) found.set(conditionId(market.conditionId), market)
    }
    return ids.map((id): readonly [string, Found] => {
      const market = found.get(conditionId(id))
      return [id, market === undefined ? Either.left("no market with this condition id") : Either.right(market)]
    })
  })

  const one = Effect.fnUntraced(function* (id: string) {
    const found: Found = isNumber(id)
      ? yield* single(id, "no market with this id", (market) => market.id === id)
      : isSlug(id) && !id.startsWith("sim-")
        ? yield* single(
            `slug/${encodeURIComponent(id)}`,
            "no market with this slug",
            (market) => market.slug?.toLowerCase() === id.toLowerCase()
          )
        : Either.left(
            id.startsWith("sim-")
              ? "a simulated market, which the venue does not have"
              : "neither a slug, a numeric id nor a condition id"
          )
    const entry: readonly [string, Found] = [id, found]
    return [entry]
  })

  return { conditions, one }
}

const batches = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))

const make = Effect.fnUntraced(function* (urls: Urls) {
  const client = yield* HttpClient.HttpClient
  // Buckets of one second: with the burst they stay below the venue's windows of 10 s (300, 500 and 9,000 calls).
  const gammaLimit = yield* RateLimiter.make({ limit: 25, interval: "1 second" })
  const clobLimit = yield* RateLimiter.make({ limit: 500, interval: "1 second" })
  const booksLimit = yield* RateLimiter.make({ limit: 45, interval: "1 second" })
  const readGamma = Http.reader(client, { source: "Gamma", limit: gammaLimit })
  const readClob = Http.reader(client, { source: "CLOB", limit: clobLimit })
  const readBooks = Http.reader(client, { source: "CLOB", limit: compose(booksLimit, clobLimit) })
  const { conditions, one } = lookups(urls.gammaUrl, readGamma)

  const traded = Effect.fnUntraced(function* (id: string) {
    const request = HttpClientRequest.get(`${urls.clobUrl}/clob-markets/${id}`)
    const answer = yield* readClob(request)
    if (answer.status === 404) return undefined
    if (answer.status >= 300) return yield* Http.unexpected("CLOB", request, answer)
    return yield* Effect.mapError(
      Clob.read(answer.body),
      (fields) => new MarketDataUnavailable({ source: "CLOB", message: `${request.url}: ${fields}` })
    )
  })

  const confirmed = Effect.fnUntraced(function* (id: string, found: Found) {
    if (Either.isLeft(found)) return Either.left<UnknownMarket>({ id, reason: found.left })
    if (!isCondition(found.right.conditionId)) {
      return Either.left<UnknownMarket>({ id, reason: `its condition id is ${shown(found.right.conditionId)}` })
    }
    const clob = yield* traded(conditionId(found.right.conditionId))
    return Either.mapBoth(record(found.right, clob, "live"), {
      onLeft: (reason): UnknownMarket => ({ id, reason }),
      onRight: (market): Market => (clob === undefined ? withReason(market, "the CLOB does not have it") : market)
    })
  })

  const markets = Effect.fn("MarketData.Polymarket.markets")(function* (ids: ReadonlyArray<string>) {
    const distinct = [...new Set(ids)]
    const calls = [
      ...batches(distinct.filter(isCondition), CONDITIONS_PER_CALL).map(conditions),
      ...distinct.filter((id) => !isCondition(id)).map(one)
    ]
    const found = (yield* Effect.all(calls, { concurrency: CONCURRENCY })).flat()
    const answers = yield* Effect.forEach(
      found,
      ([id, market]) => Effect.map(confirmed(id, market), (answer) => [id, answer] as const),
      { concurrency: CONCURRENCY }
    )
    return new Map(answers)
  })

  return MarketData.of({ markets, books: makeBooks(urls.clobUrl, readBooks, CONCURRENCY) })
})

const withReason = (market: Market, reason: string): Market => ({
  ...market,
  closedBecause: market.closedBecause === undefined ? reason : `${market.closedBecause}; ${reason}`
})

/**
 * The venue's own data: Gamma describes a market (by slug, numeric id or condition id), the CLOB confirms it and has the
 * books. Needs only an HttpClient: all of it is public.
 */
export const layer = (urls: Urls): Layer.Layer<MarketData, never, HttpClient.HttpClient> =>
  Layer.scoped(MarketData, make(urls))

/** The venue's own data over the network. */
export const connected = (urls: Urls): Layer.Layer<MarketData> => Layer.provide(layer(urls), Http.layer)
