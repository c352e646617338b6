// Order books and matching engines of npm that the benches are held against. They are no dependencies of the project: what
// bench/peers/package.json pins is installed, when a bench asks for it, into the cache of the benches. Without a registry
// the benches run without them and say so. BETTEROMS_PEERS names a folder in which they are installed already.
import { spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { CACHE, root } from "./bundle.mjs"

const PINS = join(root, "bench", "peers")
const FILES = ["package.json", "package-lock.json"]

const install = (folder) => {
  const stamp = join(folder, ".installed")
  const lock = readFileSync(join(PINS, "package-lock.json"), "utf8")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return undefined
  process.stderr.write("installing the packages of npm that are measured beside ours ...\n")
  mkdirSync(folder, { recursive: true })
  for (const file of FILES) copyFileSync(join(PINS, file), join(folder, file))
  const quick = ["--fetch-retries=1", "--fetch-timeout=30000"]
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...quick], {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32"
  })
  if (npm.status === 0) {
    writeFileSync(stamp, lock)
    return undefined
  }
  return /npm error (?:code )?(E[A-Z]+)/.exec(npm.stderr ?? "")?.[1] ?? npm.error?.message ?? `code ${npm.status}`
}

let found

/** `require` and `load` (an ES module by its path) from where the peers are; why there are none, where there are none. */
export const peers = () => {
  found ??= (() => {
    const named = process.env.BETTEROMS_PEERS
    const folder = named || join(CACHE, "peers")
    const failure = named ? undefined : install(folder)
    if (failure !== undefined) {
      const missing = `not measured: npm cannot install them from its registry (${failure})`
      process.stderr.write(`packages of npm are ${missing}; BETTEROMS_PEERS names a folder that has them\n`)
      return { missing }
    }
    return {
      require: createRequire(join(folder, "package.json")),
      load: (path) => import(pathToFileURL(join(folder, "node_modules", path)).href)
    }
  })()
  return found
}
