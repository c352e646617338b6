import { createHmac } from "node:crypto"
import { checksummed } from "./Address.ts"
import { CHAIN_ID } from "./Contracts.ts"
import { domainSeparator, typedDataDigest } from "./TypedData.ts"
import { hex, keccak, keccakText, putAddress, putBytes, putNumber, words } from "./Words.ts"

const TYPE = "ClobAuth(address address,string timestamp,uint256 nonce,string message)"
const MESSAGE = "This message attests that I control the given wallet"

/**
 * What a key signs to show that it controls an address (L1: header POLY_SIGNATURE next to POLY_ADDRESS, POLY_TIMESTAMP and
 * POLY_NONCE). The address is the key's own, never that of a wallet. Source: the venue's client, `ClobAuth`.
 */
export const l1Digest = (address: string, timestampSeconds: number, nonce: number, chainId = CHAIN_ID): Uint8Array => {
  const row = words(5)
  putBytes(row, 0, keccakText(TYPE))
  putAddress(row, 1, address)
  putBytes(row, 2, keccakText(`${timestampSeconds}`))
  putNumber(row, 3, BigInt(nonce))
  putBytes(row, 4, keccakText(MESSAGE))
  return typedDataDigest(domainSeparator({ name: "ClobAuthDomain", version: "1", chainId }), keccak(row.bytes))
}

/** The headers of a login, around the signature of `l1Digest`. */
export const l1Headers = (address: string, signature: Uint8Array, timestampSeconds: number, nonce: number) => ({
  POLY_ADDRESS: checksummed(address),
  POLY_SIGNATURE: hex(signature),
  POLY_TIMESTAMP: `${timestampSeconds}`,
  POLY_NONCE: `${nonce}`
})

/**
 * The signature of one request (L2: header POLY_SIGNATURE): HMAC-SHA256 in base64 of the URL alphabet, with padding.
 * `path` has neither host nor query, `body` is the very text that is sent, and undefined when nothing is. The secret may be
 * in either base64 alphabet, with or without padding.
 */
export const l2Signature = (
  secret: string,
  timestampSeconds: number,
  method: string,
  path: string,
  body: string | undefined
): string =>
  createHmac("sha256", Buffer.from(secret, "base64"))
    .update(`${timestampSeconds}${method}${path}${body ?? ""}`)
    .digest("base64")
    .replaceAll("+", "-")
    .replaceAll("/", "_")

/** What a login gives: whoever knows it trades for the account. */
export interface ApiCredentials {
  readonly key: string
  readonly secret: string
  readonly passphrase: string
}

/** The headers of one request. The address is the key's own, for a deposit wallet too. */
export const l2Headers = (
  address: string,
  credentials: ApiCredentials,
  timestampSeconds: number,
  method: string,
  path: string,
  body: string | undefined
) => ({
  POLY_ADDRESS: checksummed(address),
  POLY_SIGNATURE: l2Signature(credentials.secret, timestampSeconds, method, path, body),
  POLY_TIMESTAMP: `${timestampSeconds}`,
  POLY_API_KEY: credentials.key,
  POLY_PASSPHRASE: credentials.passphrase
})
