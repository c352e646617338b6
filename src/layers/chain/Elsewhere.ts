import * as Effect from "effect/Effect"
import { ONRAMP } from "../../polymarket/Approvals.ts"
import { type Change, UNLIMITED } from "../../polymarket/Permissions.ts"
import { type Wallet, WalletUnfit } from "../Chain.ts"
import type { Sender } from "./Sender.ts"

const amountOf = (amount: bigint) => (amount === UNLIMITED ? "2^256 - 1" : `${amount}`)

/** A change as somebody would make it by hand: which contract, which function, with what. */
const byHand = (change: Change, wallet: string): string => {
  switch (change._tag) {
    case "Approve":
      return `${change.token.name} ${change.token.address}: approve(${change.spender.address}, ${amountOf(change.amount)}) for ${change.spender.name}`
    case "ApproveAll":
      return `${change.token.name} ${change.token.address}: setApprovalForAll(${change.operator.address}, ${change.approved}) for ${change.operator.name}`
    case "Wrap":
      return `${ONRAMP.name} ${ONRAMP.address}: wrap(${change.asset.address}, ${wallet}, ${change.amount})`
  }
}

/** A wallet that takes its calls from elsewhere: nothing is ever sent for it, what has to be called is told instead. */
export const make = (wallet: Wallet, why: string): Sender => ({
  settle: Effect.succeed(false),
  change: (changes) =>
    changes.length === 0
      ? Effect.succeed([])
      : Effect.fail(
          new WalletUnfit({
            message: `${why}; nothing was sent. To be called from ${wallet.address}:`,
            instead: changes.map((change) => byHand(change, wallet.address))
          })
        )
})
