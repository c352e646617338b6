import * as Either from "effect/Either"
import { accountRoutes } from "./AccountRoutes.ts"
import { adminRoutes } from "./AdminRoutes.ts"
import { type Answer, NOT_FOUND, ok } from "./Answer.ts"
import * as Auth from "./Auth.ts"
import { clobRoutes } from "./ClobRoutes.ts"
import { dataRoutes } from "./DataRoutes.ts"
import { has } from "./Faults.ts"
import { atRoot, gammaRoutes } from "./GammaRoutes.ts"
import { type House, setMode } from "./House.ts"
import { l1Routes, l2Routes } from "./KeyRoutes.ts"
import { orderRoutes } from "./OrderRoutes.ts"
import type { Request } from "./Request.ts"
import { substitute } from "./Substitute.ts"

/** Paths that only the owner of an API key may ask for. */
const PRIVATE =
  /^\/(order|orders|cancel-all|cancel-market-orders|data\/|balance-allowance|v1\/|heartbeats|auth\/|order-scoring|orders-scoring|notifications|rewards\/user)/

const geoblock = (house: House): Answer =>
  ok(
    house.geoblocked
      ? { blocked: true, ip: "203.0.113.8", country: "US", region: "NY" }
      : { blocked: false, ip: "203.0.113.7", country: "IE", region: "L" }
  )

const asOwner = (house: House, request: Request, now: number): Answer | undefined => {
  const key = Auth.l2(house, request.headers, request, now)
  if (Either.isLeft(key)) return key.left
  return (
    orderRoutes(house, key.right, request, now) ??
    accountRoutes(house, key.right, request, now) ??
    l2Routes(house, key.right, request)
  )
}

/** Carries a request out and answers it, faults apart. */
const route = (house: House, request: Request, now: number): Answer => {
  if (request.path === "/api/geoblock") return geoblock(house)
  const found =
    adminRoutes(house, request, now) ??
    dataRoutes(house, request) ??
    gammaRoutes(house, atRoot(request)) ??
    l1Routes(house, request, now) ??
    (PRIVATE.test(request.path) ? asOwner(house, request, now) : clobRoutes(house, request, now))
  return found ?? NOT_FOUND
}

/** A read that is stale is answered as it was when it first was. */
const staled = (house: House, request: Request, now: number): Answer => {
  if (has(request.struck, "stale") === undefined) return route(house, request, now)
  const asked = `${request.method} ${request.path}?${request.query} ${String(request.headers.poly_api_key)}`
  const known = house.stale.get(asked) ?? route(house, request, now)
  house.stale.set(asked, known)
  return known
}

/** How long a restart takes, in milliseconds, where nothing else is said. */
const RESTART = 1_000

/** Answers a request with what its faults make of the answer; carries it out first, unless they say that it never was. */
export const handle = (house: House, request: Request, now: number): Answer => {
  const instead = substitute(request.struck)
  const answer = instead === undefined || instead.booked ? staled(house, request, now) : undefined
  const restart = has(request.struck, "restart")
  if (restart !== undefined) setMode(house, "restarting", now, restart.ms ?? RESTART)
  return instead?.answer ?? answer ?? NOT_FOUND
}
