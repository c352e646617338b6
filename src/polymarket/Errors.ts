/**
 * What an answer to the post of an order settles. `refused`: it is certainly not booked; `killed`: it met the book and
 * ended; `delayed`: it is accepted, its match comes later; `unknown`: it may be booked, only its id can tell.
 */
export type Fate = "refused" | "killed" | "delayed" | "unknown"

/** What an error is about, and so what to do about it. */
export type ErrorClass =
  | "funds"
  | "tick"
  | "size"
  | "duplicate"
  | "postOnlyCross"
  | "cross"
  | "killed"
  | "gtd"
  | "rounding"
  | "protocol"
  | "account"
  | "config"
  | "compliance"
  | "delayed"
  | "cancelled"
  | "marketState"
  | "batch"
  | "paging"
  | "heartbeat"
  | "auth"
  | "geo"
  | "missing"
  | "restart"
  | "rateLimit"
  | "timeout"
  | "server"
  | "cancelOnly"
  | "postOnlyMode"
  | "disabled"
  | "unknown"

interface Pattern {
  readonly text: string
  readonly of: ErrorClass
  readonly fate: Fate
}

const pattern = (text: string, of: ErrorClass, fate: Fate): Pattern => ({ text: text.toLowerCase(), of, fate })

/**
 * Texts of the venue, the first that is contained decides (venue: error codes and matching engine). Those that leave the
 * outcome open come first: "context canceled" is sent as a 400 whatever happened. Not found and too many requests say
 * nothing of an order that was posted. What no text settles is unknown, never a refusal.
 */
const PATTERNS: ReadonlyArray<Pattern> = [
  pattern("context canceled", "unknown", "unknown"),
  pattern("is invalid. Duplicated.", "duplicate", "unknown"),
  pattern("order match delayed due to market conditions", "delayed", "delayed"),
  pattern("order timed out", "timeout", "unknown"),
  pattern("could not insert order", "server", "unknown"),
  pattern("there are no matching orders", "server", "unknown"),
  pattern("the trade contains rounding issues", "rounding", "unknown"),
  pattern("service is not ready", "restart", "unknown"),
  pattern("restarting", "restart", "unknown"),
  pattern("too many requests", "rateLimit", "unknown"),
  pattern("couldn't be fully filled. FOK", "killed", "killed"),
  pattern("no orders found to match with FAK", "killed", "killed"),
  pattern("not enough balance / allowance", "funds", "refused"),
  pattern("breaks minimum tick size rule", "tick", "refused"),
  pattern("lower than the minimum", "size", "refused"),
  pattern("min size: $1", "size", "refused"),
  pattern("invalid post-only order: order crosses book", "postOnlyCross", "refused"),
  pattern("crosses the book", "cross", "refused"),
  pattern("invalid expiration", "gtd", "refused"),
  pattern("invalid amounts", "rounding", "refused"),
  pattern("order_version_mismatch", "protocol", "refused"),
  pattern("maker address not allowed", "account", "refused"),
  pattern("the order signer address has to be the address of the API KEY", "config", "refused"),
  pattern("the order owner has to be the owner of the API KEY", "config", "refused"),
  pattern("address in closed only mode", "compliance", "refused"),
  pattern("address banned", "compliance", "refused"),
  pattern("order canceled in the CTF exchange contract", "cancelled", "refused"),
  pattern("the market is not yet ready to process new orders", "marketState", "refused"),
  pattern("Too many orders in payload", "batch", "refused"),
  pattern("Invalid order payload", "config", "refused"),
  pattern("next item should be greater than or equal to 0", "paging", "refused"),
  pattern("Invalid Heartbeat ID", "heartbeat", "refused"),
  pattern("Unauthorized", "auth", "refused"),
  pattern("Invalid api key", "auth", "refused"),
  pattern("Invalid L1 Request headers", "auth", "refused"),
  pattern("Trading is currently cancel-only", "cancelOnly", "refused"),
  pattern("post-only mode", "postOnlyMode", "refused"),
  pattern("Trading is currently disabled", "disabled", "refused"),
  pattern("trading is disabled", "disabled", "refused"),
  pattern("No orderbook exists", "missing", "unknown"),
  pattern("not found", "missing", "unknown")
]

/** An answer that was no success, by class, and what it settles of an order that was posted. */
export interface VenueError {
  readonly of: ErrorClass
  readonly fate: Fate
}

const byStatus = (status: number): ErrorClass =>
  status === 425
    ? "restart"
    : status === 429
      ? "rateLimit"
      : status === 401
        ? "auth"
        : status === 404
          ? "missing"
          : status >= 500
            ? "server"
            : "unknown"

/** Classes an error by its text first, its HTTP status second: the status alone never settles an order. */
export const classify = (status: number, text: string): VenueError => {
  const lower = text.toLowerCase()
  // A page is a gateway's and has no words of the venue. Behind 403 it is the gate that refuses this address: nothing came through.
  if (lower.includes("<html")) {
    return status === 403 ? { of: "geo", fate: "refused" } : { of: byStatus(status), fate: "unknown" }
  }
  return PATTERNS.find((each) => lower.includes(each.text)) ?? { of: byStatus(status), fate: "unknown" }
}

/** Errors after which nothing further may be sent: the next order would meet the same, and a storm of them harms. */
export const isFinal = (of: ErrorClass): boolean =>
  of === "auth" || of === "geo" || of === "account" || of === "config" || of === "compliance"

/** What to do about an error that stops everything. */
export const advice = (of: ErrorClass): string => {
  switch (of) {
    case "auth":
      return "the API key is not accepted: betteroms credentials create, and check this machine's clock"
    case "geo":
      return "the venue refuses this machine's address: trade from a place where it may be used"
    case "account":
      return "this wallet may not trade itself: set POLYMARKET_SIGNATURE_TYPE=3 and POLYMARKET_FUNDER to the deposit wallet"
    case "config":
      return "key, API key and wallet do not belong together: betteroms doctor"
    case "compliance":
      return "the venue lets this account only close positions, or nothing at all: ask its support"
    default:
      return "see: betteroms doctor"
  }
}
