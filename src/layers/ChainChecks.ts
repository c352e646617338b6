import * as Money from "../domain/Money.ts"
import type { Approval } from "../polymarket/Approvals.ts"
import { type Standing, UNLIMITED } from "../polymarket/Permissions.ts"
import type { Holdings, Wallet } from "./Chain.ts"

/** One thing of the chain that was checked; what is not `needed` may be absent. */
export interface ChainCheck {
  readonly check: string
  readonly ok: boolean
  readonly needed: boolean
  readonly detail: string
}

/** An amount of a token of 6 decimals, or `unlimited`. */
export const amountText = (amount: bigint): string => (amount === UNLIMITED ? "unlimited" : Money.format(amount))

/** An amount of POL (18 decimals), cut after six. */
export const polText = (wei: bigint): string => Money.format(wei / 1_000_000_000_000n)

const accountCheck = ({ code }: Holdings, { address, signatureType }: Wallet): ChainCheck => {
  const check = "Wallet"
  const say = (ok: boolean, detail: string): ChainCheck => ({ check, ok, needed: true, detail })
  if (signatureType === 0) {
    if (code === "none") return say(true, `${address}, the key's own account`)
    return code === "delegated"
      ? say(
          false,
          `${address} lends itself to a contract (EIP-7702, code 0xef0100...): the venue is known to refuse orders of such accounts; use a deposit wallet (type 3) or a fresh key`
        )
      : say(false, `${address} is a contract: POLYMARKET_SIGNATURE_TYPE must be 1, 2 or 3`)
  }
  return code === "contract"
    ? say(true, `${address}, a contract of type ${signatureType}`)
    : say(
        false,
        `no wallet stands at ${address}: POLYMARKET_FUNDER is the address in the profile menu of the venue's site`
      )
}

/** What the wallet is and holds. Gas matters only to a wallet that sends its own transactions. */
export const walletChecks = (holdings: Holdings, wallet: Wallet): ReadonlyArray<ChainCheck> => {
  const { pol, pusd, usdc, usdce } = holdings
  const wrappable = usdc + usdce
  const [asset, amount] = usdce >= usdc ? (["usdc.e", usdce] as const) : (["usdc", usdc] as const)
  const hint = wrappable > 0n ? `; to wrap: betteroms wrap ${Money.format(amount)} --from ${asset}` : ""
  return [
    accountCheck(holdings, wallet),
    {
      check: "pUSD",
      ok: pusd > 0n,
      needed: false,
      detail: `${Money.format(pusd)} pUSD, ${Money.format(usdc)} USDC, ${Money.format(usdce)} USDC.e${hint}`
    },
    ...(wallet.signatureType === 0
      ? [
          {
            check: "POL for gas",
            ok: pol > 0n,
            needed: false,
            detail: `${polText(pol)} POL; approvals and wrapping cost some, orders cost none`
          }
        ]
      : [])
  ]
}

/** How to mend a permission that is missing. */
export const fixOf = ({ spender }: Pick<Approval, "spender">): string =>
  `betteroms allowances set --only ${spender.name}`

/**
 * Each permission as a check. `atLeast` (micro-dollars) is what an allowance must still reach for what is planned; without
 * it any allowance will do. Orders need those of `trade`; the others are told.
 */
export const approvalChecks = (standings: ReadonlyArray<Standing<Approval>>, atLeast = 1n): ReadonlyArray<ChainCheck> =>
  standings.map(({ allowed, approval }) => {
    const { kind, need, purpose, spender, token } = approval
    const ok = kind === "erc20" ? allowed >= atLeast : allowed > 0n
    const found =
      kind === "erc20" ? `${amountText(allowed)} ${token.name} allowed` : allowed > 0n ? "allowed" : "not allowed"
    return {
      check: `${token.name} to ${spender.name}`,
      ok,
      needed: need === "trade",
      detail: ok ? `${found}: ${purpose}` : `${found}: ${purpose}; ${fixOf(approval)}`
    }
  })
