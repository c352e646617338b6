import * as Either from "effect/Either"
import { CONTRACTS, EXCHANGES } from "./Contracts.ts"

/** A contract of the venue on Polygon. */
export interface Contract {
  readonly name: string
  /** EIP-55. */
  readonly address: string
}

/** Collateral: ERC-20, 6 decimals. */
export const PUSD: Contract = { name: "pUSD", address: CONTRACTS.pusd }
/** What pUSD is made of: Circle's own USDC on Polygon, and the bridged one. 6 decimals both. */
export const USDC: Contract = { name: "USDC", address: "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359" }
export const USDC_E: Contract = { name: "USDC.e", address: CONTRACTS.usdce }
/** Outcome tokens of v1 markets, ERC-1155, and those of v2 markets, too. */
export const CONDITIONAL_TOKENS: Contract = { name: "ConditionalTokens", address: CONTRACTS.conditionalTokens }
export const POSITION_MANAGER: Contract = { name: "PositionManager", address: CONTRACTS.positionManager }
/** Takes USDC or USDC.e and gives pUSD, one for one. */
export const ONRAMP: Contract = { name: "CollateralOnramp", address: CONTRACTS.collateralOnramp }
/** Made every deposit wallet; batches of their calls are addressed to it. */
export const DEPOSIT_WALLET_FACTORY: Contract = {
  name: "DepositWalletFactory",
  address: "0x00000000000Fb5C9ADea0298D729A0CB3823Cc07"
}

const named = <N extends keyof typeof CONTRACTS>(name: N): Contract => ({ name, address: CONTRACTS[name] })
const CTF_EXCHANGE: Contract = EXCHANGES.ctfExchangeV2
const NEG_RISK_EXCHANGE: Contract = EXCHANGES.negRiskExchangeV2
const EXCHANGE_V3: Contract = EXCHANGES.exchangeV3
const CTF_ADAPTER = named("ctfCollateralAdapter")
const NEG_RISK_ADAPTER = named("negRiskCtfCollateralAdapter")
const LEGACY_ADAPTER = named("legacyNegRiskAdapter")
const ROUTER = named("router")
const AUTO_REDEEMER = named("autoRedeemer")

/** A permission that a wallet gives once: to spend its pUSD, or to move its outcome tokens. */
export interface Approval {
  readonly token: Contract
  /** Spender (ERC-20) or operator (ERC-1155). */
  readonly spender: Contract
  /** `erc20` is given up to an amount, `erc1155` for every token or not at all. */
  readonly kind: "erc20" | "erc1155"
  readonly version: "v1" | "v2"
  readonly purpose: string
  /**
   * `trade`: orders need it. `positions`: splits, merges, redemptions and conversions do, which no plan makes.
   * `reported`: others say that the venue checks it; nobody knows.
   */
  readonly need: "trade" | "positions" | "reported"
}

const spend = (
  spender: Contract,
  version: Approval["version"],
  purpose: string,
  need: Approval["need"] = "trade"
): Approval => ({ token: PUSD, spender, kind: "erc20", version, purpose, need })
const move = (
  version: Approval["version"],
  spender: Contract,
  purpose: string,
  need: Approval["need"] = "trade"
): Approval => ({
  token: version === "v1" ? CONDITIONAL_TOKENS : POSITION_MANAGER,
  spender,
  kind: "erc1155",
  version,
  purpose,
  need
})

const BUY_V1 = spend(CTF_EXCHANGE, "v1", "BUY in v1 markets")
const BUY_NEG_RISK = spend(NEG_RISK_EXCHANGE, "v1", "BUY in v1 neg-risk markets")
const BUY_V2 = spend(EXCHANGE_V3, "v2", "BUY in v2 markets")
const SELL_V1 = move("v1", CTF_EXCHANGE, "SELL in v1 markets")
const SELL_NEG_RISK = move("v1", NEG_RISK_EXCHANGE, "SELL in v1 neg-risk markets")
const SELL_V2 = move("v2", EXCHANGE_V3, "SELL in v2 markets")
// 3P, U-12: the adapter is retired for everything else, and the relayer refuses calls to it.
const BUY_NEG_RISK_LEGACY = spend(LEGACY_ADAPTER, "v1", "BUY in v1 neg-risk markets, as reported", "reported")

/** Every permission the venue asks a wallet for (DOC and the newer SDK's set), in the order in which they are shown. */
export const APPROVALS: ReadonlyArray<Approval> = [
  BUY_V1,
  BUY_NEG_RISK,
  BUY_V2,
  SELL_V1,
  SELL_NEG_RISK,
  SELL_V2,
  spend(CTF_ADAPTER, "v1", "split", "positions"),
  spend(NEG_RISK_ADAPTER, "v1", "split and convert, neg-risk", "positions"),
  spend(ROUTER, "v2", "split", "positions"),
  move("v1", CTF_ADAPTER, "merge and redeem", "positions"),
  move("v1", NEG_RISK_ADAPTER, "merge and redeem, neg-risk", "positions"),
  move("v1", AUTO_REDEEMER, "automatic redemption", "positions"),
  move("v2", ROUTER, "merge and redeem", "positions"),
  move("v2", AUTO_REDEEMER, "automatic redemption", "positions"),
  BUY_NEG_RISK_LEGACY
]

/** The permissions that an order of this side in a market of this kind needs; what is only reported is not among them. */
export const neededFor = (
  market: { readonly version: "v1" | "v2"; readonly negRisk: boolean },
  side: "BUY" | "SELL"
): ReadonlyArray<Approval> => {
  if (market.version === "v2") return [side === "BUY" ? BUY_V2 : SELL_V2]
  if (market.negRisk) return [side === "BUY" ? BUY_NEG_RISK : SELL_NEG_RISK]
  return [side === "BUY" ? BUY_V1 : SELL_V1]
}

const names = [...new Set(APPROVALS.map(({ spender }) => spender.name))]

/**
 * The permissions somebody means. Nothing said: all that trading needs. `v1`, `v2`: those of them for such markets.
 * A spender's name or address: everything that is given to it. `all`: every one. Left: words, for an unknown name.
 */
export const chosen = (only: string | undefined): Either.Either<ReadonlyArray<Approval>, string> => {
  const wanted = only?.toLowerCase()
  if (wanted === undefined) return Either.right(APPROVALS.filter(({ need }) => need === "trade"))
  if (wanted === "all") return Either.right(APPROVALS)
  if (wanted === "v1" || wanted === "v2") {
    return Either.right(APPROVALS.filter(({ need, version }) => need === "trade" && version === wanted))
  }
  const found = APPROVALS.filter(
    ({ spender }) => spender.name.toLowerCase() === wanted || spender.address.toLowerCase() === wanted
  )
  return found.length > 0 ? Either.right(found) : Either.left(`expected v1, v2, all or one of ${names.join(", ")}`)
}
