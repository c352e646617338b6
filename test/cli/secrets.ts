import * as fs from "node:fs"
import * as path from "node:path"
import { gunzipSync } from "node:zlib"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Ended, Operator } from "./betteroms.ts"

/** A secret in every dress it might wear. */
export const dresses = (secret: string): ReadonlyArray<string> => {
  const bytes = [Buffer.from(secret), Buffer.from(secret, "hex"), Buffer.from(secret, "base64")].filter(
    (each) => each.length >= 16
  )
  const encoded = bytes.flatMap((each) => [
    each.toString("base64").replace(/=+$/, ""),
    each.toString("base64url"),
    each.toString("hex"),
    each.toString("hex").toUpperCase()
  ])
  return [...new Set([secret, secret.toLowerCase(), secret.toUpperCase(), encodeURIComponent(secret), ...encoded])]
}

/** Somebody who looks for secrets in whatever is shown. */
export interface Lookout {
  readonly canaries: ReadonlyArray<string>
  /** The secrets that a text shows. */
  readonly shownIn: (text: string) => ReadonlyArray<string>
  /** What a command said of them, told with the command. */
  readonly leaks: (words: ReadonlyArray<string>, ended: Ended) => ReadonlyArray<string>
  /** The files of a folder that show one, but for those in which the operator keeps it. */
  readonly leakingFiles: (folder: string) => ReadonlyArray<string>
  /** The rows of the database that show one. */
  readonly leakingRows: (operator: Operator) => Effect.Effect<ReadonlyArray<string>, unknown>
}

export const filesIn = (folder: string): ReadonlyArray<string> =>
  fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))

export const lookout = (secrets: ReadonlyArray<string>): Lookout => {
  const canaries = secrets.flatMap(dresses)
  const shownIn: Lookout["shownIn"] = (text) => canaries.filter((canary) => text.includes(canary))
  return {
    canaries,
    shownIn,
    leaks: (words, ended) => shownIn(ended.stdout + ended.stderr).map((canary) => `${words.join(" ")}: ${canary}`),
    leakingFiles: (folder) =>
      filesIn(folder).filter((file) => {
        if (path.basename(file) === ".env.local") return false
        const bytes = fs.readFileSync(file)
        return shownIn((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1")).length > 0
      }),
    leakingRows: Effect.fn("leakingRows")(function* ({ sql }: Operator) {
      const tables = yield* sql<{ readonly name: string }>`select table_name as name from information_schema.tables
        where table_schema = current_schema() and table_type = 'BASE TABLE'`
      const rows = yield* Effect.forEach(
        tables,
        ({ name }) => sql<{ readonly text: string }>`select t::text as text from ${sql(name)} t`
      )
      assert.isAbove(rows.flat().length, 20)
      return rows.flat().flatMap(({ text }) => (shownIn(text).length > 0 ? [text] : []))
    })
  }
}
