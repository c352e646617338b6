import { uuidOf } from "../domain/Identity.ts"
import { EXCHANGES } from "../polymarket/Contracts.ts"
import { type Answer, NOT_FOUND, ok, refused } from "./Answer.ts"
import * as Engine from "./Engine.ts"
import { has } from "./Faults.ts"
import { type House, later } from "./House.ts"
import type { ApiKey } from "./Keys.ts"
import { orderRecord, tradeRecord } from "./OrderRecord.ts"
import { page } from "./Paging.ts"
import { behind, json, type Request } from "./Request.ts"
import { isResting } from "./VenueOrder.ts"
import * as Wallet from "./Wallet.ts"

const WITHOUT_BOUND = (1n << 256n) - 1n

/** Up to when reads know what has happened: a fault can make them late. */
const known = ({ struck }: Request, now: number): number => now - (has(struck, "lag")?.ms ?? 0)

/** Statuses have been seen with a prefix, and trades in a state before the first one. */
const told = <A extends { readonly status: string }>({ struck }: Request, record: A, prefix: string): A => {
  const early = record.status === "MATCHED" && prefix === "TRADE_STATUS_" && has(struck, "notBroadcast") !== undefined
  const status = early ? "MATCHED_NOT_BROADCASTED" : record.status
  return { ...record, status: has(struck, "prefixed") === undefined ? status : `${prefix}${status}` }
}

const openOrders = (house: House, key: ApiKey, request: Request, now: number): Answer => {
  const { query } = request
  const until = known(request, now)
  const id = query.get("id")
  const [market, asset] = [query.get("market")?.toLowerCase(), query.get("asset_id")]
  const all = id === null ? [...house.live] : [...house.orders.values()].filter((order) => order.id === id)
  return page(
    all.filter(
      (order) =>
        order.key.account === key.account &&
        order.createdMillis <= until &&
        (id !== null || isResting(order)) &&
        (market === undefined || order.listing.conditionId === market) &&
        (asset === null || order.listing.tokens[order.outcome] === asset)
    ),
    query.get("next_cursor"),
    (order) => told(request, orderRecord(order), "ORDER_STATUS_")
  )
}

const trades = (house: House, key: ApiKey, request: Request, now: number): Answer => {
  const { query } = request
  const until = known(request, now)
  const [id, maker, asset] = [query.get("id"), query.get("maker_address")?.toLowerCase(), query.get("asset_id")]
  const market = query.get("market")?.toLowerCase()
  const [before, after] = [query.get("before"), query.get("after")]
  const named = house.trades.get(id ?? "")
  const all = id === null ? [...house.trades.values()] : named === undefined ? [] : [named]
  const found = all.filter((trade) => {
    const seconds = Math.floor(trade.matchedMillis / 1000)
    const record = () => tradeRecord(trade, key.account)
    return (
      trade.matchedMillis <= until &&
      trade.parties.has(key.account) &&
      (market === undefined || trade.listing.conditionId === market) &&
      (asset === null ||
        record().asset_id === asset ||
        record().maker_orders.some((each) => each.asset_id === asset)) &&
      (maker === undefined ||
        record().maker_address.toLowerCase() === maker ||
        record().maker_orders.some((each) => each.maker_address.toLowerCase() === maker)) &&
      (before === null || seconds <= Number(before)) &&
      (after === null || seconds >= Number(after))
    )
  })
  // The latest first, as the venue lists them.
  return page(found.toReversed(), query.get("next_cursor"), (trade) =>
    told(request, tradeRecord(trade, key.account), "TRADE_STATUS_")
  )
}

/** The asset and wallet that a balance is asked of; a wallet of another signature type than the account's is empty. */
const asked = (
  key: ApiKey,
  { query }: Request
): { readonly wallet: Wallet.Wallet | undefined; readonly asset: string } => ({
  wallet: key.account.wallets.get(Number(query.get("signature_type") ?? "0")),
  asset: query.get("asset_type") === "COLLATERAL" ? Wallet.CASH : (query.get("token_id") ?? "")
})

const balance = (house: House, key: ApiKey, request: Request): Answer => {
  const { asset, wallet } = asked(key, request)
  const type = request.query.get("asset_type")
  if (type !== "COLLATERAL" && type !== "CONDITIONAL" && type !== "CONDITIONAL-V2") {
    return refused(400, "invalid asset type")
  }
  const instrument = house.instruments.get(asset)
  if (type !== "COLLATERAL" && instrument === undefined) return refused(400, "invalid token id")
  const right = instrument === undefined || instrument.listing.exchange.assetType === type
  const spenders = Object.values(EXCHANGES).filter(
    ({ assetType, name }) =>
      type === "COLLATERAL" || (assetType === type && name === (instrument?.listing.exchange.name ?? name))
  )
  const kind = type === "COLLATERAL" ? Wallet.CASH : "outcomes"
  const allowances = spenders.map(({ address }): readonly [string, string] => [
    address,
    String(wallet === undefined ? 0n : (wallet.allowances.get(`${kind}:${address.toLowerCase()}`) ?? WITHOUT_BOUND))
  ])
  const amount = wallet === undefined || !right ? 0n : Wallet.cached(wallet, asset)
  return ok({ balance: String(amount), allowances: Object.fromEntries(allowances) })
}

const update = (house: House, key: ApiKey, request: Request, now: number): Answer => {
  const { asset, wallet } = asked(key, request)
  if (wallet !== undefined) {
    Wallet.refresh(wallet, asset)
    Engine.enforce(house, wallet, asset, now)
  }
  return { status: 200, body: "" }
}

const beatId = (house: House, key: ApiKey, beats: number): string =>
  uuidOf("heartbeat", house.rules.seed, key.id, String(beats))

/** A key that has once sent a heartbeat loses its orders when the next one is too late. */
const beat = (house: House, key: ApiKey, now: number): string => {
  const beats = (key.heartbeat?.beats ?? 0) + 1
  const id = beatId(house, key, beats)
  key.heartbeat = { id, lastMillis: now, beats }
  later(house, now, house.rules.heartbeatMillis, (at) => {
    if (key.heartbeat?.beats !== beats) return
    key.heartbeat = undefined
    for (const order of [...house.live]) {
      if (order.key === key) Engine.cancel(house, order, "CANCELED", "heartbeat", at)
    }
  })
  return id
}

const heartbeat = (house: House, key: ApiKey, request: Request, now: number): Answer => {
  const body = json(request)
  const given =
    typeof body === "object" && body !== null && "heartbeat_id" in body ? String(body.heartbeat_id ?? "") : ""
  const expected = key.heartbeat?.id ?? ""
  const wrong = has(request.struck, "wrongHeartbeat") !== undefined || (expected !== "" && given !== expected)
  if (wrong) return { status: 400, body: { error_msg: "Invalid Heartbeat ID", heartbeat_id: expected } }
  return ok({ heartbeat_id: beat(house, key, now) })
}

const TIER = {
  tier: "Standard",
  order_rate: 40,
  order_burst: 60,
  cancel_rate: 80,
  cancel_burst: 120
}

/** What an account reads of itself. */
export const accountRoutes = (house: House, key: ApiKey, request: Request, now: number): Answer | undefined => {
  const id = request.method === "GET" ? behind(request, "/data/order/") : undefined
  if (id !== undefined) {
    const order = house.orders.get(id)
    const mine = order?.key.account === key.account && order.createdMillis <= known(request, now)
    return mine ? ok(told(request, orderRecord(order), "ORDER_STATUS_")) : NOT_FOUND
  }
  switch (`${request.method} ${request.path}`) {
    case "GET /data/orders":
      return openOrders(house, key, request, now)
    case "GET /data/trades":
      return trades(house, key, request, now)
    case "GET /data/pre-migration-orders":
      return page([], request.query.get("next_cursor"), () => undefined)
    case "GET /balance-allowance":
      return balance(house, key, request)
    case "GET /balance-allowance/update":
      return update(house, key, request, now)
    case "POST /v1/heartbeats":
      return heartbeat(house, key, request, now)
    case "POST /heartbeats":
      beat(house, key, now)
      return ok({ status: "ok" })
    case "GET /v1/user/rate-limit-tier":
      return ok(TIER)
    case "GET /v1/user/session-signers":
      return ok([])
    case "POST /orders-scoring":
      return ok({})
    case "GET /order-scoring":
      return ok({ scoring: house.orders.get(request.query.get("order_id") ?? "")?.status === "LIVE" })
    case "GET /notifications":
      return ok([])
    case "DELETE /notifications":
      return ok("OK")
    default:
      return undefined
  }
}
