import * as Either from "effect/Either"

/** Bytes as text: `0x` and lower-case hexadecimal digits. */
export type Hex = string

/** Polygon. */
export const CHAIN_ID = 137

/** What an order is signed for: the contract that settles it, and the EIP-712 domain version that contract checks. */
export interface Exchange {
  readonly name: "ctfExchangeV2" | "negRiskExchangeV2" | "exchangeV3"
  readonly address: string
  readonly chainId: number
  readonly domainVersion: "2" | "3"
  /** How balances of its outcome tokens are asked for (venue: `asset_type` of `/balance-allowance`). */
  readonly assetType: "CONDITIONAL" | "CONDITIONAL-V2"
}

/** The exchanges that take orders on Polygon; those of domain version "1" have been refused since 2026-04-28. */
export const EXCHANGES: Readonly<Record<Exchange["name"], Exchange>> = {
  ctfExchangeV2: {
    name: "ctfExchangeV2",
    address: "0xE111180000d2663C0091e4f400237545B87B996B",
    chainId: CHAIN_ID,
    domainVersion: "2",
    assetType: "CONDITIONAL"
  },
  negRiskExchangeV2: {
    name: "negRiskExchangeV2",
    address: "0xe2222d279d744050d28e00520010520000310F59",
    chainId: CHAIN_ID,
    domainVersion: "2",
    assetType: "CONDITIONAL"
  },
  exchangeV3: {
    name: "exchangeV3",
    address: "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
    chainId: CHAIN_ID,
    domainVersion: "3",
    assetType: "CONDITIONAL-V2"
  }
}

/** The other contracts of Polygon that an account deals with: collateral, outcome tokens, and what may move them. */
export const CONTRACTS = {
  pusd: "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB",
  usdce: "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174",
  conditionalTokens: "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045",
  positionManager: "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF",
  router: "0x12121212006e4CD160D18e3f00711DA5c3372600",
  ctfCollateralAdapter: "0xAdA100Db00Ca00073811820692005400218FcE1f",
  negRiskCtfCollateralAdapter: "0xadA2005600Dec949baf300f4C6120000bDB6eAab",
  legacyNegRiskAdapter: "0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296",
  autoRedeemer: "0xa1200000d0002264C9a1698e001292D00E1b00af",
  collateralOnramp: "0x93070a847efEf7F70739046A929D47a521F5B8ee",
  collateralOfframp: "0x2957922Eb93258b93368531d39fAcCA3B4dC5854"
} as const

const TOKEN_ID = /^(0|[1-9]\d{0,77})$/
const UINT256_END = 1n << 256n
/** Bits 40 to 103, which a position id leaves empty. */
const EMPTY = ((1n << 64n) - 1n) << 40n

/**
 * Whether an outcome token's id is laid out as a position id of a v2 market: its module, 1 to 3, in the top byte and 64
 * zero bits above the lowest 40. A v1 id is a hash, which looks like that about once in 10^21.
 */
export const isPositionId = (tokenId: bigint): boolean => {
  const module = tokenId >> 248n
  return module >= 1n && module <= 3n && (tokenId & EMPTY) === 0n
}

/**
 * The exchange to sign for, by the market's own `version` and `negRisk` (never by which ids a record has: many v1 markets
 * list position ids too). Left, in words, when the version is unknown, when a v1 market does not say whether it is
 * neg-risk, or when the token id does not have the layout of that version: then nothing may be signed.
 */
export const exchangeOf = (
  market: { readonly version: string | undefined; readonly negRisk: boolean | undefined },
  tokenId: string
): Either.Either<Exchange, string> => {
  const { negRisk, version } = market
  if (version !== "v1" && version !== "v2")
    return Either.left(version === undefined ? "the market has no version" : `unknown market version "${version}"`)
  const id = TOKEN_ID.test(tokenId) ? BigInt(tokenId) : 0n
  if (id <= 0n || id >= UINT256_END) return Either.left(`"${tokenId}" is not a token id`)
  if (isPositionId(id) !== (version === "v2"))
    return Either.left(
      version === "v2"
        ? `token ${tokenId} is not a position id, but its market is of version v2`
        : `token ${tokenId} is a position id, but its market is of version v1`
    )
  if (version === "v2") return Either.right(EXCHANGES.exchangeV3)
  if (negRisk === undefined) return Either.left("the market does not say whether it is neg-risk")
  return Either.right(negRisk ? EXCHANGES.negRiskExchangeV2 : EXCHANGES.ctfExchangeV2)
}
