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
  /** Decimal text or `unlimited` for ERC-20, `all` or `none` for ERC-1155. */
  readonly allowed: string
  readonly ok: boolean
  /** The command that mends it. */
  readonly fix: string
}

/** How a permission that is missing is shown: orders fail without it, or something that no plan does. */
const MISSING = {
  trade: { text: "NO", tone: "bad" },
  positions: { text: "not needed", tone: "dim" },
  reported: { text: "unknown", tone: "dim" }
} as const

/** Permissions for people. What is not needed to trade is for splits, merges and redemptions. */
export const allowancesText = (rows: ReadonlyArray<AllowanceRow>, look: Look): string => {
  const drawn = table(
    [
      { title: "Token" },
      { title: "Spender", give: "middle" },
      { title: "For", give: "wrap" },
      { title: "Allowed", align: "right" },
      { title: "Holds" },
      { title: "How to fix" }
    ],
    rows.map(({ allowed, fix, need, ok, purpose, spender, token }) => [
      token,
      spender,
      purpose,
      allowed,
      ok ? { text: "ok", tone: "good" } : MISSING[need],
      ok || need !== "trade" ? "" : fix.replace("betteroms allowances ", "")
    ]),
    look
  )
  const isMissing = rows.some(({ need, ok }) => !ok && need === "trade")
  return isMissing ? `${drawn}\nTo permit all that trading needs: betteroms allowances set` : drawn
}

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
