import { type Answer, NOT_FOUND, ok, refused } from "./Answer.ts"
import type { House } from "./House.ts"
import { gammaCondition, type Listing } from "./Listing.ts"
import { gammaRecord } from "./MarketRecord.ts"
import { behind, type Request } from "./Request.ts"

const one = (listing: Listing | undefined): Answer => (listing === undefined ? NOT_FOUND : ok(gammaRecord(listing)))

const FILTERS = ["condition_ids", "clob_token_ids", "slug", "id"] as const

/** A list shows open markets unless it is asked for the closed ones; a v2 condition is known by its 62 digits. */
const filtered = (house: House, query: URLSearchParams): ReadonlyArray<Listing> => {
  const closed = query.get("closed") === "true"
  const wanted = (name: (typeof FILTERS)[number]) => query.getAll(name).flatMap((value) => value.split(","))
  const [conditions, tokens, slugs, ids] = FILTERS.map(
    (name) => new Set(wanted(name).map((each) => each.toLowerCase()))
  )
  const passes = (set: Set<string> | undefined, values: ReadonlyArray<string>) =>
    set === undefined || set.size === 0 || values.some((value) => set.has(value))
  return [...house.listings.values()].filter(
    (listing) =>
      (listing.payouts !== undefined) === closed &&
      passes(conditions, [gammaCondition(listing)]) &&
      passes(tokens, listing.version === "v2" ? [] : listing.tokens) &&
      passes(slugs, [listing.slug]) &&
      passes(ids, [listing.gammaId])
  )
}

const limited = (house: House, query: URLSearchParams): Answer => {
  const offset = Number(query.get("offset") ?? "0")
  if (!(offset >= 0 && offset <= 2000)) return refused(422, "offset is invalid")
  const limit = Math.min(Number(query.get("limit") ?? "100") || 100, 100)
  return ok(
    filtered(house, query)
      .slice(offset, offset + limit)
      .map(gammaRecord)
  )
}

const keyset = (house: House, query: URLSearchParams): Answer => {
  const all = filtered(house, query)
  const limit = Math.min(Number(query.get("limit") ?? "100") || 100, 100)
  const after = query.get("after_cursor")
  const from = after === null ? 0 : all.findIndex((each) => each.gammaId === after) + 1
  const markets = all.slice(from, from + limit)
  const last = markets.at(-1)
  return ok({
    markets: markets.map(gammaRecord),
    next_cursor: last !== undefined && from + limit < all.length ? last.gammaId : null
  })
}

/** Gamma, under a base address of its own: there a market is known by its numeric id or its slug. */
export const gammaRoutes = (house: House, request: Request): Answer | undefined => {
  if (request.method !== "GET") return undefined
  const { path, query } = request
  if (path === "/gamma/markets") return limited(house, query)
  if (path === "/gamma/markets/keyset") return keyset(house, query)
  const all = [...house.listings.values()]
  const slug = behind(request, "/gamma/markets/slug/")
  if (slug !== undefined) return one(all.find((each) => each.slug === slug))
  const id = behind(request, "/gamma/markets/")
  if (id === undefined) return undefined
  return /^\d+$/.test(id) ? one(all.find((each) => each.gammaId === id)) : refused(422, "id is invalid")
}

/** A request to the root that only Gamma answers is one to Gamma: both stand behind one port. */
export const atRoot = (request: Request): Request => {
  const { path, query } = request
  const gammas =
    path === "/markets/keyset" ||
    /^\/markets\/(slug\/.+|\d+)$/.test(path) ||
    (path === "/markets" && !query.has("next_cursor") && query.size > 0)
  return gammas ? { ...request, path: `/gamma${path}` } : request
}
