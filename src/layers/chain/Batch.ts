import { hashTypedData } from "viem/utils"
import { DEPOSIT_WALLET_FACTORY } from "../../polymarket/Approvals.ts"
import { type Call, hex } from "./Abi.ts"

/** Calls that a deposit wallet makes together, or not at all. */
export interface Batch {
  readonly wallet: string
  /** How many batches the wallet has made before: each number is good for one, which rules out a double. */
  readonly nonce: bigint
  /** Unix seconds; the wallet refuses it afterwards. */
  readonly deadline: bigint
  readonly calls: ReadonlyArray<Call>
}

const TYPES = {
  Batch: [
    { name: "wallet", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
    { name: "calls", type: "Call[]" }
  ],
  Call: [
    { name: "target", type: "address" },
    { name: "value", type: "uint256" },
    { name: "data", type: "bytes" }
  ]
} as const

/** What the owner's key signs, plainly (65 bytes), under the wallet's own domain. DOC `trading/deposit-wallets`. */
export const digestOf = (batch: Batch, chainId: number): Uint8Array =>
  Buffer.from(
    hashTypedData({
      domain: { name: "DepositWallet", version: "1", chainId, verifyingContract: hex(batch.wallet) },
      types: TYPES,
      primaryType: "Batch",
      message: {
        wallet: hex(batch.wallet),
        nonce: batch.nonce,
        deadline: batch.deadline,
        calls: batch.calls.map(({ data, to }) => ({ target: hex(to), value: 0n, data }))
      }
    }).slice(2),
    "hex"
  )

/** The body of the relayer's `POST /submit` (DOC, and the venue's relayer client). */
export const submission = (batch: Batch, owner: string, signature: Uint8Array): string =>
  JSON.stringify({
    type: "WALLET",
    from: owner,
    to: DEPOSIT_WALLET_FACTORY.address,
    nonce: `${batch.nonce}`,
    signature: hex(Buffer.from(signature).toString("hex")),
    depositWalletParams: {
      depositWallet: batch.wallet,
      deadline: `${batch.deadline}`,
      calls: batch.calls.map(({ data, to }) => ({ target: to, value: "0", data }))
    }
  })
