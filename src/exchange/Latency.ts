/** How long a message takes, in milliseconds: always the same, log-normal, or drawn from measured times. */
export type Delay =
  | { readonly _tag: "Constant"; readonly millis: number }
  | { readonly _tag: "LogNormal"; readonly median: number; readonly sigma: number }
  | { readonly _tag: "Measured"; readonly millis: ReadonlyArray<number> }

/** The ways a message can take: a new order and a cancel to the exchange, what it says back to us. */
export type Way = "entry" | "cancel" | "response"

/** The latency of a simulated exchange. Each order draws its own, by its id, so the order of calls changes nothing. */
export interface Latency extends Readonly<Record<Way, Delay>> {
  readonly seed: string
}

const NONE: Delay = { _tag: "Constant", millis: 0 }

export const ZERO: Latency = { entry: NONE, cancel: NONE, response: NONE, seed: "" }

const TWO_32 = 4_294_967_296

/** Two 32-bit hashes of a text (FNV-1a from two bases), each finished with the mixer of MurmurHash3. */
const hash = (text: string, basis: number): number => {
  let mixed = basis
  for (let at = 0; at < text.length; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A number in (0, 1) that is a pure function of the text. */
export const uniform = (text: string): number => {
  const high = hash(text, 0x811c9dc5)
  const low = hash(text, 0x9747b28c)
  return (high * 2_097_152 + (low >>> 11) + 0.5) / (TWO_32 * 2_097_152)
}

/**
 * The standard normal quantile, by the rational approximation of Abramowitz and Stegun 26.2.23 (error below 4.5e-4,
 * far finer than the milliseconds it is used for).
 */
const normal = (probability: number): number => {
  const tail = Math.min(probability, 1 - probability)
  const t = Math.sqrt(-2 * Math.log(tail))
  const above = 2.515517 + t * (0.802853 + t * 0.010328)
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  const magnitude = t - above / below
  return probability < 0.5 ? -magnitude : magnitude
}

const timeOf = (delay: Delay, probability: number): number => {
  switch (delay._tag) {
    case "Constant":
      return delay.millis
    case "LogNormal":
      return delay.median * Math.exp(delay.sigma * normal(probability))
    case "Measured":
      return delay.millis[Math.floor(probability * delay.millis.length)] ?? 0
  }
}

/** Whole milliseconds, never negative, that an order's message takes one way: a pure function of seed, way and order id. */
export const latencyOf = (latency: Latency, way: Way, orderId: string): number => {
  const delay = latency[way]
  const probability = delay._tag === "Constant" ? 0.5 : uniform(`${latency.seed}|${way}|${orderId}`)
  return Math.max(0, Math.round(timeOf(delay, probability)))
}
