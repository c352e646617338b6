import { createHash } from "node:crypto"
import * as Predicate from "effect/Predicate"
import { format } from "../domain/Money.ts"
import type { Plan } from "../domain/Plan.ts"

/** One text for each value: keys sorted, amounts as shortest decimals, what is absent left out. */
const canonical = (value: unknown): string => {
  if (typeof value === "bigint") return JSON.stringify(format(value))
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (!Predicate.isRecord(value)) return JSON.stringify(value)
  const parts: Array<string> = []
  for (const key of Object.keys(value).sort()) {
    const field = value[key]
    if (field !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(field)}`)
  }
  return `{${parts.join(",")}}`
}

/**
 * SHA-256 of a plan, hex, over its canonical text with defaults filled in. A field that later versions add must be absent
 * where a plan does not use it, or plans that run today would look changed.
 */
export const hash = (plan: Omit<Plan, "hash">): string => createHash("sha256").update(canonical(plan)).digest("hex")
