import type * as HttpClient from "@effect/platform/HttpClient"
import * as Client from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type { Reply } from "../../domain/Answer.ts"
import { type DataFault, isFresh } from "../../domain/Book.ts"
import type { Resting } from "../../domain/Match.ts"
import { Shares, Usd } from "../../domain/Money.ts"
import type { Order } from "../../domain/Order.ts"
import { Clob, type ClobOrder } from "../Clob.ts"
import type { Account } from "../clob/Account.ts"
import * as Http from "../Http.ts"
import { MarketData } from "../MarketData.ts"
import { Signer } from "../Signer.ts"
import { type Desk, type Session, Venue } from "../Venue.ts"
import * as LiveSession from "./LiveSession.ts"
import * as Readiness from "./Readiness.ts"
import * as Sealing from "./Sealing.ts"

export interface Options {
  readonly account: Account
  readonly geoblockUrl: string
  readonly patience?: LiveSession.Patience
}

const COLLATERAL = { _tag: "Collateral" } as const
/** How long the venue's clock is waited for before orders are asked about. */
const CLOCK = "1 second"
/** Token balances read at the same time. */
const BALANCES = 8

const restingOf = (order: ClobOrder): Resting => ({
  externalOrderId: order.id,
  conditionId: order.conditionId,
  tokenId: order.tokenId,
  outcome: order.outcome,
  side: order.side,
  price: order.price,
  size: order.size,
  matched: order.matched,
  createdMillis: order.createdMillis
})

const one = (
  orders: ReadonlyArray<Order>,
  send: (order: Order) => ReturnType<ReturnType<typeof LiveSession.make>["place"]>
) =>
  Effect.gen(function* () {
    const news: Array<NonNullable<Reply["news"]>[number]> = []
    for (const order of orders) news.push(...((yield* send(order)).news ?? []))
    return { answers: [], memory: [], news } satisfies Reply
  })

const make = Effect.fnUntraced(function* ({ account, geoblockUrl, patience = LiveSession.PATIENCE }: Options) {
  const clob = yield* Clob
  const signer = yield* Signer
  const data = yield* MarketData
  const client = yield* Client.HttpClient
  const keeper: Readiness.Gatekeeper = {
    clob,
    account,
    geoblockUrl,
    readPublic: Http.reader(client, { source: "geoblock", deadline: "5 seconds" })
  }

  const open = Effect.fn("Venue.Live.open")(function* (desk: Desk) {
    const markets = new Map(desk.markets.map((market) => [market.conditionId, market]))
    const now = yield* Clock.currentTimeMillis
    const books = new Map([...desk.decidedOn].filter(([, book]) => isFresh(book, now)))
    const unseen = desk.markets.filter((market) => !books.has(market.conditionId))
    const [found] = yield* Effect.all(
      [
        // Books are for marks alone: where there are none, orders are still looked after.
        unseen.length === 0 ? Effect.succeed(undefined) : Effect.option(data.books(unseen)),
        // What is signed carries the venue's time. A venue that does not tell it is asked all the same: seconds count.
        Effect.timeoutOption(Effect.ignore(clob.clockOffset), CLOCK)
      ],
      { concurrency: 2 }
    )
    const faults: Array<DataFault> = []
    if (found?._tag === "Some") {
      for (const [id, book] of found.value) {
        if (Either.isRight(book)) books.set(id, book.right)
        else faults.push(book.left)
      }
    }
    const session = LiveSession.make({ account, clob, markets, patience })
    return {
      batch: 1,
      announces: true,
      place: (orders) => one(orders, session.place),
      again: session.again,
      refresh: session.refresh,
      cancel: session.cancel,
      faults,
      books
    } satisfies Session
  })

  return Venue.of({
    isReal: () => true,
    wallet: () => Effect.succeed(account.wallet),
    open,
    check: (_, wishes) => Readiness.check(keeper, wishes),
    seal: (_, orders, markets) => Effect.forEach(orders, (order) => Sealing.seal(signer, account, order, markets)),
    statement: Effect.fn("Venue.Live.statement")(function* (_, { fresh, tokens, tradesAfterMillis }) {
      yield* clob.clockOffset
      const shares = fresh === "all" ? tokens.map((token) => ({ _tag: "Token", ...token }) as const) : []
      const stale = fresh === undefined ? [] : [COLLATERAL, ...shares]
      yield* Effect.forEach(stale, (asset) => Effect.ignore(clob.refreshBalance(asset)), { discard: true })
      const [cash, resting, matches, held] = yield* Effect.all(
        [
          clob.balance(COLLATERAL),
          clob.openOrders,
          clob.trades(
            tradesAfterMillis === undefined ? {} : { afterSeconds: Math.max(0, Math.floor(tradesAfterMillis / 1000)) }
          ),
          Effect.forEach(
            tokens,
            ({ tokenId, version }) =>
              Effect.map(
                clob.balance({ _tag: "Token", tokenId, version }),
                ({ balance }) => [tokenId, Shares(balance)] as const
              ),
            { concurrency: BALANCES }
          )
        ],
        { concurrency: "unbounded" }
      ).pipe(Effect.mapError(Readiness.credentialsOr))
      return {
        wallet: account.wallet,
        cash: Usd(cash.balance),
        holdings: new Map(held),
        resting: resting.map(restingOf),
        matches
      }
    }),
    sweep: Effect.fn("Venue.Live.sweep")(function* (_, ids) {
      if (ids !== "all" && ids.length === 0) return { cancelled: [], resting: (yield* clob.openOrders).map(restingOf) }
      const answer = ids === "all" ? yield* clob.cancelAll : yield* clob.cancel(ids)
      return { cancelled: answer.cancelled, resting: (yield* clob.openOrders).map(restingOf) }
    })
  })
})

/** The venue itself: signed orders to the CLOB. */
export const layer = (
  options: Options
): Layer.Layer<Venue, never, Clob | Signer | MarketData | HttpClient.HttpClient> => Layer.effect(Venue, make(options))
