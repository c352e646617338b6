import * as Either from "effect/Either"
import { decodeErrorResult, encodeFunctionData, parseAbi } from "viem/utils"
import { type Contract, ONRAMP } from "../../polymarket/Approvals.ts"
import type { Change } from "../../polymarket/Permissions.ts"

export const ERC20 = parseAbi([
  "function balanceOf(address account) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 amount) returns (bool)"
])

export const ERC1155 = parseAbi([
  "function isApprovedForAll(address account, address operator) view returns (bool)",
  "function setApprovalForAll(address operator, bool approved)"
])

/**
 * The venue's onramp: asset, who gets the pUSD, how much of the asset in its base units; the asset must have been
 * approved to the onramp before. DOC `concepts/pusd` and the venue's published contract agree on the order of the three.
 * DOC names USDC.e as the asset; the contract takes USDC too, unless the venue has paused it (`OnlyUnpaused`).
 */
export const ONRAMP_ABI = parseAbi(["function wrap(address _asset, address _to, uint256 _amount)"])

/** What a deposit wallet tells of itself. The venue's relayer client reads `nonce`; `owner` was read on chain (3P). */
export const DEPOSIT_WALLET = parseAbi([
  "function nonce() view returns (uint256)",
  "function owner() view returns (address)"
])

const ERRORS = parseAbi([
  "error Error(string message)",
  "error Panic(uint256 code)",
  "error OnlyUnpaused()",
  "error InvalidAsset()",
  "error InsufficientBalance()",
  "error InsufficientAllowance()",
  "error TransferFromFailed()",
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)"
])

const WORDS = {
  OnlyUnpaused: "the venue has paused wrapping of this asset",
  InvalidAsset: "the venue does not take this asset",
  InsufficientBalance: "the balance is too small",
  InsufficientAllowance: "the allowance is too small",
  TransferFromFailed: "the tokens could not be taken: balance or allowance is too small",
  ERC20InsufficientBalance: "the balance is too small",
  ERC20InsufficientAllowance: "the allowance is too small"
} as const

/** `0x` text as viem wants it typed. */
export const hex = (text: string): `0x${string}` => `0x${text.replace(/^0x/i, "")}`

/** Why a contract reverted, from what it returned; the node's own words where that cannot be read. */
export const reasonOf = (data: string | undefined, otherwise: string): string => {
  if (data === undefined || data.length < 10) return otherwise
  const decoded = Either.try(() => decodeErrorResult({ abi: ERRORS, data: hex(data) }))
  if (Either.isLeft(decoded)) return `error ${data.slice(0, 10)} of the contract`
  const { args, errorName } = decoded.right
  if (errorName === "Error") return args[0].slice(0, 200)
  if (errorName === "Panic") return `panic ${args[0]} of the contract`
  return `${errorName}: ${WORDS[errorName]}`
}

/** A call to a contract. */
export interface Call {
  readonly to: string
  readonly data: `0x${string}`
}

/** The call that makes a change for a wallet. */
export const callOf = (change: Change, wallet: string): Call => {
  switch (change._tag) {
    case "Approve":
      return {
        to: change.token.address,
        data: encodeFunctionData({
          abi: ERC20,
          functionName: "approve",
          args: [hex(change.spender.address), change.amount]
        })
      }
    case "ApproveAll":
      return {
        to: change.token.address,
        data: encodeFunctionData({
          abi: ERC1155,
          functionName: "setApprovalForAll",
          args: [hex(change.operator.address), change.approved]
        })
      }
    case "Wrap":
      return {
        to: ONRAMP.address,
        data: encodeFunctionData({
          abi: ONRAMP_ABI,
          functionName: "wrap",
          args: [hex(change.asset.address), hex(wallet), change.amount]
        })
      }
  }
}

/** The contracts that a change deals with. */
export const contractsOf = (change: Change): ReadonlyArray<Contract> => {
  switch (change._tag) {
    case "Approve":
      return [change.token, change.spender]
    case "ApproveAll":
      return [change.token, change.operator]
    case "Wrap":
      return [change.asset, ONRAMP]
  }
}

/** A change in words. */
export const wordsOf = (change: Change): string => {
  switch (change._tag) {
    case "Approve":
      return `${change.amount === 0n ? "taking back" : "approving"} ${change.token.name} ${change.amount === 0n ? "from" : "to"} ${change.spender.name}`
    case "ApproveAll":
      return `${change.approved ? "approving" : "taking back"} ${change.token.name} ${change.approved ? "to" : "from"} ${change.operator.name}`
    case "Wrap":
      return `wrapping ${change.asset.name}`
  }
}
