import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { InvalidInput, type Issue } from "../../domain/Failure.ts"
import type { SignatureType } from "../../polymarket/OrderStruct.ts"
import { addressOf } from "../../polymarket/Secp256k1.ts"
import { unhex } from "../../polymarket/Words.ts"
import type { Credentials } from "../Config.ts"

/** The account that live orders belong to: who signs, who holds the funds, and who asks. */
export interface Account {
  /** The key's own address, lower case. */
  readonly signer: string
  /** The wallet that holds the funds, lower case: the signer itself, a proxy, a safe or a deposit wallet. */
  readonly wallet: string
  readonly signatureType: SignatureType
  readonly privateKey: Redacted.Redacted
  readonly apiKey: Redacted.Redacted
  readonly secret: Redacted.Redacted
  readonly passphrase: Redacted.Redacted
}

/** Who signs and who holds the funds: what can be told before there are API credentials. */
export type Wallet = Pick<Account, "signer" | "wallet" | "signatureType" | "privateKey">

const missing = (path: string, message: string): Issue => ({ path, message })

const incomplete = (issues: ReadonlyArray<Issue>) =>
  new InvalidInput({
    code: "credentials_incomplete",
    message: "live trading needs settings that are not there",
    issues: [...issues, missing("", "they belong into .env.local; see: betteroms credentials check")]
  })

const SIGNATURE_TYPES: ReadonlyArray<SignatureType> = [0, 1, 2, 3]

/** The wallet of these credentials; fails with everything that is missing. */
export const walletOf = Effect.fn("Account.walletOf")(function* (credentials: Credentials) {
  const { funder, privateKey } = credentials
  const signatureType =
    SIGNATURE_TYPES.find((type) => type === Option.getOrElse(credentials.signatureType, () => 0)) ?? 0
  const issues: Array<Issue> = []
  if (Option.isNone(privateKey)) issues.push(missing("POLYMARKET_PRIVATE_KEY", "not set: the key that signs orders"))
  if (signatureType !== 0 && Option.isNone(funder)) {
    issues.push(
      missing("POLYMARKET_FUNDER", `not set: the wallet that holds the funds, with signature type ${signatureType}`)
    )
  }
  if (Option.isNone(privateKey) || issues.length > 0) return yield* incomplete(issues)
  const signer = addressOf(unhex(Redacted.value(privateKey.value)))
  const wallet = signatureType === 0 ? signer : Option.getOrElse(funder, () => signer).toLowerCase()
  if (signatureType === 0 && Option.isSome(funder) && funder.value.toLowerCase() !== signer) {
    return yield* new InvalidInput({
      code: "wallet_mismatch",
      message:
        "POLYMARKET_FUNDER is not the address of the private key, and POLYMARKET_SIGNATURE_TYPE says it should be",
      issues: [
        missing(
          "POLYMARKET_SIGNATURE_TYPE",
          "expected 1 (proxy), 2 (safe) or 3 (deposit wallet) for a wallet of its own"
        )
      ]
    })
  }
  return { signer, wallet, signatureType, privateKey: privateKey.value } satisfies Wallet
})

/** The whole account of these credentials; fails with everything that is missing. */
export const accountOf = Effect.fn("Account.accountOf")(function* (credentials: Credentials) {
  const { apiKey, apiPassphrase, apiSecret } = credentials
  const wallet = yield* Effect.either(walletOf(credentials))
  const issues: Array<Issue> = wallet._tag === "Left" ? wallet.left.issues.filter((issue) => issue.path !== "") : []
  if (wallet._tag === "Left" && wallet.left.code !== "credentials_incomplete") return yield* wallet.left
  const how = "not set: make it with betteroms credentials create"
  if (Option.isNone(apiKey)) issues.push(missing("POLYMARKET_API_KEY", how))
  if (Option.isNone(apiSecret)) issues.push(missing("POLYMARKET_API_SECRET", how))
  if (Option.isNone(apiPassphrase)) issues.push(missing("POLYMARKET_API_PASSPHRASE", how))
  if (wallet._tag === "Left" || Option.isNone(apiKey) || Option.isNone(apiSecret) || Option.isNone(apiPassphrase)) {
    return yield* incomplete(issues)
  }
  return {
    ...wallet.right,
    apiKey: apiKey.value,
    secret: apiSecret.value,
    passphrase: apiPassphrase.value
  } satisfies Account
})
