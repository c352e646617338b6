import { hash } from "node:crypto"
import { uuidOf } from "../domain/Identity.ts"
import type { Wallet } from "./Wallet.ts"

/** One person at the venue: a signing address and the wallets it may trade for. */
export interface Account {
  /** Of the signing key, lower case. */
  readonly address: string
  readonly wallets: Map<number, Wallet>
  banned: boolean
  closedOnly: boolean
}

/** API credentials of one (address, nonce), and the dead-man switch that hangs on them. */
export interface ApiKey {
  /** A UUID; `owner` of the orders posted with it. */
  readonly id: string
  readonly secret: string
  readonly passphrase: string
  readonly account: Account
  readonly nonce: number
  readonly createdMillis: number
  heartbeat: { readonly id: string; readonly lastMillis: number; readonly beats: number } | undefined
}

/** The credentials of an address and nonce: they follow from the seed. */
export const make = (seed: string, account: Account, nonce: number, createdMillis: number): ApiKey => {
  const of = (what: string) => `${what}:${seed}:${account.address}:${nonce}`
  return {
    id: uuidOf("key", seed, account.address, String(nonce)),
    secret: `${hash("sha256", of("secret"), "base64url")}=`,
    passphrase: hash("sha256", of("passphrase")),
    account,
    nonce,
    createdMillis,
    heartbeat: undefined
  }
}
