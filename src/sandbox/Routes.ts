import * as Either from "effect/Either"
import { accountRoutes } from "./AccountRoutes.ts"
import { type Answer, NOT_FOUND, ok, refused } from "./Answer.ts"
import * as Auth from "./Auth.ts"
import { clobRoutes } from "./ClobRoutes.ts"
import { dataRoutes } from "./DataRoutes.ts"
import { type FaultSpec, has } from "./Faults.ts"
import { atRoot, gammaRoutes } from "./GammaRoutes.ts"
import type { House } from "./House.ts"
import { l1Routes, l2Routes } from "./KeyRoutes.ts"
import { orderRoutes } from "./OrderRoutes.ts"
import type { Request } from "./Request.ts"

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
export const route = (house: House, request: Request, now: number): Answer => {
  if (request.path === "/api/geoblock") return geoblock(house)
  const found =
    dataRoutes(house, request) ??
    gammaRoutes(house, atRoot(request)) ??
    l1Routes(house, request, now) ??
    (PRIVATE.test(request.path) ? asOwner(house, request, now) : clobRoutes(house, request, now))
  return found ?? NOT_FOUND
}

const html = (status: number, title: string): Answer => ({
  status,
  body: `<html><head><title>${status} ${title}</title></head></html>`,
  headers: { "Content-Type": "text/html" }
})

/** What stands in for the answer where a fault says so; `booked` unless it says otherwise is false. */
export const substitute = (struck: ReadonlyArray<FaultSpec>): readonly [FaultSpec, Answer] | undefined => {
  const answers: ReadonlyArray<readonly [FaultSpec["kind"], (spec: FaultSpec) => Answer]> = [
    ["rateLimit", () => ({ ...refused(429, "Too Many Requests"), headers: { "Retry-After": "1" } })],
    ["restart", () => ({ ...refused(425, "Service is not ready"), headers: { "Retry-After": "1" } })],
    ["timeout", () => refused(500, "order timed out")],
    ["couldNotInsert", () => refused(500, "could not insert order")],
    ["badGateway", () => html(502, "Bad Gateway")],
    ["unavailable", () => html(503, "Service Temporarily Unavailable")],
    ["forbidden", () => html(403, "Forbidden")],
    ["contextCanceled", () => refused(400, "context canceled")],
    ["unauthorized", () => refused(401, "Unauthorized/Invalid api key")],
    ["answer", ({ body, headers, status }) => ({ status: status ?? 200, body: body ?? "", headers: headers ?? {} })]
  ]
  for (const [kind, answer] of answers) {
    const spec = has(struck, kind)
    if (spec !== undefined) return [spec, answer(spec)]
  }
  return undefined
}
