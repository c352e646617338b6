import * as Either from "effect/Either"
import { format } from "../domain/Money.ts"
import * as Admission from "./Admission.ts"
import { type Answer, ok, refused } from "./Answer.ts"
import * as Engine from "./Engine.ts"
import { type FaultSpec, has } from "./Faults.ts"
import { type House, later } from "./House.ts"
import * as Journal from "./Journal.ts"
import type { ApiKey } from "./Keys.ts"
import * as Matching from "./Matching.ts"
import * as PostedOrder from "./PostedOrder.ts"
import { notionalOf, sharesOf, type Trade } from "./Trade.ts"
import type { VenueOrder } from "./VenueOrder.ts"

interface Accepted {
  readonly order: VenueOrder
  readonly status: "live" | "matched" | "delayed"
  readonly trades: ReadonlyArray<Trade>
}

interface Refused {
  readonly id: string | undefined
  readonly answer: Answer
}

const KILLED = {
  FOK: "order couldn't be fully filled. FOK orders are fully filled or killed.",
  FAK: "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
} as const

const admitted = (house: House, key: ApiKey, posted: PostedOrder.PostedOrder, now: number) => {
  let id: string | undefined
  const checked = Either.gen(function* () {
    const { account } = key
    if (account.banned) return yield* Either.left(refused(400, `'${account.address}' address banned`))
    if (account.closedOnly && posted.struct.side === "BUY") {
      return yield* Either.left(refused(400, `'${account.address}' address in closed only mode`))
    }
    if (posted.owner !== key.id) {
      return yield* Either.left(refused(400, "the order owner has to be the owner of the API KEY"))
    }
    const instrument = house.instruments.get(String(posted.struct.tokenId))
    if (instrument === undefined) return yield* Either.left(refused(400, "Invalid order payload"))
    const { listing } = instrument
    const wallet = yield* Admission.walletOf(account, posted)
    id = yield* Admission.signed(account, listing, posted)
    if (house.orders.has(id)) return yield* Either.left(refused(400, `order ${id} is invalid. Duplicated.`))
    if (!listing.accepting) {
      return yield* Either.left(refused(400, "the market is not yet ready to process new orders"))
    }
    const market = posted.type === "FOK" || posted.type === "FAK"
    if (market && posted.postOnly) return yield* Either.left(refused(400, "Invalid order payload"))
    yield* Admission.lifetime(posted, now)
    const price = yield* Admission.priced(listing, posted, id)
    const order = Admission.orderOf(posted, key, wallet, instrument, id, price, now)
    const walked = Matching.walk(order)
    yield* Admission.marketable(house, order, walked, posted.struct.makerAmount)
    const needed = Admission.needed(order, walked)
    yield* Admission.funded(order, needed)
    const delayed = listing.takerDelayMillis * house.rules.delayFactor > 0 && walked.shares > 0
    if (!delayed && order.type === "FOK" && !walked.whole) return yield* Either.left(refused(400, KILLED.FOK))
    if (!delayed && order.type === "FAK" && walked.shares === 0) return yield* Either.left(refused(400, KILLED.FAK))
    return { order, walked, needed, delayed }
  })
  return Either.mapLeft(checked, (answer): Refused => ({ id, answer }))
}

const words = ({ answer }: Refused): string => {
  const { body } = answer
  return typeof body === "object" && body !== null && "error" in body ? String(body.error) : String(body)
}

/** Takes an order in, or says why not. Whatever it does stands in the journal. */
const enter = (
  house: House,
  key: ApiKey,
  posted: PostedOrder.PostedOrder,
  body: string,
  now: number
): Either.Either<Accepted, Refused> =>
  Either.match(admitted(house, key, posted, now), {
    onLeft: (refusal) => {
      const error = words(refusal)
      Journal.enter(
        house.journal,
        now,
        refusal.id !== undefined && house.orders.has(refusal.id)
          ? { kind: "duplicate", id: refusal.id, body }
          : { kind: "refused", id: refusal.id, error, body }
      )
      return Either.left(refusal)
    },
    onRight: ({ delayed, needed, order, walked }) => {
      house.orders.set(order.id, order)
      house.live.add(order)
      const status = delayed ? "delayed" : walked.shares > 0 ? "matched" : "live"
      Journal.enter(house.journal, now, Journal.accepted(order, status, body))
      if (delayed) {
        order.delayed = true
        Engine.holdAll(order, needed)
        house.ears.order(order, "PLACEMENT", "DELAYED")
        later(house, now, order.listing.takerDelayMillis * house.rules.delayFactor, (at) => {
          if (order.status === "LIVE") Engine.meet(house, order, Matching.walk(order), at)
        })
        return Either.right({ order, status, trades: [] })
      }
      const trades = Engine.meet(house, order, walked, now)
      house.ears.order(order, "PLACEMENT", order.status === "LIVE" ? "LIVE" : "MATCHED")
      return Either.right({ order, status, trades })
    }
  })

const answerOf = (house: House, { order, status, trades }: Accepted, struck: ReadonlyArray<FaultSpec>) => {
  const human =
    has(struck, "baseUnits") === undefined &&
    (has(struck, "humanDecimals") !== undefined || house.rules.amounts === "human")
  const amount = (micro: bigint) => (human ? format(micro) : String(micro))
  const shares = trades.reduce((sum, trade) => sum + sharesOf(trade), 0n)
  const dollars = trades.reduce((sum, trade) => sum + notionalOf(trade), 0n)
  const [making, taking] = order.side === "BUY" ? [dollars, shares] : [shares, dollars]
  const matched = status === "matched"
  return {
    success: true,
    errorMsg: "",
    orderID: order.id,
    status,
    makingAmount: matched ? amount(making) : "",
    takingAmount: matched ? amount(taking) : "",
    ...(status === "live"
      ? {}
      : {
          transactionsHashes: trades.flatMap(({ hash }) => (hash === "" ? [] : [hash])),
          ...(has(struck, "noTradeIds") === undefined ? { tradeIDs: trades.map(({ id }) => id) } : {})
        })
  }
}

const refusalInBody = (errorMsg: string, success: boolean) => ({
  success,
  errorMsg,
  orderID: "",
  status: "",
  makingAmount: "",
  takingAmount: ""
})

/** `POST /order`. */
export const postOrder = (
  house: House,
  key: ApiKey,
  value: unknown,
  body: string,
  struck: ReadonlyArray<FaultSpec>,
  now: number
): Answer => {
  const posted = PostedOrder.read(value)
  if (Either.isLeft(posted)) return refused(400, "Invalid order payload")
  const entered = enter(house, key, posted.right, body, now)
  if (Either.isRight(entered)) return ok(answerOf(house, entered.right, struck))
  const success = has(struck, "successWithError") !== undefined
  const inBody = house.rules.refusals === "body" || success || has(struck, "refusedInBody") !== undefined
  return inBody ? ok(refusalInBody(words(entered.left), success)) : entered.left.answer
}

/** Most orders in one batch (venue: `Too many orders in payload`). */
export const MOST_ORDERS = 15

/** `POST /orders`: each element stands for itself. */
export const postOrders = (
  house: House,
  key: ApiKey,
  value: unknown,
  struck: ReadonlyArray<FaultSpec>,
  now: number
): Answer => {
  if (!Array.isArray(value) || value.length === 0) return refused(400, "Invalid order payload")
  if (value.length > MOST_ORDERS) {
    return refused(400, `Too many orders in payload: ${value.length}, max allowed: ${MOST_ORDERS}`)
  }
  return ok(
    value.map((each: unknown) => {
      const posted = PostedOrder.read(each)
      if (Either.isLeft(posted)) return refusalInBody("Invalid order payload", false)
      const entered = enter(house, key, posted.right, JSON.stringify(each), now)
      return Either.isRight(entered)
        ? answerOf(house, entered.right, struck)
        : refusalInBody(words(entered.left), has(struck, "successWithError") !== undefined)
    })
  )
}
