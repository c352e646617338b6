import type { Fault } from "./Faults.ts"
import { describe, type Located, quote } from "./Json.ts"
import type { OrdersPlan, TradeInstruction } from "./TradePlan.ts"

/** What the rules ask about an instruction. They look at the file itself, so they speak up beside other faults too. */
interface Facts {
  readonly side: unknown
  readonly sizeUnit: unknown
  readonly timeInForce: unknown
  readonly immediate: boolean
  readonly defaultLifetime: boolean
  readonly has: (field: string) => boolean
  readonly on: (field: string) => boolean
}

interface Rule {
  /** The field a breach is reported at. */
  readonly field: string
  readonly broken: (facts: Facts) => boolean
  /** Follows what was found. */
  readonly expected: (facts: Facts) => string
}

const RULES: ReadonlyArray<Rule> = [
  {
    field: "sizeUnit",
    broken: ({ side, sizeUnit }) => side === "SELL" && sizeUnit === "USDC",
    expected: () => 'expected "SHARES" or no sizeUnit, because a SELL is sized in shares'
  },
  {
    field: "sizeUnit",
    broken: ({ immediate, side, sizeUnit }) => immediate && side === "BUY" && sizeUnit === "SHARES",
    expected: ({ timeInForce }) =>
      `expected "USDC" or no sizeUnit, because a ${timeInForce} BUY spends an amount of dollars`
  },
  {
    field: "feesInclusive",
    broken: ({ on, side, sizeUnit }) => on("feesInclusive") && (side === "SELL" || sizeUnit === "SHARES"),
    expected: () => "expected false or no feesInclusive, because only a BUY sized in USDC can include its fee"
  },
  {
    field: "postOnly",
    broken: ({ immediate, on }) => immediate && on("postOnly"),
    expected: ({ timeInForce }) => `expected false or no postOnly, because a ${timeInForce} order never rests`
  },
  {
    field: "cancelAfterSec",
    broken: ({ has, immediate }) => immediate && has("cancelAfterSec"),
    expected: ({ timeInForce }) => `expected no cancelAfterSec, because a ${timeInForce} order never rests`
  },
  {
    field: "timeInForce",
    broken: ({ defaultLifetime, has, timeInForce }) =>
      (timeInForce === "GTD" || timeInForce === "GTT") && !has("cancelAfterSec") && !defaultLifetime,
    expected: ({ timeInForce }) =>
      `expected a lifetime with it: cancelAfterSec here or defaults.goodForSeconds, because ${timeInForce} is good till a time`
  }
]

const isImmediate = (timeInForce: unknown) => timeInForce === "FOK" || timeInForce === "FAK" || timeInForce === "IOC"

const field = (at: Located | undefined, name: string) => (at?._tag === "Record" ? at.fields.get(name) : undefined)

const scalar = (at: Located, name: string): unknown => {
  const value = field(at, name)?.value
  return value?._tag === "Scalar" ? value.value : undefined
}

const breaches = (at: Located, index: number, defaultLifetime: boolean): ReadonlyArray<Fault> => {
  const timeInForce = scalar(at, "timeInForce")
  const facts: Facts = {
    side: scalar(at, "side"),
    sizeUnit: scalar(at, "sizeUnit"),
    timeInForce,
    immediate: isImmediate(timeInForce),
    defaultLifetime,
    has: (name) => field(at, name) !== undefined,
    on: (name) => scalar(at, name) === true
  }
  return RULES.filter((rule) => rule.broken(facts)).map((rule) => {
    const place = field(at, rule.field)?.value ?? at
    return {
      offset: place.offset,
      path: ["tradeInstructions", index, rule.field],
      message: () => `found ${describe(place)}: ${rule.expected(facts)}`
    }
  })
}

const instructions = (root: Located): ReadonlyArray<Located> => {
  const list = field(root, "tradeInstructions")?.value
  return list?._tag === "List" ? list.items : []
}

/** What contradicts itself in a plan whose fields may each be right. */
export const contradictions = (root: Located): ReadonlyArray<Fault> => {
  const defaults = field(root, "defaults")?.value
  const defaultLifetime = field(defaults, "goodForSeconds") !== undefined
  return instructions(root).flatMap((at, index) => breaches(at, index, defaultLifetime))
}

const LATER_IN_PLAN = ["repeat", "strategy", "marketMakingConfig"]
const LATER_IN_INSTRUCTION = ["priceCeil", "priceFloor", "stopLoss", "takeProfit"]

const later = (at: Located, name: string, path: ReadonlyArray<PropertyKey>): ReadonlyArray<Fault> => {
  const found = field(at, name)
  const message = () => `${quote(name)} is not supported yet: remove it`
  return found === undefined ? [] : [{ offset: found.offset, path: [...path, name], message }]
}

const factsOf = (written: TradeInstruction, defaultLifetime: boolean): Facts => ({
  side: written.side,
  sizeUnit: written.sizeUnit,
  timeInForce: written.timeInForce,
  immediate: isImmediate(written.timeInForce),
  defaultLifetime,
  has: (name) => Object.hasOwn(written, name),
  on: (name) => Reflect.get(written, name) === true
})

/** Whether `contradictions` and `unsupported` would find nothing in the file of a plan. */
export const isSound = (plan: OrdersPlan): boolean => {
  const defaultLifetime = plan.defaults?.goodForSeconds !== undefined
  return (
    !LATER_IN_PLAN.some((name) => Object.hasOwn(plan, name)) &&
    plan.tradeInstructions.every((written) => {
      const facts = factsOf(written, defaultLifetime)
      return !LATER_IN_INSTRUCTION.some(facts.has) && !RULES.some((rule) => rule.broken(facts))
    })
  )
}

/** What a plan asks for and this version does not do: refused, because an ignored stop costs money. */
export const unsupported = (root: Located): ReadonlyArray<Fault> => {
  return [
    ...LATER_IN_PLAN.flatMap((name) => later(root, name, [])),
    ...instructions(root).flatMap((at, index) =>
      LATER_IN_INSTRUCTION.flatMap((name) => later(at, name, ["tradeInstructions", index]))
    )
  ]
}
