import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { VenueUnavailable } from "../domain/Failure.ts"
import type { ConditionId } from "../domain/Market.ts"
import type { Match } from "../domain/Match.ts"
import type { Price, Shares } from "../domain/Money.ts"
import type { Side } from "../domain/Order.ts"
import type { VenueError } from "../polymarket/Errors.ts"
import type { VenueMode } from "../polymarket/Modes.ts"

/** An order as the CLOB tells it, to whom it belongs. */
export interface ClobOrder {
  readonly id: string
  /** Without the prefix of older answers: LIVE, MATCHED, CANCELED, CANCELED_MARKET_RESOLVED, INVALID. */
  readonly status: string
  readonly conditionId: ConditionId
  readonly tokenId: string
  readonly outcome: string
  readonly side: Side
  readonly price: Price
  readonly size: Shares
  /** Shares matched so far; those of trades that failed later are not taken off. */
  readonly matched: Shares
  readonly tradeIds: ReadonlyArray<string>
  readonly createdMillis: number | undefined
}

/** What came of a post. Only `Refused` and `Accepted` are definite. */
export type Posted =
  | {
      readonly _tag: "Accepted"
      readonly orderId: string
      readonly status: "live" | "matched" | "delayed" | "unmatched"
      readonly tradeIds: ReadonlyArray<string>
    }
  | { readonly _tag: "Refused"; readonly error: VenueError; readonly text: string }
  | { readonly _tag: "Unknown"; readonly error: VenueError | undefined; readonly text: string }

/** What came of a cancel, id by id; a 200 alone says nothing. */
export interface Cancelled {
  readonly cancelled: ReadonlyArray<string>
  readonly kept: ReadonlyMap<string, string>
}

/** Something the account can hold: dollars, or shares of one token under one protocol. */
export type Asset =
  | { readonly _tag: "Collateral" }
  | { readonly _tag: "Token"; readonly tokenId: string; readonly version: "v1" | "v2" }

/** The CLOB's own view of a balance, in micro-units, and what each spender may move of it. */
export interface Balance {
  readonly balance: bigint
  /** By the spender's address, lower case. */
  readonly allowances: ReadonlyMap<string, bigint>
}

export interface TradeFilter {
  readonly tradeId?: string | undefined
  readonly conditionId?: ConditionId | undefined
  /** Epoch seconds. */
  readonly afterSeconds?: number | undefined
}

type Asked<A> = Effect.Effect<A, VenueUnavailable>

/** The order side of the venue's CLOB, as one account. Every call has a deadline; reads are tried again, posts never are. */
export class Clob extends Context.Tag("betteroms/layers/Clob")<
  Clob,
  {
    /** The address that signs, and the wallet that holds the funds; lower case. */
    readonly signer: string
    readonly wallet: string
    /** The venue's clock less ours, in milliseconds; 0 while they agree to the second. Measured once a minute. */
    readonly clockOffset: Asked<number>
    /** The order version the CLOB takes. */
    readonly version: Asked<number>
    /** What the matching engine takes, as far as its answers have told. */
    readonly mode: Effect.Effect<VenueMode>
    /** Posts one order, once. Fails only when nothing was sent. */
    readonly post: (body: string, order: { readonly postOnly: boolean }) => Asked<Posted>
    /** Posts up to 15 orders at once; an answer for each, in their order. */
    readonly postMany: (bodies: ReadonlyArray<string>) => Asked<ReadonlyArray<Posted>>
    readonly cancel: (ids: ReadonlyArray<string>) => Asked<Cancelled>
    readonly cancelAll: Asked<Cancelled>
    readonly cancelMarket: (conditionId: ConditionId) => Asked<Cancelled>
    /** Any order of this account, whatever became of it. */
    readonly order: (id: string) => Asked<Option.Option<ClobOrder>>
    readonly openOrders: Asked<ReadonlyArray<ClobOrder>>
    /** Oldest first. */
    readonly trades: (filter: TradeFilter) => Asked<ReadonlyArray<Match>>
    readonly balance: (asset: Asset) => Asked<Balance>
    /** Makes the CLOB read the chain again. */
    readonly refreshBalance: (asset: Asset) => Asked<void>
    /** Whether the account may only close positions. */
    readonly closedOnly: Asked<boolean>
    /** The API keys of the signer: a signed question that only the right credentials can ask. */
    readonly apiKeys: Asked<ReadonlyArray<string>>
    /** One beat of the dead-man switch, which is armed by the first; returns the id for the next. */
    readonly beat: (id: string) => Asked<string>
  }
>() {}
