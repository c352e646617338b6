import * as Either from "effect/Either"
import { type Answer, ok, refused } from "./Answer.ts"
import * as Auth from "./Auth.ts"
import type { House } from "./House.ts"
import type { ApiKey } from "./Keys.ts"
import type { Request } from "./Request.ts"

const shown = ({ id, passphrase, secret }: ApiKey) => ({ apiKey: id, secret, passphrase })

/** API keys by proof of the signing key (L1). */
export const l1Routes = (house: House, request: Request, now: number): Answer | undefined => {
  const creates = request.method === "POST" && request.path === "/auth/api-key"
  const derives = request.method === "GET" && request.path === "/auth/derive-api-key"
  if (!creates && !derives) return undefined
  const proven = Auth.l1(house, request.headers, now)
  if (Either.isLeft(proven)) return proven.left
  const { account, nonce } = proven.right
  if (creates) {
    const key = Auth.createKey(house, account, nonce, now)
    return key === undefined ? refused(400, "Could not create api key") : ok(shown(key))
  }
  const key = Auth.findKey(house, account, nonce)
  return key === undefined ? refused(400, "Could not derive api key!") : ok(shown(key))
}

/** What is asked of API keys with one of them (L2). */
export const l2Routes = (house: House, key: ApiKey, request: Request): Answer | undefined => {
  switch (`${request.method} ${request.path}`) {
    case "GET /auth/api-keys":
      return ok({
        apiKeys: [...house.keys.values()].filter(({ account }) => account === key.account).map(({ id }) => id)
      })
    case "DELETE /auth/api-key":
      house.keys.delete(key.id)
      return ok("OK")
    case "GET /auth/ban-status/closed-only":
      return ok({ closed_only: key.account.closedOnly })
    default:
      return undefined
  }
}
