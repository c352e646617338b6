import { hash } from "node:crypto"

/**
 * What the name of a recorded file says of the rows in it that carry no ids: `<slug>.<up|down>.books.jsonl.gz`. Recordings
 * are commonly kept so, one file an outcome.
 */
export interface Label {
  /** The name up to its first dot. */
  readonly slug: string
  /** The outcome that the name tells, as its index; the first one where it tells none. */
  readonly index: 0 | 1
  readonly outcomes: readonly [string, string]
  /** Stand-in ids of the market and its tokens: hashes of the slug, so that every file of it gives the same ones. */
  readonly market: string
  readonly tokens: readonly [string, string]
}

const ENDING = /\.(json|jsonl|ndjson|csv|parquet)(\.gz)?$/i

const SIDES: Readonly<Record<string, Pick<Label, "index" | "outcomes">>> = {
  up: { index: 0, outcomes: ["Up", "Down"] },
  down: { index: 1, outcomes: ["Up", "Down"] },
  yes: { index: 0, outcomes: ["Yes", "No"] },
  no: { index: 1, outcomes: ["Yes", "No"] }
}

/** The label of a slug whose outcomes are known. */
export const labelOfSlug = (slug: string, index: 0 | 1, outcomes: readonly [string, string]): Label => {
  const token = (name: string) => BigInt(`0x${hash("sha256", `token:${slug}:${name.toLowerCase()}`)}`).toString()
  return {
    slug,
    index,
    outcomes,
    market: `0x${hash("sha256", `market:${slug}`)}`,
    tokens: [token(outcomes[0]), token(outcomes[1])]
  }
}

/** The label of a file by its path. */
export const labelOf = (path: string): Label => {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)
  const [slug = "", ...parts] = name.replace(ENDING, "").split(".")
  const side = parts.flatMap((part) => SIDES[part.toLowerCase()] ?? [])[0]
  return labelOfSlug(slug, side?.index ?? 0, side?.outcomes ?? ["Yes", "No"])
}
