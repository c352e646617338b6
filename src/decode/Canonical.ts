import { createHash } from "node:crypto"
import { format } from "../domain/Money.ts"
import type { Plan } from "../domain/Plan.ts"

/** Text that JSON writes as it stands. */
const PLAIN = /^[ !#-[\]-~]*$/

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))

/** One text for each value: keys sorted, amounts as shortest decimals, what is absent left out. */
const canonical = (value: unknown): string => {
  if (typeof value === "bigint") return `"${format(value)}"`
  if (typeof value === "string") return quoted(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  let text = ""
  for (const key of Object.keys(value).sort()) {
    const field: unknown = Reflect.get(value, key)
    if (field !== undefined) text += `,${quoted(key)}:${canonical(field)}`
  }
  return `{${text.slice(1)}}`
}

/**
 * SHA-256 of a plan, hex, over its canonical text with defaults filled in. A field that later versions add must be absent
 * where a plan does not use it, or plans that run today would look changed.
 */
export const hash = (plan: Omit<Plan, "hash">): string => createHash("sha256").update(canonical(plan)).digest("hex")
