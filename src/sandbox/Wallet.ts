import type { Account } from "./Keys.ts"

/** The asset that everything is paid in; every other asset is a token id. */
export const CASH = "pUSD"

/**
 * One address that holds funds, and what the venue knows of it. All amounts are micro-units by asset. `chain` is the truth,
 * `cached` what the venue last read of it; `held` is bound in resting orders, `committed` in matches that are not mined yet.
 */
export interface Wallet {
  /** As orders name it. */
  readonly address: string
  readonly signatureType: 0 | 1 | 2 | 3
  readonly account: Account
  readonly chain: Map<string, bigint>
  readonly cached: Map<string, bigint>
  readonly held: Map<string, bigint>
  readonly committed: Map<string, bigint>
  /** What an exchange (lower-case address) may move, per asset kind; absent is without bound. */
  readonly allowances: Map<string, bigint>
  /** Assets whose cached balance no longer follows the chain. */
  readonly stale: Set<string>
}

export const make = (address: string, signatureType: Wallet["signatureType"], account: Account): Wallet => ({
  address,
  signatureType,
  account,
  chain: new Map(),
  cached: new Map(),
  held: new Map(),
  committed: new Map(),
  allowances: new Map(),
  stale: new Set()
})

const add = (to: Map<string, bigint>, asset: string, amount: bigint): void => {
  to.set(asset, (to.get(asset) ?? 0n) + amount)
}

export const balance = (wallet: Wallet, asset: string): bigint => wallet.chain.get(asset) ?? 0n
export const cached = (wallet: Wallet, asset: string): bigint => wallet.cached.get(asset) ?? 0n

/** What a new order may use, as far as the venue knows. Never below 0. */
export const available = (wallet: Wallet, asset: string): bigint => {
  const free = cached(wallet, asset) - (wallet.held.get(asset) ?? 0n) - (wallet.committed.get(asset) ?? 0n)
  return free > 0n ? free : 0n
}

/** Moves funds on chain; the venue sees it at once unless its cache is stale. */
export const move = (wallet: Wallet, asset: string, amount: bigint): void => {
  add(wallet.chain, asset, amount)
  if (!wallet.stale.has(asset)) wallet.cached.set(asset, balance(wallet, asset))
}

/** The venue reads the chain again. */
export const refresh = (wallet: Wallet, asset: string): void => {
  wallet.stale.delete(asset)
  wallet.cached.set(asset, balance(wallet, asset))
}

export const hold = (wallet: Wallet, asset: string, amount: bigint): void => add(wallet.held, asset, amount)
export const commit = (wallet: Wallet, asset: string, amount: bigint): void => add(wallet.committed, asset, amount)
