import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import type { Market } from "../../src/domain/Market.ts"
import { Price, parse, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import type { Instruction, Plan } from "../../src/domain/Plan.ts"
import { empty, type Position } from "../../src/domain/Position.ts"
import type { Facts } from "../../src/risk/Facts.ts"
import type { Code } from "../../src/risk/Reasons.ts"
import { type Approved, decide } from "../../src/risk/Risk.ts"

export const micro = (text: string): bigint => Option.getOrThrow(parse(text))

/** A simulated market of tick 0.01, least size 5, without fees. */
export const market = (id: string, more?: Partial<Market>): Market => ({
  marketId: id,
  slug: id,
  conditionId: id,
  question: `${id}?`,
  outcomes: ["Yes", "No"],
  tokenIds: [`${id}-0`, `${id}-1`],
  tick: Price(10_000n),
  minSize: Shares(5n * UNIT),
  fees: { rate: 0n, exponent: 1 },
  negRisk: false,
  version: "v2",
  closedBecause: undefined,
  takerDelayMillis: 0,
  payouts: undefined,
  source: "sim",
  ...more
})

/** A book with one bid and one offer, in prices of Yes. */
export const book = (id: string, bid: string, ask: string, more?: Partial<BookSnapshot>): BookSnapshot => ({
  conditionId: id,
  bids: [{ price: Price(micro(bid)), size: Shares(1000n * UNIT) }],
  asks: [{ price: Price(micro(ask)), size: Shares(1000n * UNIT) }],
  tick: Price(10_000n),
  venueMillis: undefined,
  fetchedMillis: 0,
  ...more
})

export const instruction = (
  side: "BUY" | "SELL",
  size: string,
  outcome: string,
  price: string,
  more?: Partial<Instruction>
): Instruction => ({
  marketId: "sim-coin",
  outcome,
  side,
  price: Price(micro(price)),
  size: micro(size),
  sizeUnit: side === "BUY" ? "USDC" : "SHARES",
  feesInclusive: false,
  timeInForce: "GTC",
  postOnly: false,
  lifetimeSeconds: undefined,
  notes: undefined,
  ...more
})

export const plan = (instructions: ReadonlyArray<Instruction>, more?: Partial<Plan>): Plan => ({
  planId: "demo",
  mode: "paper",
  onReject: "stop",
  simulation: { slippageTicks: 0, spreadCushion: Price(0n), liquidityFraction: UNIT },
  limits: { maxNotional: undefined, maxOrderNotional: undefined, maxOrders: undefined, maxSpread: undefined },
  instructions,
  hash: "0".repeat(64),
  ...more
})

export const holding = (qty: string, outcomeIndex: 0 | 1 = 0): Position => ({
  ...empty({
    marketId: "sim-coin",
    conditionId: "sim-coin",
    outcomeIndex,
    outcome: outcomeIndex === 0 ? "Yes" : "No",
    mode: "paper"
  }),
  qty: Shares(micro(qty))
})

/** An account of 1000 dollars before one market at 0.44 to 0.46, with every instruction of the plan to be decided. */
export const facts = (of: Plan, more?: Partial<Facts>): Facts => ({
  nowMillis: 1_000,
  markets: new Map([["sim-coin", Either.right(market("sim-coin"))]]),
  books: new Map([["sim-coin", Either.right(book("sim-coin", "0.44", "0.46"))]]),
  cash: Usd(1000n * UNIT),
  positions: [],
  unfinalShares: new Map(),
  exposed: [],
  attempts: new Map(of.instructions.map((_, index) => [index, 1])),
  ...more
})

/** Per instruction: the approved order, or the codes against it. */
export type Verdict = Approved | ReadonlyArray<Code>

export const verdicts = (of: Plan, more?: Partial<Facts>): ReadonlyArray<Verdict> =>
  decide(of, facts(of, more)).map(({ outcome }) =>
    Either.match(outcome, {
      onLeft: ({ broken }): Verdict => broken.map((reason) => reason.code),
      onRight: (order): Verdict => order
    })
  )

/** The codes of each instruction; none when it was approved. */
export const codes = (instructions: ReadonlyArray<Instruction>, more?: Partial<Facts>, of?: Partial<Plan>) =>
  verdicts(plan(instructions, of), more).map((verdict): ReadonlyArray<Code> => ("id" in verdict ? [] : verdict))

/** What is said against a lone instruction. */
export const said = (one: Instruction, more?: Partial<Facts>, of: Plan = plan([one])): string => {
  return decide(of, facts(of, more))
    .flatMap(({ outcome }) => (Either.isLeft(outcome) ? outcome.left.reasons : []))
    .join("\n")
}
