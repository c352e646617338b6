// What the benches share: a home of their own with a running server, the programs they start, and files for them.
import { spawn } from "node:child_process"
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import pg from "pg"
import { copyTables, LIVE_TABLES, TABLES } from "./rows.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
export const MAIN = join(root, "dist", "main.js")
export const OTHER = fileURLToPath(new URL("./other.mjs", import.meta.url))
// Inside the project, so that what is bundled finds the migrations.
const OUT = join(root, "node_modules", ".cache", "betteroms-bench")
export const INSIDE = join(OUT, "inside.js")
export const POSTER = join(OUT, "poster.js")

// As build.mjs makes dist/.
const bundle = () =>
  build({
    absWorkingDir: root,
    entryPoints: { inside: "bench/inside.ts", poster: "bench/poster.mjs" },
    outdir: OUT,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    define: { navigator: '{"userAgent":"Node.js"}' },
    alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
    external: ["pg-native", "@parcel/watcher", "msgpackr-extract", "secp256k1", "ws"],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"
    }
  })

/** Opens the world, does the work in it, and leaves nothing behind. */
export const withWorld = async (work) => {
  await bundle()
  const base = mkdtempSync(join(tmpdir(), "betteroms-bench-"))
  // The server may run as another user, who must be able to come in.
  chmodSync(base, 0o755)
  const home = join(base, "home")
  const env = {
    BETTEROMS_HOME: home,
    DATABASE_URL: "",
    PAPER_BALANCE_USD: "1000000000",
    LOG_LEVEL: "",
    NODE_OPTIONS: ""
  }
  const holder = spawn(process.execPath, [INSIDE, "hold"], {
    cwd: base,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"]
  })
  const ended = new Promise((resolve) => holder.on("exit", resolve))
  try {
    const address = await new Promise((resolve, reject) => {
      holder.stdout.once("data", (line) => resolve(JSON.parse(line)))
      holder.on("exit", (code) => reject(new Error(`the server's holder ended with ${code}`)))
    })
    const client = new pg.Client(address)
    await client.connect()
    const migrations = readdirSync(join(root, "migrations")).filter((name) => name.endsWith(".sql"))
    const world = {
      address: JSON.stringify(address),
      base,
      client,
      env,
      file: (name, value) => {
        const path = join(base, name)
        writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value, null, 2))
        return path
      },
      /** Empty tables, and nothing left of earlier work for the server to catch up with. */
      clear: async () => {
        await client.query(`truncate ${[...TABLES, ...LIVE_TABLES].join(", ")} cascade`)
        await client.query("checkpoint")
      },
      freshCopy: async (schema) => {
        await copyTables(client, schema, migrations)
        await client.query("checkpoint")
      }
    }
    try {
      return await work(world)
    } finally {
      // Before its server ends, or what went wrong would be lost behind the client's own complaint.
      await client.end()
    }
  } finally {
    holder.stdin.end()
    await ended
    rmSync(base, { recursive: true, force: true })
  }
}
