// Installs what is missing, then bundles src/main.ts into dist/. Needs nothing but Node and npm.
//   --install  only install      --force  bundle even when dist is fresh      --watch  bundle at every change
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(fileURLToPath(import.meta.url))
const at = (...parts) => join(root, ...parts)
const flag = (name) => process.argv.includes(`--${name}`)
const newest = (dir) =>
  Math.max(
    0,
    ...readdirSync(dir, { withFileTypes: true }).map((e) =>
      e.isDirectory() ? newest(join(dir, e.name)) : statSync(join(dir, e.name)).mtimeMs
    )
  )

const installed = () => {
  const stamp = at("node_modules", ".package-lock.json")
  return existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(at("package-lock.json")).mtimeMs
}
if (!installed()) {
  process.stderr.write("installing dependencies ...\n")
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32"
  })
  if (npm.status !== 0) process.exit(npm.status ?? 1)
}
if (flag("install")) process.exit(0)

const main = at("dist", "main.js")
const stamp = at("dist", ".built")
const fresh = () =>
  existsSync(main) &&
  existsSync(stamp) &&
  statSync(stamp).mtimeMs >=
    Math.max(newest(at("src")), statSync(at("build.mjs")).mtimeMs, statSync(at("package-lock.json")).mtimeMs)
if (!flag("watch") && !flag("force") && fresh()) process.exit(0)

const esbuild = await import("esbuild")
const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"))
const options = {
  absWorkingDir: root,
  entryPoints: { main: "src/main.ts", worker: "src/worker.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
  // Without a navigator, which Node has from 21 on, pg looks for one in a Response: that loads all of undici at every start.
  define: { BETTEROMS_VERSION: JSON.stringify(version), navigator: '{"userAgent":"Node.js"}' },
  // Its main file is UMD, whose inner requires no bundler follows.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  external: ["pg-native", "@parcel/watcher", "msgpackr-extract", "secp256k1", "ws"],
  banner: {
    js: "#!/usr/bin/env node\nimport{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"
  }
}
if (flag("watch")) {
  const context = await esbuild.context({ ...options, logLevel: "info" })
  await context.watch()
} else {
  // Chunks carry a hash in their name: without this, old ones would pile up.
  rmSync(at("dist"), { recursive: true, force: true })
  await esbuild.build(options)
  writeFileSync(stamp, "")
}
