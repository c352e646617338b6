import { type Approval, type Contract, ONRAMP } from "./Approvals.ts"

/** What an ERC-20 takes for "without limit", and an ERC-1155 permission counts as. */
export const UNLIMITED = 2n ** 256n - 1n

/** A permission as the chain has it. */
export interface Standing<A extends Grant = Grant> {
  readonly approval: A
  /** Base units of the token; 0 or UNLIMITED for ERC-1155. */
  readonly allowed: bigint
}

/** What is permitted to whom. */
export type Grant = Pick<Approval, "token" | "spender" | "kind">

/** A change on the chain. `amount` is in base units; 0 takes an allowance back. */
export type Change =
  | { readonly _tag: "Approve"; readonly token: Contract; readonly spender: Contract; readonly amount: bigint }
  | { readonly _tag: "ApproveAll"; readonly token: Contract; readonly operator: Contract; readonly approved: boolean }
  | { readonly _tag: "Wrap"; readonly asset: Contract; readonly amount: bigint }

/** A permission that is to change, and how. */
export interface Step {
  readonly approval: Approval
  readonly from: bigint
  readonly to: bigint
  readonly change: Change
}

const changeOf = ({ kind, spender, token }: Grant, amount: bigint): Change =>
  kind === "erc20"
    ? { _tag: "Approve", token, spender, amount }
    : { _tag: "ApproveAll", token, operator: spender, approved: amount > 0n }

const stepTo =
  (amount: bigint) =>
  ({ allowed, approval }: Standing<Approval>): Step => ({
    approval,
    from: allowed,
    to: approval.kind === "erc20" || amount === 0n ? amount : UNLIMITED,
    change: changeOf(approval, amount)
  })

/**
 * What must change for every permission to reach `amount` (base units; ERC-1155 knows only all or nothing). One that
 * reaches as far or farther stays as it is, so that the same wish twice changes nothing the second time.
 */
export const granting = (standings: ReadonlyArray<Standing<Approval>>, amount: bigint): ReadonlyArray<Step> =>
  standings
    .filter(({ allowed, approval }) => (approval.kind === "erc20" ? allowed < amount : allowed === 0n))
    .map(stepTo(amount))

/** What must change for none of them to be left. */
export const revoking = (standings: ReadonlyArray<Standing<Approval>>): ReadonlyArray<Step> =>
  standings.filter(({ allowed }) => allowed > 0n).map(stepTo(0n))

/** What the onramp must be permitted before it can take an asset. */
export const onrampGrant = (asset: Contract): Grant => ({ token: asset, spender: ONRAMP, kind: "erc20" })

/** Wraps `amount` of an asset into pUSD, and permits the onramp that very amount first where less is permitted. */
export const wrapping = (asset: Contract, amount: bigint, permitted: bigint): ReadonlyArray<Change> => [
  ...(permitted < amount ? [changeOf(onrampGrant(asset), amount)] : []),
  { _tag: "Wrap", asset, amount }
]
