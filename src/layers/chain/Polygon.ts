import * as HttpClient from "@effect/platform/HttpClient"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { getAddress } from "viem/utils"
import { InvalidInput } from "../../domain/Failure.ts"
import { CHAIN_ID } from "../../polymarket/Contracts.ts"
import { Chain, failureOf, type Wallet, WalletUnfit, WrongChain } from "../Chain.ts"
import type { Settings } from "../Config.ts"
import * as Http from "../Http.ts"
import { Signer } from "../Signer.ts"
import * as PrivateKey from "../signer/PrivateKey.ts"
import { hex } from "./Abi.ts"
import * as Account from "./Account.ts"
import * as Elsewhere from "./Elsewhere.ts"
import * as Reads from "./Reads.ts"
import * as Relayer from "./Relayer.ts"
import * as Rpc from "./Rpc.ts"
import type { Patience, Sender } from "./Sender.ts"

export interface PolygonOptions {
  readonly rpcUrl: Redacted.Redacted
  readonly relayerUrl: string
  readonly relayerKey: Option.Option<Redacted.Redacted>
  readonly signatureType: number
  /** Holds the funds of types 1 to 3. */
  readonly funder: Option.Option<string>
  /** The chain that must answer: Polygon, unless a test says otherwise. No setting says so. */
  readonly chainId?: number
  /** Longest that one try of a question may take; three tries. */
  readonly deadline?: Duration.DurationInput
  /** For what was sent to come into a block. */
  readonly patience?: Patience
}

const RELAYED =
  "approvals of a deposit wallet go through the venue's relayer, and POLYMARKET_RELAYER_API_KEY is not set"
const BY_HAND = "wallets of type 1 and 2 take their calls from the venue's site"

/** The wallet, where type, funder and key fit together: no order of one where they do not is ever taken. */
const walletOf = (own: string, options: Pick<PolygonOptions, "funder" | "signatureType">) => {
  const { funder, signatureType } = options
  const address = Option.match(funder, { onNone: () => own, onSome: (given) => getAddress(hex(given.toLowerCase())) })
  if ((address === own) === (signatureType === 0)) {
    return Either.right<Wallet>({ address, signer: own, signatureType })
  }
  return Either.left(
    new WalletUnfit({
      message: `POLYMARKET_SIGNATURE_TYPE, POLYMARKET_FUNDER and the key do not fit together: type ${signatureType}, wallet ${address}, key of ${own}`,
      instead: [
        "type 0 is the key's own account, without POLYMARKET_FUNDER",
        "types 1 (proxy), 2 (safe) and 3 (deposit wallet) have a wallet of another address in POLYMARKET_FUNDER"
      ]
    })
  )
}

const make = (options: PolygonOptions) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const signer = yield* Signer
    const { chainId = CHAIN_ID, deadline = "10 seconds", patience = { seconds: 120, everySeconds: 1 } } = options
    const rpc = Rpc.make(client, { url: options.rpcUrl, deadline, tries: 3 })
    const found = yield* Effect.mapError(
      rpc.ask("eth_chainId", [], Rpc.Quantity),
      Reads.refusedIn(rpc, "asking for the chain's id")
    )
    if (found !== BigInt(chainId)) return yield* new WrongChain({ expected: chainId, found: Number(found) })

    const own = getAddress(hex(signer.address.toLowerCase()))
    const wallet = yield* walletOf(own, options)
    const reads = Reads.make(rpc, wallet)
    const { sign } = signer
    const sender = (): Sender => {
      if (wallet.signatureType === 0) return Account.make({ rpc, reads, wallet, chainId, sign, patience })
      if (wallet.signatureType !== 3) return Elsewhere.make(wallet, BY_HAND)
      if (Option.isNone(options.relayerKey)) return Elsewhere.make(wallet, RELAYED)
      const key = options.relayerKey.value
      return Relayer.make({ client, url: options.relayerUrl, key, reads, wallet, chainId, sign, patience })
    }
    return Chain.of({ wallet, holdings: reads.holdings, standings: reads.standings, ...sender() })
  })

/** Polygon through one JSON-RPC node, for one wallet. Fails when the node cannot be reached or is on another chain. */
export const layer = (options: PolygonOptions) => Layer.effect(Chain, make(options))

/** Polygon with the wallet of these settings; every setting that is missing is told at once. */
export const connected = (settings: Settings) => {
  const { funder, privateKey, relayerKey, signatureType: type } = settings.credentials
  const signatureType = Option.getOrElse(type, () => 0)
  const missing = [
    ...(Option.isNone(settings.rpcUrl)
      ? [{ path: "POLYGON_RPC_URL", message: "not set: the JSON-RPC of Polygon" }]
      : []),
    ...(Option.isNone(privateKey) ? [{ path: "POLYMARKET_PRIVATE_KEY", message: "not set" }] : []),
    ...(signatureType > 0 && Option.isNone(funder)
      ? [{ path: "POLYMARKET_FUNDER", message: `not set: the wallet of signature type ${signatureType}` }]
      : [])
  ]
  if (Option.isNone(settings.rpcUrl) || Option.isNone(privateKey) || missing.length > 0) {
    return Layer.fail(
      new InvalidInput({ code: "missing_setting", message: "the chain needs more settings", issues: missing })
    )
  }
  const { relayerUrl, rpcUrl } = settings
  return layer({ rpcUrl: rpcUrl.value, relayerUrl, relayerKey, signatureType, funder }).pipe(
    Layer.mapError(failureOf),
    Layer.provide(Layer.merge(PrivateKey.layer(privateKey.value), Http.layer))
  )
}
