import * as Either from "effect/Either"
import type { Market } from "../../domain/Market.ts"
import { Price, Shares, UNIT } from "../../domain/Money.ts"
import type { ClobMarket } from "./ClobMarket.ts"
import { fees } from "./Fees.ts"
import * as Gamma from "./GammaMarket.ts"
import { conditionId } from "./Wire.ts"

/** Longest of the two delays that the venue's pages give for crypto markets (50 and 250 ms). */
const CRYPTO_DELAY_MILLIS = 250

const pair = (list: ReadonlyArray<string>): readonly [string, string] | undefined => {
  const [first, second] = list
  return list.length === 2 && first !== undefined && second !== undefined ? [first, second] : undefined
}

const sameName = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()

/** Whether the CLOB names the same tokens for the same outcomes. */
const sameTokens = (
  clob: ClobMarket,
  tokens: readonly [string, string],
  outcomes: readonly [string, string]
): boolean =>
  clob.t.length === 2 &&
  tokens.every((token, index) => {
    const name = outcomes[index]
    const found = clob.t.find((entry) => entry.t === token)
    return found !== undefined && name !== undefined && sameName(found.o ?? name, name)
  })

const delayMillis = (gamma: Gamma.GammaMarket, clob: ClobMarket | undefined): number => {
  const seconds = clob?.sd ?? gamma.secondsDelay ?? 0n
  return Math.max(Number(seconds / 1000n), clob?.itode === true ? CRYPTO_DELAY_MILLIS : 0)
}

// Order prices are stored with four decimals, and a grid must end at 1.
const isTick = (tick: bigint) => tick >= 100n && tick < UNIT && tick % 100n === 0n && UNIT % tick === 0n

const oneOf = (reasons: ReadonlyArray<string>) => [...new Set(reasons)].join("; ")

/**
 * One market record out of Gamma's and the CLOB's, or why it is none that could be traded. The CLOB's tick and minimum
 * win, since it applies them. What is only doubtful for new orders (the sources disagree on neg-risk, tokens, protocol or
 * fees) stays a record, with `closedBecause`. The protocol version picks the token ids and is never guessed.
 */
export const record = (
  gamma: Gamma.GammaMarket,
  clob: ClobMarket | undefined,
  source: string
): Either.Either<Market, string> => {
  const outcomes = pair(gamma.outcomes)
  if (outcomes === undefined) {
    return Either.left(`it has ${gamma.outcomes.length} outcomes; only markets with two can be traded`)
  }
  const version = gamma.version ?? clob?.v
  if (version !== "v1" && version !== "v2") {
    return Either.left(
      version === null || version === undefined
        ? "no source tells which exchange protocol it belongs to"
        : `it belongs to an unknown exchange protocol (${version})`
    )
  }
  const field = version === "v1" ? "clobTokenIds" : "positionIds"
  const tokenIds = pair(gamma[field] ?? [])
  if (tokenIds === undefined || tokenIds[0] === tokenIds[1]) {
    return Either.left(`its record has no two ids in ${field}, where a ${version} market has them`)
  }
  const tick = clob?.mts ?? gamma.orderPriceMinTickSize
  if (tick === undefined || !isTick(tick)) return Either.left("no source tells a tick size that can be used")
  const minSize = clob?.mos ?? gamma.orderMinSize
  if (minSize === undefined || minSize < 0n) return Either.left("no source tells its minimum size")

  const fee = fees(gamma, clob)
  const payouts = Gamma.payouts(gamma)
  const negRisk = gamma.negRisk ?? clob?.nr ?? false
  const disagreements =
    clob === undefined
      ? []
      : [
          ...(clob.ao === true ? [] : ["not accepting orders"]),
          ...(negRisk === (clob.nr ?? false) ? [] : ["Gamma and the CLOB disagree on neg-risk"]),
          ...(sameTokens(clob, tokenIds, outcomes) ? [] : ["Gamma and the CLOB name different tokens"]),
          ...((clob.v ?? version) === version ? [] : ["Gamma and the CLOB tell different exchange protocols"])
        ]
  const reasons = [
    ...(payouts === undefined ? [] : ["resolved"]),
    ...Gamma.obstacles(gamma),
    ...disagreements,
    ...(fee.problem === undefined ? [] : [fee.problem])
  ]
  const id = conditionId(gamma.conditionId)
  return Either.right({
    marketId: gamma.id,
    slug: gamma.slug ?? id,
    conditionId: id,
    question: gamma.question ?? gamma.slug ?? id,
    outcomes,
    tokenIds,
    tick: Price(tick),
    minSize: Shares(minSize),
    fees: fee.schedule,
    negRisk,
    version,
    closedBecause: reasons.length === 0 ? undefined : oneOf(reasons),
    takerDelayMillis: delayMillis(gamma, clob),
    payouts,
    source
  })
}
