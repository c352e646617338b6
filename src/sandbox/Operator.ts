import { hash } from "node:crypto"
import type { Usd } from "../domain/Money.ts"
import { hex } from "../polymarket/OrderStruct.ts"
import { addressOf } from "../polymarket/Secp256k1.ts"
import * as Auth from "./Auth.ts"
import type { House } from "./House.ts"
import * as Keys from "./Keys.ts"
import * as Settlement from "./Settlement.ts"
import * as Wallet from "./Wallet.ts"

export type SignatureType = 0 | 1 | 2 | 3

/** Somebody who can trade in the sandbox, with everything the venue would ask of them. */
export interface Operator {
  /** 0x and 64 digits: made of the seed, worth nothing anywhere else. */
  readonly privateKey: string
  readonly account: Keys.Account
  readonly key: Keys.ApiKey
  /** The wallet that is funded. */
  readonly wallet: Wallet.Wallet
}

/** An account whose key follows from the seed and a name, with one funded wallet and an API key; the same name, the same. */
export const open = (house: House, name: string, signatureType: SignatureType, cash: Usd, now: number): Operator => {
  const known = house.operators.get(name)
  if (known !== undefined) return known
  const secret = hash("sha256", `${house.rules.seed}:operator:${name}`, "buffer")
  const address = addressOf(secret)
  const account = Auth.accountOf(house, address)
  for (const type of [1, 2, 3] as const) {
    const wallet = `0x${hash("sha256", `${house.rules.seed}:wallet:${name}:${type}`).slice(0, 40)}`
    account.wallets.set(type, Wallet.make(wallet, type, account))
  }
  const wallet = account.wallets.get(signatureType) ?? Wallet.make(address, signatureType, account)
  const key = Keys.make(house.rules.seed, account, 0, now)
  house.keys.set(key.id, key)
  Settlement.credit(house, wallet, Wallet.CASH, cash, now, "deposit")
  const operator: Operator = { privateKey: hex(secret), account, key, wallet }
  house.operators.set(name, operator)
  return operator
}

/** The environment that trades as this operator at the sandbox under these addresses. */
export const environment = (operator: Operator, url: string): Readonly<Record<string, string>> => ({
  POLYMARKET_PRIVATE_KEY: operator.privateKey,
  POLYMARKET_API_KEY: operator.key.id,
  POLYMARKET_API_SECRET: operator.key.secret,
  POLYMARKET_API_PASSPHRASE: operator.key.passphrase,
  POLYMARKET_SIGNATURE_TYPE: String(operator.wallet.signatureType),
  POLYMARKET_FUNDER: operator.wallet.address,
  POLYMARKET_CLOB_URL: url,
  POLYMARKET_GAMMA_URL: `${url}/gamma`,
  POLYMARKET_DATA_URL: url,
  POLYMARKET_WS_URL: `${url.replace(/^http/, "ws")}/ws`,
  POLYMARKET_GEOBLOCK_URL: `${url}/api/geoblock`
})
