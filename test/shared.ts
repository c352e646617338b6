import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { env } from "node:process"

const root = resolve(env.BETTEROMS_SHARED ?? join(import.meta.dirname, "../../shared"))

/** The path of a recorded file, or undefined where the recordings are not at hand: such tests skip. */
export const shared = (path: string): string | undefined => {
  const file = join(root, path)
  return existsSync(file) ? file : undefined
}
