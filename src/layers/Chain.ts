import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { InvalidInput, VenueUnavailable } from "../domain/Failure.ts"
import type { Change, Grant, Standing } from "../polymarket/Permissions.ts"

/** Who trades: the address that holds the funds, and the one whose key signs for it (the same for type 0). EIP-55. */
export interface Wallet {
  readonly address: string
  readonly signer: string
  /** 0 EOA, 1 proxy, 2 safe, 3 deposit wallet. */
  readonly signatureType: number
}

/** What stands at an address: nothing, a contract, or an account that lends itself to a contract's code (EIP-7702). */
export type Code = "none" | "contract" | "delegated"

/** What a wallet has, in base units: 6 decimals, POL 18. POL is the signer's: it pays for transactions. */
export interface Holdings {
  readonly code: Code
  readonly pusd: bigint
  readonly usdc: bigint
  readonly usdce: bigint
  readonly pol: bigint
}

/** A change that is in a block. */
export interface Done {
  readonly change: Change
  /** Hash of the transaction that brought it. */
  readonly transaction: string
}

/** The chain, or the relayer before it, gave no usable answer in time. Nothing was sent. */
export class ChainUnreachable extends Schema.TaggedError<ChainUnreachable>()("ChainUnreachable", {
  message: Schema.String
}) {}

/** The address leads to another chain. Nothing was sent. */
export class WrongChain extends Schema.TaggedError<WrongChain>()("WrongChain", {
  expected: Schema.Number,
  found: Schema.Number
}) {
  override get message() {
    return `POLYGON_RPC_URL leads to chain ${this.found}, not to ${this.expected}; nothing was sent`
  }
}

/** The wallet cannot make this change from here, or not as it is configured. Nothing was sent. */
export class WalletUnfit extends Schema.TaggedError<WalletUnfit>()("WalletUnfit", {
  message: Schema.String,
  /** What to do instead, a line each. */
  instead: Schema.Array(Schema.String)
}) {}

/** The node or the relayer said no to a change, or earlier changes of this wallet are still on their way: it was not made. */
export class ChainRefused extends Schema.TaggedError<ChainRefused>()("ChainRefused", { message: Schema.String }) {}

/** A contract said no: in a trial, then nothing was sent, or in a block, then `transaction` tells in which. */
export class Reverted extends Schema.TaggedError<Reverted>()("Reverted", {
  message: Schema.String,
  transaction: Schema.optional(Schema.String)
}) {}

/** It was sent, and nobody knows yet what became of it: run the command again, which looks before it sends. */
export class Unsettled extends Schema.TaggedError<Unsettled>()("Unsettled", { message: Schema.String }) {}

export type ChainFailure = ChainUnreachable | WrongChain | WalletUnfit | ChainRefused | Reverted | Unsettled

/** A failure of the chain in the words of commands: what the operator must mend is bad input, the rest the venue's. */
export const failureOf = (failure: ChainFailure): InvalidInput | VenueUnavailable => {
  switch (failure._tag) {
    case "WrongChain":
      return new InvalidInput({ code: "wrong_chain", message: failure.message, issues: [] })
    case "WalletUnfit":
      return new InvalidInput({
        code: "wallet_unfit",
        message: failure.message,
        issues: failure.instead.map((message) => ({ path: "", message }))
      })
    default:
      return new VenueUnavailable({ message: failure.message })
  }
}

/**
 * Polygon, as this wallet sees it. Every question has a deadline. No failure holds a key, or more of the node's
 * address than its host. The chain's id is asked before anything else and never inferred.
 */
export class Chain extends Context.Tag("betteroms/layers/Chain")<
  Chain,
  {
    readonly wallet: Wallet
    readonly holdings: Effect.Effect<Holdings, ChainFailure>
    /** The wallet's permissions as they are now, in the order in which they were asked for. */
    readonly standings: <A extends Grant>(
      grants: ReadonlyArray<A>
    ) => Effect.Effect<ReadonlyArray<Standing<A>>, ChainFailure>
    /**
     * Lets earlier transactions of this wallet come into a block; true when there were any, false when none was on its
     * way. Ask before deciding what to change: so an interrupted run is never doubled.
     */
    readonly settle: Effect.Effect<boolean, ChainFailure>
    /**
     * Makes changes in their order and waits until they are in a block. The first failure ends it; what came before
     * stays and has been told. An own account (type 0) sends one transaction each, a deposit wallet (type 3) all in one
     * batch.
     */
    readonly change: (
      changes: ReadonlyArray<Change>,
      told: (done: Done) => Effect.Effect<void>
    ) => Effect.Effect<ReadonlyArray<Done>, ChainFailure>
  }
>() {}
