import * as DateTime from "effect/DateTime"
import { format, UNIT } from "../domain/Money.ts"
import { type Answer, ok } from "./Answer.ts"
import { best } from "./BookRecord.ts"
import type { House } from "./House.ts"
import { type Listing, other } from "./Listing.ts"
import type { Request } from "./Request.ts"
import * as Wallet from "./Wallet.ts"

const envelope = (data: ReadonlyArray<unknown>): Answer =>
  ok({ data, pagination: { limit: 100, offset: 0, has_more: false, next_cursor: null } })

const invalid = (parameter: string): Answer => ({
  status: 400,
  body: {
    error: `invalid ${parameter}`,
    code: "invalid_request",
    retryable: false,
    trace_id: "sandbox",
    parameter
  }
})

const resolution = (listing: Listing) => {
  const at = DateTime.formatIso(DateTime.unsafeMake(listing.resolvedMillis ?? 0))
  return {
    condition_id: listing.conditionId,
    status: listing.payouts === undefined ? "initialized" : "resolved",
    extended_review: false,
    was_disputed: false,
    new_version_q: false,
    transaction_hash: "",
    log_index: "",
    last_update_timestamp: at,
    market_type: listing.negRisk ? "NEG_RISK" : "BINARY",
    payouts: listing.payouts === undefined ? [] : listing.payouts.map(Number),
    resolution_source: "reported",
    reporter: "SANDBOX",
    was_arbitrated: false,
    ...(listing.payouts === undefined ? {} : { resolved_at: at })
  }
}

/** The conditions that a query names, repeated or parted by commas; each must be one of 64 digits. */
const conditions = (query: URLSearchParams): ReadonlyArray<string> =>
  ["condition", "condition_id", "conditions"].flatMap((name) =>
    query.getAll(name).flatMap((value) => value.split(",").filter((each) => each !== ""))
  )

const resolutions = (house: House, { query }: Request): Answer => {
  const asked = conditions(query)
  if (asked.some((id) => !/^0x[0-9a-fA-F]{64}$/.test(id))) return invalid("condition")
  const listings =
    asked.length === 0
      ? [...house.listings.values()]
      : asked.flatMap((id) => house.listings.get(id.toLowerCase()) ?? [])
  return ok({ data: listings.filter(({ payouts }) => payouts !== undefined).map(resolution) })
}

const number = (micro: bigint): number => Number(format(micro))

const DUST = UNIT / 10n

/** Positions of one wallet, as the indexer knows them: what it holds, not what it paid. */
const positions = (house: House, { query }: Request): Answer => {
  const user = query.get("user")?.toLowerCase()
  if (user === undefined || !/^0x[0-9a-f]{40}$/.test(user)) return invalid("user")
  const wallets = [...house.accounts.values()].flatMap(({ wallets }) =>
    [...wallets.values()].filter(({ address }) => address.toLowerCase() === user)
  )
  const held = wallets.flatMap((wallet) =>
    [...wallet.chain].flatMap(([asset, size]) => {
      const instrument = house.instruments.get(asset)
      if (instrument === undefined || size < DUST) return []
      const { listing, outcome } = instrument
      const price = listing.payouts?.[outcome] ?? best(instrument).bid ?? 0n
      return [
        {
          condition_id: listing.conditionId,
          token_id: asset,
          opposite_asset_id: listing.tokens[other(outcome)],
          outcome: listing.outcomes[outcome],
          outcome_index: outcome,
          current_size: number(size),
          current_price: number(price),
          status: listing.payouts === undefined ? "OPEN" : "REDEEMABLE",
          redeemable: listing.payouts !== undefined,
          mergeable: Wallet.balance(wallet, listing.tokens[other(outcome)]) > 0n,
          negative_risk: listing.negRisk
        }
      ]
    })
  )
  return envelope(held)
}

/** The Data API (v2), which is public. */
export const dataRoutes = (house: House, request: Request): Answer | undefined => {
  if (request.method !== "GET") return undefined
  switch (request.path) {
    case "/v2/resolutions":
      return resolutions(house, request)
    case "/v2/positions":
      return positions(house, request)
    default:
      return undefined
  }
}
