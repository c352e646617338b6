import { hash } from "node:crypto"
import type { Counts } from "./FeedCore.ts"

type Fields = { readonly [key: string]: unknown }

/** The fields that the hash is made of, in the order of the REST API's answers; `version` stands on v2 books only. */
const INPUTS = [
  "market",
  "asset_id",
  "timestamp",
  "hash",
  "bids",
  "asks",
  "min_order_size",
  "tick_size",
  "neg_risk",
  "last_trade_price"
] as const

/**
 * The hash of a book: SHA-1 of its compact JSON with `hash` empty, levels as served. Undefined where one of the ten fields
 * is missing, as in books of the stream.
 */
export const bookHash = (book: Fields): string | undefined => {
  if (INPUTS.some((name) => book[name] === undefined)) return undefined
  const inputs = Object.fromEntries(INPUTS.map((name) => [name, name === "hash" ? "" : book[name]]))
  return hash("sha1", JSON.stringify(book.version === undefined ? inputs : { ...inputs, version: book.version }))
}

/** Counts whether the hash that a book carries is that of its content, where that can be told. */
export const checkHash = (counts: Counts, book: Fields): void => {
  if (typeof book.hash !== "string" || book.hash === "" || book.min_order_size === undefined) return
  const found = bookHash(book)
  if (found === undefined) return
  counts.hashes++
  if (found !== book.hash) counts.wrongHashes++
}
