import * as Either from "effect/Either"
import { format, Price, UNIT } from "../domain/Money.ts"
import { CENT, MIN_TAKER_NOTIONAL } from "../domain/Sizing.ts"
import type { Walked } from "../exchange/Walk.ts"
import { EXCHANGES } from "../polymarket/Contracts.ts"
import { hex, orderHash } from "../polymarket/OrderStruct.ts"
import { signedBy } from "../polymarket/Signature.ts"
import { type Answer, refused } from "./Answer.ts"
import { paidWith } from "./Engine.ts"
import type { House } from "./House.ts"
import type { Account, ApiKey } from "./Keys.ts"
import type { Instrument, Listing } from "./Listing.ts"
import * as Matching from "./Matching.ts"
import type { PostedOrder } from "./PostedOrder.ts"
import type { VenueOrder } from "./VenueOrder.ts"
import * as Wallet from "./Wallet.ts"

type Checked<A> = Either.Either<A, Answer>

const refuse = (text: string, status = 400): Either.Either<never, Answer> => Either.left(refused(status, text))
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
const NOT_SIGNER = "the order signer address has to be the address of the API KEY"
const NOT_MAKER = "maker address not allowed, please use the deposit wallet flow"

/** Whose funds an order moves: its maker must be a wallet of the key's account, of the order's signature type. */
export const walletOf = (account: Account, { struct }: PostedOrder): Checked<Wallet.Wallet> => {
  const { maker, signatureType, signer } = struct
  const wallet = account.wallets.get(signatureType)
  if (signatureType === 3 ? !same(signer, maker) : !same(signer, account.address)) return refuse(NOT_SIGNER)
  if (wallet === undefined || !same(wallet.address, maker)) return refuse(NOT_MAKER)
  return Either.right(wallet)
}

/** The order's id, once its signature has proved to be the account's, for the exchange of its market. */
export const signed = (account: Account, { exchange }: Listing, posted: PostedOrder): Checked<string> => {
  const { signature, struct } = posted
  const by = (at: typeof exchange) => signedBy(at, struct, signature) === account.address
  if (by(exchange)) return Either.right(hex(orderHash(exchange, struct)))
  const meant = Object.values(EXCHANGES).find(by)
  return meant !== undefined && meant.domainVersion !== exchange.domainVersion
    ? refuse("order_version_mismatch")
    : refuse("invalid signature")
}

const decimals = (amount: bigint): number => {
  for (let places = 0; places < 6; places++) if (amount % 10n ** BigInt(6 - places) === 0n) return places
  return 6
}

/** Decimals of prices on a grid: 2 for 0.01, 4 for 0.0025. */
const priceDecimals = (tick: bigint): number => decimals(tick)

const isMarket = ({ type }: PostedOrder): boolean => type === "FOK" || type === "FAK"

const amountFault = (posted: PostedOrder, tick: bigint): string | undefined => {
  const { makerAmount, side, takerAmount } = posted.struct
  const fine = priceDecimals(tick) + 2
  const market = isMarket(posted)
  const most =
    side === "SELL"
      ? { maker: 2, taker: Math.max(fine, 4) }
      : market
        ? { maker: 2, taker: 4 }
        : { maker: fine, taker: 2 }
  if (decimals(makerAmount) <= most.maker && decimals(takerAmount) <= most.taker) return undefined
  const kind = `${market ? "market" : "limit"} ${side === "BUY" ? "buy" : "sell"}`
  return (
    `invalid amounts, the ${kind} orders maker amount supports a max accuracy of ${most.maker} decimals, ` +
    `taker amount a max of ${most.taker} decimals`
  )
}

/**
 * The limit that two amounts come to. A limit order's must be a price exactly. Of a market order the amounts are rounded, so
 * its limit is the price of the grid that is no worse for it.
 */
const limitOf = (posted: PostedOrder, tick: bigint): Price | undefined => {
  const { makerAmount, side, takerAmount } = posted.struct
  const [usd, shares] = side === "BUY" ? [makerAmount, takerAmount] : [takerAmount, makerAmount]
  if (shares === 0n || usd === 0n) return undefined
  if (!isMarket(posted)) return (usd * UNIT) % shares === 0n ? Price((usd * UNIT) / shares) : undefined
  const steps = side === "BUY" ? (usd * UNIT) / (shares * tick) : (usd * UNIT + shares * tick - 1n) / (shares * tick)
  return Price(steps * tick)
}

/** Price and size of an order on its market's grid, or what is wrong with them. */
export const priced = (listing: Listing, posted: PostedOrder, id: string): Checked<Price> => {
  const tick = BigInt(listing.ladder.book.tick)
  const { makerAmount, side, takerAmount } = posted.struct
  const limit = limitOf(posted, tick)
  if (limit === undefined || limit % tick !== 0n || limit < tick || limit > UNIT - tick) {
    const shares = side === "BUY" ? takerAmount : makerAmount
    const usd = side === "BUY" ? makerAmount : takerAmount
    const shown = limit ?? (shares === 0n ? 0n : (usd * UNIT) / shares)
    return refuse(`order ${id} is invalid. Price (${format(shown)}) breaks minimum tick size rule: ${format(tick)}`)
  }
  const fault = amountFault(posted, tick)
  if (fault !== undefined) return refuse(fault)
  const shares = side === "BUY" ? takerAmount : makerAmount
  if (!isMarket(posted) && shares < listing.minSize) {
    return refuse(`order ${id} is invalid. Size (${format(shares)}) lower than the minimum: ${format(listing.minSize)}`)
  }
  return Either.right(limit)
}

/** GTD needs three minutes at least; everything else says 0. */
export const lifetime = (posted: PostedOrder, now: number): Checked<void> => {
  const fits =
    posted.type === "GTD" ? posted.expiration >= BigInt(Math.floor(now / 1000)) + 180n : posted.expiration === 0n
  return fits ? Either.void : refuse("invalid expiration")
}

/** What a new order may find on the book. */
export const marketable = (house: House, order: VenueOrder, walked: Walked, dollars: bigint): Checked<void> => {
  const market = order.type === "FOK" || order.type === "FAK"
  if (order.postOnly && walked.shares > 0) return refuse("invalid post-only order: order crosses book")
  if (order.side === "SELL" || !(market || walked.shares > 0)) return Either.void
  if (dollars < MIN_TAKER_NOTIONAL) {
    return refuse(`invalid amount for a marketable BUY order ($${format(dollars)}), min size: $1`)
  }
  if (!market && house.rules.wholeCents && dollars % CENT !== 0n) {
    return refuse(
      "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, " +
        "taker amount a max of 4 decimals"
    )
  }
  return Either.void
}

/** What of its wallet an order needs at most: dollars with the fee of what it takes at once, or shares. */
export const needed = (order: VenueOrder, walked: Walked): bigint => {
  if (order.side === "SELL") return order.shares
  const { fee, notional } = Matching.reckoned(order, walked)
  if (order.budget !== undefined) return order.budget + fee
  const left = order.shares - BigInt(walked.shares)
  return notional + fee + (order.price * left + UNIT - 1n) / UNIT
}

/** Balance and allowance, as the venue knows them. */
export const funded = (order: VenueOrder, amount: bigint): Checked<void> => {
  const asset = paidWith(order)
  const spender = order.listing.exchange.address
  const allowance = order.wallet.allowances.get(
    `${asset === Wallet.CASH ? asset : "outcomes"}:${spender.toLowerCase()}`
  )
  const balance = Wallet.available(order.wallet, asset)
  const words = "not enough balance / allowance: "
  if (balance < amount) {
    return refuse(`${words}the balance is not enough -> balance: ${balance}, order amount: ${amount}`)
  }
  if (allowance !== undefined && allowance < amount) {
    return refuse(
      `${words}the allowance is not enough -> spender: ${spender}, allowance: ${allowance}, order amount: ${amount}`
    )
  }
  return Either.void
}

/** A posted order as the venue would hold it. */
export const orderOf = (
  posted: PostedOrder,
  key: ApiKey,
  wallet: Wallet.Wallet,
  { listing, outcome }: Instrument,
  id: string,
  price: Price,
  now: number
): VenueOrder => {
  const { makerAmount, side, takerAmount } = posted.struct
  const spends = side === "BUY" && isMarket(posted)
  return {
    id,
    key,
    wallet,
    listing,
    outcome,
    side,
    price,
    shares: side === "BUY" ? takerAmount : makerAmount,
    budget: spends ? makerAmount : undefined,
    type: posted.type,
    postOnly: posted.postOnly,
    expiration: posted.expiration,
    createdMillis: now,
    status: "LIVE",
    delayed: false,
    matched: 0n,
    held: 0n,
    trades: []
  }
}
