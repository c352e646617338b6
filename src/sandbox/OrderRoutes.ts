import * as Predicate from "effect/Predicate"
import { type Answer, ok, refused } from "./Answer.ts"
import * as Engine from "./Engine.ts"
import { has } from "./Faults.ts"
import type { House } from "./House.ts"
import type { ApiKey } from "./Keys.ts"
import { postOrder, postOrders } from "./Posting.ts"
import { json, type Request } from "./Request.ts"
import { isResting, type VenueOrder } from "./VenueOrder.ts"

const GONE = "order can't be found - already canceled or matched"
const DELAYED = "order is delayed and can't be canceled"
const INVALID = refused(400, "Invalid order payload")

const POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"

/** Why the venue, in its present mode, refuses a request about orders. */
const closed = (house: House, request: Request, now: number): Answer | undefined => {
  const posts = request.method === "POST"
  const seconds = Math.max(1, Math.ceil((house.modeUntil - now) / 1000))
  switch (house.mode) {
    case "restarting":
      return {
        status: 425,
        body: { error: "Service is not ready" },
        headers: Number.isFinite(seconds) ? { "Retry-After": String(seconds) } : {}
      }
    case "disabled":
      return refused(503, "Trading is currently disabled. Check polymarket.com for updates")
    case "cancelOnly":
      return posts
        ? refused(503, "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.")
        : undefined
    case "postOnly":
      return posts && !allPostOnly(json(request))
        ? {
            status: 503,
            body: {
              error: POST_ONLY,
              code: "post_only_mode",
              ...(Number.isFinite(seconds) ? { retry_after_seconds: seconds } : {})
            },
            headers: Number.isFinite(seconds) ? { "Retry-After": String(seconds) } : {}
          }
        : undefined
    default:
      return undefined
  }
}

const allPostOnly = (value: unknown): boolean =>
  (Array.isArray(value) ? value : [value]).every(
    (each: unknown) => Predicate.hasProperty(each, "postOnly") && each.postOnly === true
  )

/** Cancels orders by id. The answer is 200 whatever happened: what did not go stands in `not_canceled`. */
const cancel = (
  house: House,
  key: ApiKey,
  ids: ReadonlyArray<string>,
  request: Request,
  now: number,
  cancelled: (order: VenueOrder) => boolean = () => true
): Answer => {
  const canceled: Array<string> = []
  const not: Record<string, string> = {}
  const ineffective = has(request.struck, "cancelNoEffect")
  const denied = has(request.struck, "notCanceled")
  for (const id of new Set(ids)) {
    const order = house.orders.get(id)
    const mine = order !== undefined && order.key.account === key.account && cancelled(order)
    if (!mine || order.status !== "LIVE") not[id] = GONE
    else if (order.delayed) not[id] = DELAYED
    else if (denied !== undefined) {
      not[id] = GONE
      if (denied.booked === true) Engine.cancel(house, order, "CANCELED", "cancelled", now)
    } else {
      if (ineffective === undefined) Engine.cancel(house, order, "CANCELED", "cancelled", now)
      canceled.push(id)
    }
  }
  return ok({ canceled, not_canceled: not })
}

/** The resting orders posted with a key. */
const restingOf = (house: House, key: ApiKey): ReadonlyArray<VenueOrder> =>
  [...house.live].filter((order) => order.key === key && isResting(order))

const ids = (orders: ReadonlyArray<VenueOrder>) => orders.map(({ id }) => id)

const textAt = (value: unknown, name: string): string | undefined =>
  Predicate.hasProperty(value, name) && typeof value[name] === "string" ? value[name] : undefined

/** What changes orders: posts and cancels. */
export const orderRoutes = (house: House, key: ApiKey, request: Request, now: number): Answer | undefined => {
  const op = `${request.method} ${request.path}`
  const value = request.body === "" ? undefined : json(request)
  switch (op) {
    case "POST /order":
      return closed(house, request, now) ?? postOrder(house, key, value, request.body, request.struck, now)
    case "POST /orders":
      return closed(house, request, now) ?? postOrders(house, key, value, request.struck, now)
    case "DELETE /order": {
      const id = textAt(value, "orderID")
      return closed(house, request, now) ?? (id === undefined ? INVALID : cancel(house, key, [id], request, now))
    }
    case "DELETE /orders": {
      const wanted = Array.isArray(value) ? value.filter(Predicate.isString) : []
      if (wanted.length === 0 || wanted.length > 1000) return closed(house, request, now) ?? INVALID
      return closed(house, request, now) ?? cancel(house, key, wanted, request, now)
    }
    case "DELETE /cancel-all":
      return closed(house, request, now) ?? cancel(house, key, ids(restingOf(house, key)), request, now)
    case "DELETE /cancel-market-orders": {
      const [market, asset] = [textAt(value, "market")?.toLowerCase(), textAt(value, "asset_id")]
      if (market === undefined && asset === undefined) return closed(house, request, now) ?? INVALID
      const meant = restingOf(house, key).filter(
        ({ listing, outcome }) =>
          (market === undefined || listing.conditionId === market) &&
          (asset === undefined || listing.tokens[outcome] === asset)
      )
      return closed(house, request, now) ?? cancel(house, key, ids(meant), request, now)
    }
    default:
      return undefined
  }
}
