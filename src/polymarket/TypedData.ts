import { keccak, keccakText, putAddress, putBytes, putNumber, words } from "./Words.ts"

/** An EIP-712 domain; the venue's one for logging in has no contract. */
export interface Domain {
  readonly name: string
  readonly version: string
  readonly chainId: number
  readonly verifyingContract?: string
}

const FIELDS = "string name,string version,uint256 chainId"

/** The hash that stands for a domain in whatever is signed under it. */
export const domainSeparator = (domain: Domain): Uint8Array => {
  const { verifyingContract } = domain
  const type = verifyingContract === undefined ? FIELDS : `${FIELDS},address verifyingContract`
  const row = words(verifyingContract === undefined ? 4 : 5)
  putBytes(row, 0, keccakText(`EIP712Domain(${type})`))
  putBytes(row, 1, keccakText(domain.name))
  putBytes(row, 2, keccakText(domain.version))
  putNumber(row, 3, BigInt(domain.chainId))
  if (verifyingContract !== undefined) putAddress(row, 4, verifyingContract)
  return keccak(row.bytes)
}

// Every digest is made in one go, so one buffer serves them all.
const envelope = Buffer.alloc(66)
envelope[0] = 0x19
envelope[1] = 0x01

/** What is signed: keccak256(0x1901 || separator || hash of the struct). */
export const typedDataDigest = (separator: Uint8Array, structHash: Uint8Array): Uint8Array => {
  envelope.set(separator, 2)
  envelope.set(structHash, 34)
  return keccak(envelope)
}
