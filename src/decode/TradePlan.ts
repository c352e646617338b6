import * as Schema from "effect/Schema"
import { UNIT } from "../domain/Money.ts"
import { decimal, integer, name, prose } from "./Fields.ts"

/** The most instructions a plan holds. */
export const MAX_INSTRUCTIONS = 10_000

const A_YEAR = 31_536_000
const TICK = { step: 100n, offStep: "has more digits than any tick" }
const MICRO = { step: 1n, offStep: "has more than 6 decimals" }
const AMOUNT = { ...MICRO, above: 0n, to: 1_000_000_000n * UNIT }
const FRACTION = { ...MICRO, from: 0n, to: UNIT }

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const price = (description: string, example: number) =>
  decimal(
    { ...TICK, above: 0n, below: UNIT },
    { title: "a price above 0 and below 1 with at most 4 decimals", description, examples: [example] }
  )

const dollars = (description: string, example: number) =>
  decimal(AMOUNT, {
    title: "an amount of dollars above 0 and at most 1,000,000,000 with at most 6 decimals",
    description,
    examples: [example]
  })

const seconds = (description: string, example: number) =>
  integer(1, A_YEAR, {
    title: "a whole number of seconds from 1 to 31,536,000 (a year)",
    description,
    examples: [example]
  })

const bps = (min: number, description: string, example: number) =>
  integer(min, 10_000, {
    title: `a whole number of basis points from ${min} to 10,000`,
    description,
    examples: [example]
  })

const yesOrNo = (description: string) =>
  Schema.Boolean.annotations({ title: "true or false", description, default: false })

const MarketId = name({
  title: "a market slug, numeric id or condition id",
  description: "The market: its slug, its numeric id or its condition id (0x...). Simulated markets begin with sim-.",
  examples: ["will-it-rain-in-nyc-on-may-1", "sim-election-2028"]
})

const Outcome = name({
  title: 'an outcome: "YES", "NO" or the outcome\'s own name',
  description: "What is bought or sold: YES or NO, or the outcome's own name in a market that has other names.",
  examples: ["YES", "NO"]
})

/** One line of a plan as the operator writes it. Its amounts are micro-units once decoded. */
export const TradeInstruction = Schema.Struct({
  marketId: MarketId,
  outcome: Outcome,
  side: Schema.Literal("BUY", "SELL").annotations({
    title: '"BUY" or "SELL"',
    description: "A SELL uses shares that are held already."
  }),
  type: optional(
    Schema.Literal("LIMIT").annotations({
      title: '"LIMIT"',
      description: "Every order is a limit order.",
      default: "LIMIT"
    })
  ),
  price: price(
    "Limit price in dollars per share, which is also a probability. Set it beyond the opposing price to trade at once.",
    0.42
  ),
  size: decimal(AMOUNT, {
    title: "a size above 0 and at most 1,000,000,000 with at most 6 decimals",
    description: "In the unit that sizeUnit names: dollars that cap the notional of a BUY, or shares.",
    examples: [500]
  }),
  sizeUnit: optional(
    Schema.Literal("USDC", "SHARES").annotations({
      title: '"USDC" or "SHARES"',
      description: "A BUY without it is in USDC. A SELL is always in SHARES; a FOK or FAK BUY always in USDC."
    })
  ),
  feesInclusive: optional(
    yesOrNo("Keep notional plus the worst fee within size, instead of paying the fee on top. For a BUY in USDC.")
  ),
  timeInForce: optional(
    Schema.Literal("GTC", "GTD", "GTT", "FOK", "FAK", "IOC").annotations({
      title: '"GTC", "GTD", "GTT", "FOK", "FAK" or "IOC"',
      description:
        "GTC rests until cancelled. GTD and GTT rest for their lifetime. FOK fills whole or not at all. FAK and IOC fill what they can at once.",
      default: "GTC"
    })
  ),
  postOnly: optional(yesOrNo("Refuse the order rather than let it take. For GTC, GTD and GTT.")),
  cancelAfterSec: optional(seconds("Lifetime of the order. Instead of defaults.goodForSeconds.", 7200)),
  priceCeil: optional(price("Do not buy while the midpoint is above this.", 0.45)),
  priceFloor: optional(price("Do not sell while the midpoint is below this.", 0.38)),
  stopLoss: optional(price("Sell what was bought once the price falls to this.", 0.3)),
  takeProfit: optional(price("Sell what was bought once the price rises to this.", 0.6)),
  notes: optional(
    prose(2000, { title: "text of at most 2,000 characters", description: "Kept with the order and shown in reports." })
  )
}).annotations({ identifier: "TradeInstruction", title: "an instruction (an object)", description: "One limit order." })
export type TradeInstruction = typeof TradeInstruction.Type

const Defaults = Schema.Struct({
  maxNotionalUSD: optional(
    dollars("Most that all orders of the run may cost together. Where risk gives one too, the smaller counts.", 2000)
  ),
  goodForSeconds: optional(
    seconds("Lifetime of every resting order that gives none of its own. FOK and FAK orders have none.", 10_800)
  )
}).annotations({
  identifier: "Defaults",
  title: "an object",
  description: "What holds where an instruction is silent."
})

const Simulation = Schema.Struct({
  slippageTicks: optional(
    integer(0, 100, {
      title: "a whole number of ticks from 0 to 100",
      description: "Ticks by which every taker fill is worse than the displayed price.",
      default: 0
    })
  ),
  spreadCushion: optional(
    decimal(
      { ...TICK, from: 0n, below: UNIT },
      {
        title: "a price distance from 0 to below 1 with at most 4 decimals",
        description: "How far beyond the opposing price a limit must reach before it fills.",
        default: 0
      }
    )
  ),
  liquidityFraction: optional(
    decimal(
      { ...MICRO, above: 0n, to: UNIT },
      {
        title: "a fraction above 0 and at most 1 with at most 6 decimals",
        description: "The share of displayed size that is taken to be really there.",
        default: 1
      }
    )
  )
}).annotations({
  identifier: "Simulation",
  title: "an object",
  description: "How paper trading is made harder than the displayed book."
})

const Risk = Schema.Struct({
  maxNotionalUSD: optional(
    dollars(
      "Most that all orders of the run may cost together. Where defaults gives one too, the smaller counts.",
      2000
    )
  ),
  maxOrderNotionalUSD: optional(dollars("Most that any one order may cost.", 500)),
  maxOrders: optional(
    integer(1, MAX_INSTRUCTIONS, {
      title: "a whole number of orders from 1 to 10,000",
      description: "Most orders the run may place.",
      examples: [20]
    })
  ),
  maxSpread: optional(
    decimal(
      { ...TICK, above: 0n, below: UNIT },
      {
        title: "a price distance above 0 and below 1 with at most 4 decimals",
        description:
          "Refuse orders in a market whose displayed bid and ask are further apart. A dead book shows 0.02 / 0.98, and looks like the best of spreads.",
        examples: [0.1]
      }
    )
  )
}).annotations({
  identifier: "Risk",
  title: "an object",
  description: "Limits of this run, besides those of the account."
})

const Repeat = Schema.Struct({
  everyMinutes: optional(
    integer(1, 525_600, {
      title: "a whole number of minutes from 1 to 525,600",
      description: "Time from one run to the next.",
      examples: [60]
    })
  ),
  times: optional(
    integer(1, 1_000_000, {
      title: "a whole number of runs from 1 to 1,000,000",
      description: "How often the plan runs; without it, until it is deactivated.",
      examples: [24]
    })
  )
}).annotations({ identifier: "Repeat", title: "an object", description: "Run the plan again and again on a schedule." })

const MarketMakingConfig = Schema.Struct({
  marketId: MarketId,
  outcome: Outcome,
  aiSignal: optional(
    decimal(FRACTION, {
      title: "a probability from 0 to 1 with at most 6 decimals",
      description: "A fixed forecast; without it, forecasts come from the signal source.",
      examples: [0.58]
    })
  ),
  spreadBps: bps(1, "Distance from bid to ask.", 400),
  tiltFactor: decimal(FRACTION, {
    title: "a weight from 0 to 1 with at most 6 decimals",
    description: "Weight of the forecast against the midpoint: 0 quotes around the midpoint, 1 around the forecast.",
    examples: [0.6]
  }),
  maxInventory: dollars("Most that may be held, in USDC.", 1000),
  minSpread: optional(bps(0, "Never quote closer than this.", 100)),
  quoteSize: dollars("Size of each quote, in USDC.", 500),
  updateThresholdBps: optional(bps(0, "Leave quotes alone while the forecast moves less than this.", 50))
}).annotations({
  identifier: "MarketMakingConfig",
  title: "the strategy's settings (an object)",
  description: "Settings of the market-making-tilt strategy."
})

const header = {
  $schema: optional(
    Schema.String.annotations({
      title: "the path or address of this schema",
      description: "For editors only: it does not belong to the plan."
    })
  ),
  planId: name({
    title: "a plan id of 1 to 255 characters without spaces around it",
    description: "Names the plan. A plan runs once: running the same id again resumes it or is refused.",
    examples: ["2025-09-27-1200Z"]
  }),
  mode: Schema.Literal("paper", "live").annotations({
    title: '"paper" or "live"',
    description: "Paper simulates on real order books; live sends signed orders to the exchange."
  }),
  onReject: optional(
    Schema.Literal("stop", "skip").annotations({
      title: '"stop" or "skip"',
      description: "What a refused instruction does: stop the run, or be left out of it.",
      default: "stop"
    })
  ),
  defaults: optional(Defaults),
  simulation: optional(Simulation),
  risk: optional(Risk),
  repeat: optional(Repeat)
}

/** A plan file that lists its orders. */
export const OrdersPlan = Schema.Struct({
  ...header,
  tradeInstructions: Schema.Array(TradeInstruction).pipe(
    Schema.filter((list) => list.length >= 1 && list.length <= MAX_INSTRUCTIONS, {
      title: "a list of 1 to 10,000 instructions",
      description: "The orders to place, in this order.",
      jsonSchema: { minItems: 1, maxItems: MAX_INSTRUCTIONS }
    })
  )
}).annotations({ identifier: "OrdersPlan", title: "a plan (an object)", description: "A plan that lists its orders." })
export type OrdersPlan = typeof OrdersPlan.Type

/** A plan file that names a strategy. */
export const StrategyPlan = Schema.Struct({
  ...header,
  strategy: Schema.Literal("market-making-tilt").annotations({
    title: '"market-making-tilt"',
    description: "Quotes both sides, tilted towards a forecast."
  }),
  marketMakingConfig: MarketMakingConfig
}).annotations({
  identifier: "StrategyPlan",
  title: "a plan (an object)",
  description: "A plan that names a strategy."
})
export type StrategyPlan = typeof StrategyPlan.Type

/** A plan file as the operator writes it, in either kind. Amounts and prices are micro-units once decoded. */
export const TradePlan = Schema.Union(OrdersPlan, StrategyPlan).annotations({
  title: "BetterOMS trade plan",
  description: "What to trade: a list of limit orders, or a strategy."
})
export type TradePlan = typeof TradePlan.Type
