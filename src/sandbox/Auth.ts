import { timingSafeEqual } from "node:crypto"
import * as Either from "effect/Either"
import * as PolyAuth from "../polymarket/Auth.ts"
import { unhex } from "../polymarket/OrderStruct.ts"
import { recover } from "../polymarket/Secp256k1.ts"
import { type Answer, refused } from "./Answer.ts"
import type { House } from "./House.ts"
import * as Keys from "./Keys.ts"
import * as Wallet from "./Wallet.ts"

/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

const header = (headers: Headers, name: string): string => {
  const value = headers[name]
  return typeof value === "string" ? value : ""
}

const BAD_L1 = refused(401, "Invalid L1 Request headers")
const BAD_L2 = refused(401, "Unauthorized/Invalid api key")

/** By the venue's clock, which may be wrong; going on in time by hand does not count. */
const fresh = (house: House, seconds: number, now: number): boolean =>
  Math.abs((now - house.ahead + house.clockSkew) / 1000 - seconds) <= house.rules.clockToleranceSeconds

/** The account of an address; one that the venue has never seen is opened with an empty wallet of its own. */
export const accountOf = (house: House, address: string): Keys.Account => {
  const lower = address.toLowerCase()
  const known = house.accounts.get(lower)
  if (known !== undefined) return known
  const account: Keys.Account = { address: lower, wallets: new Map(), banned: false, closedOnly: false }
  account.wallets.set(0, Wallet.make(address, 0, account))
  house.accounts.set(lower, account)
  return account
}

/** Who proves by L1 headers that they control an address, and under which nonce (venue: `ClobAuth`). */
export const l1 = (
  house: House,
  headers: Headers,
  now: number
): Either.Either<{ readonly account: Keys.Account; readonly nonce: number }, Answer> => {
  const address = header(headers, "poly_address")
  const [seconds, nonce] = [Number(header(headers, "poly_timestamp")), Number(header(headers, "poly_nonce") || "0")]
  if (!/^0x[0-9a-fA-F]{40}$/.test(address) || !Number.isSafeInteger(seconds) || !Number.isSafeInteger(nonce)) {
    return Either.left(BAD_L1)
  }
  if (nonce < 0 || !fresh(house, seconds, now)) return Either.left(BAD_L1)
  const by = recover(PolyAuth.l1Digest(address, seconds, nonce), unhex(header(headers, "poly_signature")))
  return by === address.toLowerCase()
    ? Either.right({ account: accountOf(house, address), nonce })
    : Either.left(BAD_L1)
}

const equal = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** The API key that a request was signed with, by its L2 headers. The query is no part of the path that is signed. */
export const l2 = (
  house: House,
  headers: Headers,
  request: { readonly method: string; readonly path: string; readonly body: string },
  now: number
): Either.Either<Keys.ApiKey, Answer> => {
  const key = house.keys.get(header(headers, "poly_api_key"))
  const seconds = Number(header(headers, "poly_timestamp"))
  if (key === undefined || !Number.isSafeInteger(seconds) || !fresh(house, seconds, now)) return Either.left(BAD_L2)
  if (header(headers, "poly_address").toLowerCase() !== key.account.address) return Either.left(BAD_L2)
  if (!equal(header(headers, "poly_passphrase"), key.passphrase)) return Either.left(BAD_L2)
  const body = request.body === "" ? undefined : request.body
  const signature = PolyAuth.l2Signature(key.secret, seconds, request.method, request.path, body)
  return equal(signature, header(headers, "poly_signature")) ? Either.right(key) : Either.left(BAD_L2)
}

/** Opens the key of an account and nonce, or finds that it is there. */
export const createKey = (house: House, account: Keys.Account, nonce: number, now: number): Keys.ApiKey | undefined => {
  const key = Keys.make(house.rules.seed, account, nonce, now)
  if (house.keys.has(key.id)) return undefined
  house.keys.set(key.id, key)
  return key
}

/** The key of an account and nonce, where it was created. */
export const findKey = (house: House, account: Keys.Account, nonce: number): Keys.ApiKey | undefined =>
  house.keys.get(Keys.make(house.rules.seed, account, nonce, 0).id)
