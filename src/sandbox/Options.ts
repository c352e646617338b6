import type { Usd } from "../domain/Money.ts"
import type { Script } from "./Action.ts"
import type { FaultSpec } from "./Faults.ts"
import type { Rules } from "./House.ts"
import type { Terms } from "./Listing.ts"
import type { Wish } from "./Markets.ts"
import type { SignatureType } from "./Operator.ts"

/** How a sandbox is made; all of it has a default. Times in milliseconds. */
export interface Options extends Partial<Rules> {
  /** 0 (default) takes a free one. */
  readonly port?: number
  /** Added to every answer. */
  readonly latencyMillis?: number
  /** What the operator's wallet holds at first: 10,000 dollars. */
  readonly cash?: Usd
  /** 0 EOA (default), 1 proxy, 2 safe, 3 deposit wallet. */
  readonly signatureType?: SignatureType
  /** In place of the usual markets. */
  readonly markets?: ReadonlyArray<Wish | Terms>
  readonly faults?: ReadonlyArray<FaultSpec>
  /** What is done to it after so many milliseconds. */
  readonly schedule?: Script["schedule"]
  /** Everything that happens is appended to it, a JSON document a line. */
  readonly journalFile?: string
  /** How often books move by the seed; never by default. */
  readonly moveMillis?: number
}

export const RULES: Rules = {
  seed: "sandbox",
  minedMillis: 150,
  confirmedMillis: 150,
  heartbeatMillis: 10_000,
  postOnlyMillis: 120_000,
  clockToleranceSeconds: 60,
  amounts: "human",
  refusals: "http",
  wholeCents: true,
  tellsExpiry: true,
  autoRedeem: false,
  delayFactor: 1
}
