// npm run chaos [-- --seeds N --first K --jobs J --verbose --story]
import { spawn } from "node:child_process"
import { copyFile, mkdir, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const HELP = `npm run chaos [-- --seeds N] [--first K] [--jobs J] [--verbose] [--story]

Random live plans against the sandbox exchange: by hand, under a scheduler, two processes at once; with random faults,
markets that move, change their tick and are resolved, trades that fail; processes killed or stopped at random instants
and started again. Between any two processes no order may be at the venue that is not on record as sent, nor rest there and
be over here; none may pass the gate while trading is halted. When nothing goes wrong any more every plan comes to its end
and the account must trade as ever; then the venue's own journal is laid against the database, trade by trade. Each seed
decides all of that; a line is printed for every failing one.

  --seeds N    how many (default 50)
  --first K    the first one (default 1)
  --jobs J     seeds played side by side (default: twice as many as there are processors)
  --verbose    what each failing seed did, step by step
  --story      what every seed did

Example: npm run chaos -- --seeds 1000`

const root = fileURLToPath(new URL("..", import.meta.url))
const out = join(root, "node_modules", ".cache", "betteroms-chaos")

const SHARED = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  logLevel: "warning",
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  external: ["pg-native", "@parcel/watcher", "msgpackr-extract", "ws", "secp256k1", "secp256k1/*"]
}

const chaos = () =>
  build({
    ...SHARED,
    entryPoints: { chaos: "chaos/chaos.ts" },
    outdir: out,
    splitting: true,
    format: "esm",
    sourcemap: true,
    define: { navigator: '{"userAgent":"Node.js"}' },
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"
    }
  })

// One file, so that `quick.cjs` can keep the machine code of all of it.
const trader = async () => {
  const outfile = join(out, "trader.cjs")
  await build({
    ...SHARED,
    entryPoints: ["chaos/trader.ts"],
    outfile,
    format: "cjs",
    define: {
      navigator: '{"userAgent":"Node.js"}',
      "import.meta.url": "__here",
      "import.meta.dirname": "__dirname"
    },
    banner: { js: "const __here=require('node:url').pathToFileURL(__filename).href;" }
  })
  await copyFile(join(root, "chaos", "quick.cjs"), join(out, "quick.cjs"))
  for (const name of await readdir(out)) if (name.endsWith(".cache")) await rm(join(out, name))
}

const args = process.argv.slice(2).filter((word) => word !== "--")
if (args.includes("--help") || args.includes("-h")) {
  console.log(HELP)
} else {
  await mkdir(out, { recursive: true })
  await Promise.all([chaos(), trader()])
  const child = spawn(process.execPath, [join(out, "chaos.js"), ...args], { stdio: "inherit" })
  child.on("exit", (code) => {
    process.exitCode = code ?? 1
  })
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => child.kill(name))
}
