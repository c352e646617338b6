import * as Predicate from "effect/Predicate"
import { format } from "../domain/Money.ts"
import { type Answer, ok, refused } from "./Answer.ts"
import { best, bookRecord, lastPrice } from "./BookRecord.ts"
import type { House } from "./House.ts"
import type { Instrument } from "./Listing.ts"
import { clobMarketRecord, longRecord } from "./MarketRecord.ts"
import { page } from "./Paging.ts"
import { behind, json, type Request } from "./Request.ts"

const NO_BOOK = refused(404, "No orderbook exists for the requested token id")
const NO_MARKET = refused(404, "market not found")
const INVALID = refused(400, "Invalid payload")

/** A token that has a book: one of a market that is not resolved. */
const traded = (house: House, token: string | null | undefined): Instrument | undefined => {
  const found = house.instruments.get(token ?? "")
  return found === undefined || found.listing.payouts !== undefined ? undefined : found
}

const midpoint = (instrument: Instrument): string | undefined => {
  const { ask, bid } = best(instrument)
  return ask === undefined || bid === undefined ? undefined : format((ask + bid) / 2n)
}

/** The best bid is what one buys at in this call's words: `side` names the book's side. */
const priceOf = (instrument: Instrument, side: string | null): string => {
  const { ask, bid } = best(instrument)
  return format((side === "BUY" ? bid : ask) ?? 0n)
}

const spreadOf = (instrument: Instrument): string => {
  const { ask, bid } = best(instrument)
  return ask === undefined || bid === undefined ? "" : format(ask - bid)
}

const lastOf = ({ listing, outcome }: Instrument) =>
  listing.lastTrade === undefined
    ? { price: "0.5", side: "" }
    : { price: format(lastPrice(listing.lastTrade, outcome)), side: listing.lastTrade.side }

const tokensIn = (
  request: Request
): ReadonlyArray<{ readonly token: string; readonly side: string | null }> | undefined => {
  const list = json(request)
  if (!Array.isArray(list)) return undefined
  return list.flatMap((each: unknown) =>
    Predicate.hasProperty(each, "token_id")
      ? [{ token: String(each.token_id), side: Predicate.hasProperty(each, "side") ? String(each.side) : null }]
      : []
  )
}

/** `POST` forms that take many tokens; those without a book are left out. */
const many = (house: House, request: Request): Answer | undefined => {
  const answer = (tell: (found: ReadonlyArray<readonly [Instrument, string, string | null]>) => unknown): Answer => {
    const tokens = tokensIn(request)
    if (tokens === undefined) return INVALID
    return ok(
      tell(
        tokens.flatMap(({ side, token }) => {
          const found = traded(house, token)
          return found === undefined ? [] : [[found, token, side] as const]
        })
      )
    )
  }
  switch (request.path) {
    case "/books":
      return answer((found) => found.map(([instrument]) => bookRecord(instrument)))
    case "/midpoints":
      return answer((found) => Object.fromEntries(found.map(([each, token]) => [token, midpoint(each) ?? ""])))
    case "/spreads":
      return answer((found) => Object.fromEntries(found.map(([each, token]) => [token, spreadOf(each)])))
    case "/prices":
      return answer((found) =>
        Object.fromEntries(found.map(([each, token, side]) => [token, { [side ?? "SELL"]: priceOf(each, side) }]))
      )
    case "/last-trades-prices":
      return answer((found) => found.map(([each, token]) => ({ token_id: token, ...lastOf(each) })))
    default:
      return undefined
  }
}

const ofToken = (house: House, request: Request): Answer | undefined => {
  const tell = (record: (instrument: Instrument) => unknown): Answer => {
    const found = traded(house, request.query.get("token_id"))
    return found === undefined ? NO_BOOK : ok(record(found))
  }
  switch (request.path) {
    case "/book":
      return tell(bookRecord)
    case "/midpoint":
      return tell((each) => ({ mid: midpoint(each) ?? "0.5" }))
    case "/price":
      return tell((each) => ({ price: priceOf(each, request.query.get("side")) }))
    case "/spread":
      return tell((each) => ({ spread: spreadOf(each) }))
    case "/last-trade-price":
      return tell(lastOf)
    case "/tick-size":
      return tell(({ listing }) => ({ minimum_tick_size: Number(format(BigInt(listing.ladder.book.tick))) }))
    case "/neg-risk":
      return tell(({ listing }) => ({ neg_risk: listing.negRisk }))
    case "/fee-rate":
      return tell(() => ({ base_fee: 1000 }))
    case "/books":
    case "/midpoints":
    case "/prices":
    case "/spreads":
      return INVALID
    default:
      return undefined
  }
}

const ofMarket = (house: House, request: Request): Answer | undefined => {
  const found = (id: string) => house.listings.get(id.toLowerCase())
  const short = behind(request, "/clob-markets/")
  if (short !== undefined) {
    const listing = found(short)
    return listing === undefined ? NO_MARKET : ok(clobMarketRecord(listing))
  }
  const token = behind(request, "/markets-by-token/")
  if (token !== undefined) {
    const instrument = house.instruments.get(token)
    if (instrument === undefined) return NO_MARKET
    const { conditionId, tokens } = instrument.listing
    return ok({ condition_id: conditionId, primary_token_id: tokens[0], secondary_token_id: tokens[1] })
  }
  const long = behind(request, "/markets/")
  if (long?.startsWith("0x") === true) {
    const listing = found(long)
    return listing === undefined ? NO_MARKET : ok(longRecord(listing))
  }
  return undefined
}

const PAGES = ["/markets", "/simplified-markets", "/sampling-markets", "/sampling-simplified-markets"]

/** Public endpoints of the CLOB. */
export const clobRoutes = (house: House, request: Request, now: number): Answer | undefined => {
  if (request.method === "POST") return many(house, request)
  if (request.method !== "GET") return undefined
  switch (request.path) {
    case "/":
    case "/ok":
      return ok("OK")
    case "/time":
      // The clock that requests are signed by: going on in time by hand does not count there either.
      return ok(Math.floor((now - house.ahead + house.clockSkew) / 1000))
    case "/version":
      return ok({ version: 2 })
  }
  if (PAGES.includes(request.path)) {
    return page([...house.listings.values()], request.query.get("next_cursor"), longRecord, 1000)
  }
  if (request.path.startsWith("/markets/live-activity/")) return ok([])
  if (request.path.startsWith("/fees/builder-fees/")) {
    return ok({ builder_maker_fee_rate_bps: 0, builder_taker_fee_rate_bps: 0 })
  }
  if (request.path === "/prices-history") return ok({ history: [] })
  if (request.path.startsWith("/rewards/markets/")) return page([], null, () => undefined)
  if (request.path === "/rebates/current") return ok([])
  return ofToken(house, request) ?? ofMarket(house, request)
}
