import { format } from "../domain/Money.ts"
import type { Trade } from "./Trade.ts"
import { feesOf, notionalOf, sharesOf } from "./Trade.ts"
import type { VenueOrder } from "./VenueOrder.ts"

/** What an order is, in words that a database can be compared with. Decimals are text. */
const orderFields = (order: VenueOrder) => ({
  id: order.id,
  owner: order.key.id,
  maker: order.wallet.address,
  market: order.listing.conditionId,
  token: order.listing.tokens[order.outcome],
  side: order.side,
  price: format(order.price),
  shares: format(order.shares),
  budget: order.budget === undefined ? undefined : format(order.budget),
  type: order.type
})

const tradeFields = (trade: Trade) => ({
  id: trade.id,
  market: trade.listing.conditionId,
  takerOrder: trade.taker?.id ?? trade.stranger?.orderId,
  token: trade.listing.tokens[trade.outcome],
  side: trade.side,
  status: trade.status,
  shares: format(sharesOf(trade)),
  notional: format(notionalOf(trade)),
  fee: format(feesOf(trade)),
  levels: trade.levels.map(({ fee, made, notional, price, shares }) => ({
    price: format(price),
    shares: format(shares),
    notional: format(notional),
    fee: format(fee),
    makers: made.map((each) => ({
      order: each.order?.id ?? each.stranger?.orderId,
      known: each.order !== undefined,
      token: trade.listing.tokens[each.outcome],
      side: each.side,
      price: format(each.price),
      shares: format(each.shares)
    }))
  }))
})

type OrderFields = ReturnType<typeof orderFields>
type TradeFields = ReturnType<typeof tradeFields>

/** One thing that happened at the venue, as the venue itself knows it. */
export type Entry =
  | { readonly kind: "accepted"; readonly order: OrderFields; readonly status: string; readonly body: string }
  | { readonly kind: "refused"; readonly id: string | undefined; readonly error: string; readonly body: string }
  | { readonly kind: "duplicate"; readonly id: string; readonly body: string }
  | { readonly kind: "matched"; readonly trade: TradeFields }
  | { readonly kind: "trade"; readonly id: string; readonly status: string; readonly error: string | undefined }
  | { readonly kind: "cancelled"; readonly id: string; readonly why: string; readonly matched: string }
  | {
      readonly kind: "balance"
      readonly wallet: string
      readonly asset: string
      readonly change: string
      readonly balance: string
      readonly why: string
    }
  | { readonly kind: "resolved"; readonly market: string; readonly payouts: ReadonlyArray<string> }
  | { readonly kind: "tick"; readonly market: string; readonly tick: string }
  | { readonly kind: "mode"; readonly mode: string }
  | { readonly kind: "fault"; readonly op: string; readonly fault: string }

export type Entered = Entry & { readonly seq: number; readonly at: number }

export interface Journal {
  readonly entries: Array<Entered>
  /** Told of every entry as it is made. */
  readonly listeners: Set<(entry: Entered) => void>
  seq: number
}

/** More is not kept: the oldest entries go, and `seq` shows it. */
const MOST = 2_000_000

export const make = (): Journal => ({ entries: [], listeners: new Set(), seq: 0 })

export const enter = (journal: Journal, at: number, entry: Entry): void => {
  const entered: Entered = { seq: journal.seq++, at, ...entry }
  journal.entries.push(entered)
  if (journal.entries.length > MOST) journal.entries.splice(0, MOST / 2)
  for (const listener of journal.listeners) listener(entered)
}

export const accepted = (order: VenueOrder, status: string, body: string): Entry => ({
  kind: "accepted",
  order: orderFields(order),
  status,
  body
})
export const matched = (trade: Trade): Entry => ({ kind: "matched", trade: tradeFields(trade) })
