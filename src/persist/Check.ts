import type { Check } from "./Records.ts"

/** Differences told of one check; more than that help nobody. */
const TOLD = 20

/** Collects what a check finds, however much that is. */
export interface Finding {
  readonly saw: (rows: number) => void
  readonly differs: (difference: string) => void
  readonly check: () => Check
}

export const finding = (name: string): Finding => {
  let checked = 0
  let found = 0
  const told: Array<string> = []
  return {
    saw: (rows) => {
      checked += rows
    },
    differs: (difference) => {
      found += 1
      if (told.length < TOLD) told.push(difference)
    },
    check: () => ({
      name,
      ok: found === 0,
      checked,
      differences: found > told.length ? [...told, `and ${found - told.length} more`] : told
    })
  }
}
