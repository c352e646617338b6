import { hash } from "node:crypto"

/**
 * An id that follows from what it names: the same parts always give the same UUID, other parts another one. Parts carry
 * their length, so ("ab", "c") and ("a", "bc") differ. A version 8 UUID (RFC 9562 5.8): 122 bits of SHA-256.
 */
export const uuidOf = (...parts: ReadonlyArray<string>): string => {
  let text = ""
  for (const part of parts) text += `${part.length}:${part}`
  const hex = hash("sha256", text)
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
