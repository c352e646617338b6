import { hex, keccakText } from "./Words.ts"

const made = new Map<string, string>()
/** An account meets few addresses; a server that meets many must not keep them all. */
const MOST = 1_000

const mixed = (digits: string): string => {
  const hash = hex(keccakText(digits))
  return `0x${[...digits].map((digit, index) => (hash.charAt(index + 2) >= "8" ? digit.toUpperCase() : digit)).join("")}`
}

/**
 * An address in the mixed case of EIP-55, which is how the venue's client writes addresses in bodies and headers. Everywhere
 * else addresses are lower case.
 */
export const checksummed = (address: string): string => {
  const known = made.get(address)
  if (known !== undefined) return known
  const found = mixed(address.slice(2).toLowerCase())
  if (made.size >= MOST) made.clear()
  made.set(address, found)
  return found
}
