import * as Brand from "effect/Brand"
import * as Either from "effect/Either"
import type { BookSnapshot } from "../domain/Book.ts"
import { uuidOf } from "../domain/Identity.ts"
import { type Market, type OutcomeIndex, outcomeIndex } from "../domain/Market.ts"
import { complement, type Price, ZERO_USD } from "../domain/Money.ts"
import type { Order, OrderState } from "../domain/Order.ts"
import type { Instruction, Plan } from "../domain/Plan.ts"
import { notionalAt } from "../domain/Reserve.ts"
import { type FeeBound, type Sized, size } from "../domain/Sizing.ts"
import { worstFee } from "../exchange/Fees.ts"
import * as Account from "./Account.ts"
import type { Facts } from "./Facts.ts"
import { isMarketable, type OwnQuotes, ownQuotes, quoteOf } from "./Quotes.ts"
import { type Reason, type Refusal, refusal } from "./Reasons.ts"
import * as Rules from "./Rules.ts"

/** An order that has passed every rule. Made here alone, and nothing else may be sent. */
export type Approved = Order & Brand.Brand<"Approved">
const approve = Brand.nominal<Approved>()

/** An order that passed every rule when it was journalled and has not been sent since: its proof is the journal. */
export const journalled = (order: Order): Approved => approve(order)

/** What became of one instruction: an order to place, or every reason against it. */
export interface Decision {
  /** Its place in the plan, from 0. */
  readonly instruction: number
  readonly outcome: Either.Either<Approved, Refusal>
}

/** What the decisions so far have spoken for. */
interface Standing {
  readonly account: Account.Account
  readonly own: OwnQuotes
}

/** The instruction whose turn it is, and for which time. */
interface Turn {
  readonly index: number
  readonly attempt: number
}

const bookOf = (market: Market, facts: Facts): Either.Either<BookSnapshot, string> => {
  const found = facts.books.get(market.conditionId)
  return found === undefined ? Either.left("no book was found") : Either.mapLeft(found, (fault) => fault.reason)
}

const marketFaults = (plan: Plan, market: Market, book: Either.Either<BookSnapshot, string>): ReadonlyArray<Reason> => {
  const closed =
    market.closedBecause ??
    (market.payouts !== undefined
      ? "it is resolved"
      : plan.mode === "live" && market.source !== "live"
        ? `it comes from ${market.source}, and the plan is live`
        : undefined)
  const reasons: Array<Reason> = []
  if (closed !== undefined) reasons.push({ code: "MARKET_NOT_TRADEABLE", message: closed })
  else if (Either.isLeft(book)) reasons.push({ code: "BOOK_UNUSABLE", message: book.left })
  if (market.fees === undefined)
    reasons.push({
      code: "FEE_UNKNOWN",
      message: "the market's source does not say what fee it takes; of a tape --market-info does"
    })
  return reasons
}

/** A SELL at or above its limit costs in fees what a BUY of the other outcome at or below 1 less it does. */
const feeBound = ({ fees }: Market, { price, side }: Instruction, tick: Price): FeeBound => {
  if (fees === undefined) return () => ZERO_USD
  const limit = side === "BUY" ? price : complement(price)
  return (quantity) => worstFee(fees, limit, quantity, tick)
}

const orderOf = (
  plan: Plan,
  facts: Facts,
  { attempt, index }: Turn,
  instruction: Instruction,
  market: Market,
  outcome: OutcomeIndex,
  sized: Sized
): Order => {
  return {
    id: uuidOf("order", plan.mode, plan.planId, `${index}`, `${attempt}`),
    planId: plan.planId,
    instruction: index,
    attempt,
    mode: plan.mode,
    marketId: market.marketId,
    conditionId: market.conditionId,
    tokenId: market.tokenIds[outcome],
    outcomeIndex: outcome,
    outcome: market.outcomes[outcome],
    side: instruction.side,
    price: instruction.price,
    quantity: sized.quantity,
    size: instruction.size,
    sizeUnit: instruction.sizeUnit,
    feesInclusive: instruction.feesInclusive,
    timeInForce: instruction.timeInForce,
    postOnly: instruction.postOnly,
    worstFee: sized.worstFee,
    placedMillis: facts.nowMillis,
    cancelAfterMillis:
      instruction.lifetimeSeconds === undefined ? undefined : facts.nowMillis + instruction.lifetimeSeconds * 1000,
    notes: instruction.notes
  }
}

/** The order an instruction would become in its market, or the reasons against it. */
const judge = (
  plan: Plan,
  facts: Facts,
  { account, own }: Standing,
  turn: Turn,
  written: Instruction,
  market: Market
): Either.Either<Order, ReadonlyArray<Reason>> => {
  const book = bookOf(market, facts)
  const reasons: Array<Reason> = [...marketFaults(plan, market, book)]
  const wide = Either.isRight(book) ? Rules.spreadFault(plan.limits, book.right) : undefined
  if (wide !== undefined) reasons.push(wide)
  const outcome = outcomeIndex(market.outcomes, written.outcome)
  if (outcome === undefined)
    reasons.push({
      code: "OUTCOME_UNKNOWN",
      message: `no outcome "${written.outcome}"; the market has "${market.outcomes[0]}" and "${market.outcomes[1]}"`
    })
  // The book's tick is the newer one: a market's tick gets finer while it trades.
  const tick = Either.isRight(book) ? book.right.tick : market.tick
  const fault = Rules.priceFault(written.price, tick)
  if (fault !== undefined) reasons.push(fault)
  const limit = Rules.judgedPrice(written.side, written.price, tick)
  if (limit === undefined || outcome === undefined) {
    reasons.push(...Rules.limitFaults(plan.limits, account, undefined))
    return Either.left(reasons)
  }

  const instruction = limit === written.price ? written : { ...written, price: limit }
  const quote = quoteOf({ side: instruction.side, outcomeIndex: outcome, price: limit })
  const marketable = Either.isRight(book) && isMarketable(quote, book.right, facts.ours?.get(market.conditionId))
  const bound = feeBound(market, instruction, tick)
  const sized = size(instruction, marketable, bound)
  if (Either.isLeft(sized)) {
    reasons.push(Rules.unsizable(instruction, sized.left, marketable, bound, market.minSize))
    reasons.push(...Rules.limitFaults(plan.limits, account, undefined))
    return Either.left(reasons)
  }
  const order = orderOf(plan, facts, turn, instruction, market, outcome, sized.right)
  reasons.push(
    ...Rules.sizeFaults(instruction, sized.right, marketable, bound, market.minSize),
    ...Rules.limitFaults(plan.limits, account, notionalAt(limit, order.quantity))
  )
  const lifetime = plan.mode === "live" ? Rules.lifetimeFault(instruction) : undefined
  if (lifetime !== undefined) reasons.push(lifetime)
  const funds = Rules.fundsFault(order, account)
  if (funds !== undefined) reasons.push(funds)
  const other = own.crossing(market.conditionId, quote)
  if (other !== undefined) reasons.push(Rules.selfCross(order, other))
  return reasons.length === 0 ? Either.right(order) : Either.left(reasons)
}

/**
 * Decides the instructions of a plan whose turn it is (`facts.attempts`), in plan order. Each approved order reserves what it can cost,
 * fees included, or the shares it sells; a refused one reserves nothing. All broken rules are told, not only the first; a
 * price off the grid is judged further as the nearest valid price inside it. Constant work per instruction.
 */
export const decide = (plan: Plan, facts: Facts): ReadonlyArray<Decision> => {
  const standing: Standing = { account: Account.open(facts), own: ownQuotes(facts.exposed) }
  const one = (turn: Turn, instruction: Instruction): Either.Either<Approved, Refusal> => {
    const found = facts.markets.get(instruction.marketId)
    if (found === undefined || Either.isLeft(found)) {
      const why = found === undefined ? "no source knows it" : found.left.reason
      const missing: Reason = { code: "MARKET_NOT_FOUND", message: `${instruction.marketId}: ${why}` }
      const broken = [missing, ...Rules.limitFaults(plan.limits, standing.account, undefined)]
      return Either.left(refusal(turn.index, instruction, undefined, broken))
    }
    return Either.mapBoth(judge(plan, facts, standing, turn, instruction, found.right), {
      onLeft: (broken) => refusal(turn.index, instruction, found.right, broken),
      onRight: (order) => {
        standing.account.commit(order)
        standing.own.add(order)
        return approve(order)
      }
    })
  }
  return plan.instructions.flatMap((instruction, index) => {
    const attempt = facts.attempts.get(index)
    return attempt === undefined ? [] : [{ instruction: index, outcome: one({ index, attempt }, instruction) }]
  })
}

/** An order that `decide` approved in an earlier run, as its journal row tells it: only approved orders are journalled. */
export const resumed = (state: OrderState): Approved => approve(state.order)
