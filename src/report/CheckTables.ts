import { type Look, table } from "./Table.ts"

/** One thing that was checked: what, whether it holds, and what was found or is to be done. */
export interface CheckRow {
  readonly check: string
  readonly ok: boolean
  /** False where trading goes on without it: then it is no failure. */
  readonly needed?: boolean
  readonly detail: string
}

/** Checks for people, as `doctor` and `credentials check` print them. */
export const checksText = (checks: ReadonlyArray<CheckRow>, look: Look): string =>
  table(
    [{ title: "Check", give: "wrap" }, { title: "Holds" }, { title: "Found", give: "wrap" }],
    checks.map(({ check, detail, needed, ok }) => [
      check,
      ok
        ? { text: "ok", tone: "good" }
        : needed === false
          ? { text: "absent", tone: "dim" }
          : { text: "NO", tone: "bad" },
      detail
    ]),
    look
  )
