import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { InvalidInput } from "../domain/Failure.ts"
import { min, Price, UNIT, Usd } from "../domain/Money.ts"
import type { TimeInForce } from "../domain/Order.ts"
import type { Instruction, Plan, PlanLimits } from "../domain/Plan.ts"
import { hash } from "./Canonical.ts"
import { complaints } from "./Complaints.ts"
import { type Fault, invalid, problems } from "./Faults.ts"
import { type Located, plain, quote, render } from "./Json.ts"
import { plainly } from "./Plain.ts"
import { contradictions, isSound, unsupported } from "./Rules.ts"
import { shape, strays } from "./Shape.ts"
import { read, type Source, textOf } from "./Source.ts"
import { OrdersPlan, StrategyPlan, type TradeInstruction, TradePlan } from "./TradePlan.ts"

// Without `exact` an absent required field would be asked of its own schema first.
const options = { errors: "all", exact: true } as const

/** The two kinds of plan, each on its own: decoding their union would answer for both kinds at once. */
const kinds = {
  orders: { decode: ParseResult.decodeUnknownEither(OrdersPlan, options), shape: shape(OrdersPlan) },
  strategy: { decode: ParseResult.decodeUnknownEither(StrategyPlan, options), shape: shape(StrategyPlan) }
} as const

const names = (root: Located, field: string) => root._tag === "Record" && root.fields.has(field)

const misplaced = (field: string) =>
  field === "tradeInstructions"
    ? `${quote(field)} does not go together with "strategy": expected one of them`
    : undefined

interface Decoded {
  readonly value: TradePlan | undefined
  readonly faults: ReadonlyArray<Fault>
}

const decode = ({ root, duplicates }: Source): Decoded => {
  const kind = names(root, "strategy") || names(root, "marketMakingConfig") ? kinds.strategy : kinds.orders
  const value: Either.Either<TradePlan, ParseResult.ParseIssue> = kind.decode(plain(root))
  const faults = [
    ...duplicates,
    ...strays(kind.shape, root, misplaced),
    ...(Either.isLeft(value) ? complaints(value.left, root) : []),
    ...contradictions(root)
  ]
  return { value: Either.getOrUndefined(value), faults }
}

const refuse = (source: Source, faults: ReadonlyArray<Fault>, later: ReadonlyArray<Fault>): InvalidInput => {
  if (faults.length > 0) {
    const all = [...faults, ...later]
    return invalid("invalid_plan", `${problems(all.length)} in the plan`, source.text, all)
  }
  const what =
    later.length === 1 ? "1 field of the plan is" : `${later.length.toLocaleString("en-US")} fields of the plan are`
  return invalid("not_supported", `${what} not supported yet`, source.text, later)
}

/**
 * Reads a plan file as the operator wrote it, both kinds and every field, supported or not. Amounts are exact micro-units.
 * Fails like `plan`, except that nothing is `not_supported`.
 */
export const file = (bytes: Uint8Array): Either.Either<TradePlan, InvalidInput> =>
  Either.flatMap(Either.flatMap(textOf(bytes), read), (source) => {
    const { value, faults } = decode(source)
    return value === undefined || faults.length > 0 ? Either.left(refuse(source, faults, [])) : Either.right(value)
  })

const decodeSound = ParseResult.decodeUnknownEither(OrdersPlan, { exact: true, onExcessProperty: "error" })

/** The plan in a text that is bare JSON and in which nothing is wrong; undefined where there may be something to say. */
const atOnce = (text: string): Plan | undefined => {
  const value = plainly(text)
  if (value === undefined) return undefined
  const written = decodeSound(value)
  return Either.isRight(written) && isSound(written.right) ? toPlan(written.right) : undefined
}

const carefully = (text: string): Either.Either<Plan, InvalidInput> =>
  Either.flatMap(read(text), (source) => {
    const { value, faults } = decode(source)
    const later = unsupported(source.root)
    return value === undefined || faults.length > 0 || later.length > 0
      ? Either.left(refuse(source, faults, later))
      : Either.right(toPlan(value))
  })

/**
 * Reads a plan file into a plan that can be run, defaults filled in. Fails with everything that is wrong with the file, in
 * file order and with its place: `too_large`, `invalid_utf8`, `invalid_json`, `invalid_plan`, or `not_supported` when
 * nothing is wrong but a field belongs to a later version.
 */
export const plan = (bytes: Uint8Array): Either.Either<Plan, InvalidInput> =>
  Either.flatMap(textOf(bytes), (text) => {
    const plan = atOnce(text)
    return plan === undefined ? carefully(text) : Either.right(plan)
  })

/** The text of a plan file that decodes to this value again. Fails where a value lies outside what a plan may hold. */
export const encode = (value: TradePlan): Either.Either<string, InvalidInput> =>
  Either.mapBoth(Schema.encodeEither(TradePlan, options)(value), {
    onLeft: (error) => {
      const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
      return new InvalidInput({
        code: "invalid_plan",
        message: `${problems(issues.length)} in the plan`,
        issues: issues.map(({ path, message }) => ({ path: path.join("."), message }))
      })
    },
    onRight: (written) => `${render(written)}\n`
  })

const FORCES: Readonly<Record<NonNullable<TradeInstruction["timeInForce"]>, TimeInForce>> = {
  GTC: "GTC",
  GTD: "GTD",
  GTT: "GTD",
  FOK: "FOK",
  FAK: "FAK",
  IOC: "FAK"
}

const toInstruction = (written: TradeInstruction, goodForSeconds: number | undefined): Instruction => {
  const timeInForce = FORCES[written.timeInForce ?? "GTC"]
  const rests = timeInForce === "GTC" || timeInForce === "GTD"
  return {
    marketId: written.marketId,
    outcome: written.outcome,
    side: written.side,
    price: Price(written.price),
    size: written.size,
    sizeUnit: written.sizeUnit ?? (written.side === "SELL" ? "SHARES" : "USDC"),
    feesInclusive: written.feesInclusive ?? false,
    timeInForce,
    postOnly: written.postOnly ?? false,
    lifetimeSeconds: rests ? (written.cancelAfterSec ?? goodForSeconds) : undefined,
    notes: written.notes
  }
}

const toLimits = ({ defaults, risk }: TradePlan): PlanLimits => {
  const ceilings = [defaults?.maxNotionalUSD, risk?.maxNotionalUSD].filter((each) => each !== undefined)
  const smallest = ceilings.reduce<bigint | undefined>((a, b) => (a === undefined ? b : min(a, b)), undefined)
  return {
    maxNotional: smallest === undefined ? undefined : Usd(smallest),
    maxOrderNotional: risk?.maxOrderNotionalUSD === undefined ? undefined : Usd(risk.maxOrderNotionalUSD),
    maxOrders: risk?.maxOrders,
    maxSpread: risk?.maxSpread === undefined ? undefined : Price(risk.maxSpread)
  }
}

const toPlan = (written: TradePlan): Plan => {
  const { defaults, simulation } = written
  const listed = "tradeInstructions" in written ? written.tradeInstructions : []
  const plan = {
    planId: written.planId,
    mode: written.mode,
    onReject: written.onReject ?? "stop",
    simulation: {
      slippageTicks: simulation?.slippageTicks ?? 0,
      spreadCushion: Price(simulation?.spreadCushion ?? 0n),
      liquidityFraction: simulation?.liquidityFraction ?? UNIT
    },
    limits: toLimits(written),
    instructions: listed.map((each) => toInstruction(each, defaults?.goodForSeconds))
  }
  return { ...plan, hash: hash(plan) }
}
