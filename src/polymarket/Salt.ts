import { hash } from "node:crypto"

/**
 * The salt of an order: the first 52 bits of a SHA-256 over what it is an attempt at. The same attempt always has the same
 * salt, so that building an order again gives the order that may have been sent already. Parts carry their length, so
 * neighbouring ones cannot be told as one another. It fits a JSON number, which is what the venue takes.
 */
export const saltOf = (planId: string, instruction: number, attempt: number): bigint => {
  const text = [planId, `${instruction}`, `${attempt}`].map((part) => `${part.length}:${part}`).join("")
  return BigInt(`0x${hash("sha256", text).slice(0, 13)}`)
}
