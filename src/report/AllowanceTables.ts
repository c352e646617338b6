import { type Look, table } from "./Table.ts"

/** A permission of the wallet, ready to be shown. */
export interface AllowanceRow {
  readonly token: string
  readonly tokenAddress: string
  readonly spender: string
  readonly spenderAddress: string
  readonly kind: "erc20" | "erc1155"
  readonly version: "v1" | "v2"
  readonly purpose: string
  readonly need: "trade" | "positions" | "reported"
  /** Decimal text or `unlimited`. */
  readonly allowed: string
  readonly ok: boolean
  /** The command that mends it. */
  readonly fix: string
}

const NEEDED = { trade: "yes", positions: "not to trade", reported: "unknown" } as const

/** Permissions for people. */
export const allowancesText = (rows: ReadonlyArray<AllowanceRow>, look: Look): string =>
  table(
    [
      { title: "Token" },
      { title: "Spender", give: "middle" },
      { title: "For", give: "wrap" },
      { title: "Needed" },
      { title: "Allowed", align: "right" },
      { title: "Holds" },
      { title: "How to fix", give: "wrap" }
    ],
    rows.map(({ allowed, fix, need, ok, purpose, spender, token }) => [
      token,
      spender,
      purpose,
      NEEDED[need],
      allowed,
      ok ? { text: "ok", tone: "good" } : need === "trade" ? { text: "NO", tone: "bad" } : { text: "no", tone: "dim" },
      ok || need !== "trade" ? "" : fix
    ]),
    look
  )

/** A permission that changes, or has changed in a transaction. */
export interface AllowanceChange {
  readonly token: string
  readonly tokenAddress: string
  readonly spender: string
  readonly spenderAddress: string
  readonly purpose: string
  readonly from: string
  readonly to: string
  readonly transaction?: string
}

/** Changes for people: what, to whom in full, from what to what. */
export const changesText = (changes: ReadonlyArray<AllowanceChange>, look: Look): string =>
  table(
    [
      { title: "Token" },
      { title: "Spender", give: "wrap" },
      { title: "For", give: "wrap" },
      { title: "From", align: "right" },
      { title: "To", align: "right" },
      ...(changes.some(({ transaction }) => transaction !== undefined)
        ? [{ title: "Transaction", give: "middle" } as const]
        : [])
    ],
    changes.map(({ from, purpose, spender, spenderAddress, to, token, transaction }) => [
      token,
      `${spender} ${spenderAddress}`,
      purpose,
      from,
      to,
      ...(transaction === undefined ? [] : [transaction])
    ]),
    look
  )
