import { format } from "../domain/Money.ts"
import type { House } from "./House.ts"
import { orderRecord } from "./OrderRecord.ts"
import { feesOf, notionalOf, sharesOf } from "./Trade.ts"

const amounts = (of: ReadonlyMap<string, bigint>): Readonly<Record<string, string>> =>
  Object.fromEntries([...of].filter(([, amount]) => amount !== 0n).map(([asset, amount]) => [asset, format(amount)]))

/** Everything that can be compared with what somebody else believes: balances, orders, trades. Decimals are text. */
export const stateOf = (house: House) => ({
  mode: house.mode,
  wallets: [...house.accounts.values()].flatMap(({ address, wallets }) =>
    [...wallets.values()].map((wallet) => ({
      address: wallet.address,
      account: address,
      signatureType: wallet.signatureType,
      chain: amounts(wallet.chain),
      cached: amounts(wallet.cached),
      held: amounts(wallet.held),
      committed: amounts(wallet.committed)
    }))
  ),
  nobody: amounts(house.nobody),
  orders: [...house.orders.values()].map(orderRecord),
  trades: [...house.trades.values()].map((trade) => ({
    id: trade.id,
    takerOrder: trade.taker?.id ?? trade.stranger?.orderId ?? "",
    status: trade.status,
    side: trade.side,
    token: trade.listing.tokens[trade.outcome],
    shares: format(sharesOf(trade)),
    notional: format(notionalOf(trade)),
    fee: format(feesOf(trade)),
    makers: trade.levels.flatMap(({ made }) =>
      made.map((each) => ({
        order: each.order?.id ?? each.stranger?.orderId ?? "",
        shares: format(each.shares),
        price: format(each.price)
      }))
    )
  })),
  markets: [...house.listings.values()].map((listing) => ({
    id: listing.gammaId,
    slug: listing.slug,
    conditionId: listing.conditionId,
    tokens: listing.tokens,
    outcomes: listing.outcomes,
    version: listing.version,
    negRisk: listing.negRisk,
    tick: format(BigInt(listing.ladder.book.tick)),
    feeRate: format(listing.fees.rate),
    resolved: listing.payouts !== undefined
  }))
})

export type State = ReturnType<typeof stateOf>
