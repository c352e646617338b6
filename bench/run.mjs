// npm run bench [-- NAME...] [--json] [--strict] [--full]
import { cpus, loadavg } from "node:os"
import { jsonImport } from "./json.mjs"
import { l2Replay } from "./l2.mjs"
import { live200 } from "./live.mjs"
import { plan10000, planGrowth } from "./plan.mjs"
import { fileToReport } from "./report.mjs"
import { sign } from "./sign.mjs"
import { simulator } from "./simulator.mjs"
import { startTrade, startVersion } from "./start.mjs"
import { withWorld } from "./world.mjs"

const BENCHES = {
  "start-version": startVersion,
  "start-trade": startTrade,
  "plan-10000": plan10000,
  "plan-growth": planGrowth,
  "live-200": live200,
  "l2-replay": l2Replay,
  simulator,
  "file-to-report": fileToReport,
  "json-import": jsonImport,
  sign
}

const HELP = `npm run bench [-- NAME...] [--json] [--strict] [--full]

Measures BetterOMS against the least that the same work takes on this machine, side by side in one run, and prints the
medians. Needs no database: it starts one of its own and leaves nothing behind.

  NAME      one or more of: ${Object.keys(BENCHES).join(", ")}; without one, all
  --json    one JSON document, {"results": [...]}, on stdout instead of the table
  --strict  exit code 1 when a goal does not hold; without it figures are only told
  --full    file-to-report over 100 million events instead of 20: minutes, and 600 MB on disk

Example: npm run bench -- start-version --json`

const table = (results) => {
  const rows = [
    ["name", "ours", "other", "unit", "ratio", "goal", "holds", "against"],
    ...results.map((each) => [
      each.name,
      String(each.ours),
      String(each.other),
      each.unit,
      String(each.ratio),
      String(each.goal),
      each.holds ? "yes" : "NO",
      each.against
    ])
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

const main = async () => {
  const args = process.argv.slice(2).filter((word) => word !== "--")
  if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP)
    return 0
  }
  const names = args.filter((word) => !word.startsWith("-"))
  const unknown = [
    ...names.filter((name) => !Object.hasOwn(BENCHES, name)),
    ...args.filter((word) => word.startsWith("-") && !["--json", "--strict", "--full"].includes(word))
  ]
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(", ")}; known benches are ${Object.keys(BENCHES).join(", ")}`)
    return 2
  }
  const results = await withWorld(async (world) => {
    const found = []
    for (const name of names.length === 0 ? Object.keys(BENCHES) : names) {
      process.stderr.write(`${name} ...\n`)
      found.push(...(await BENCHES[name]({ ...world, full: args.includes("--full") })))
    }
    return found
  })
  if (args.includes("--json")) console.log(JSON.stringify({ results }, null, 2))
  else {
    console.log(table(results))
    console.log("")
    for (const { name, note } of results) if (note !== undefined) console.log(`${name}: ${note}`)
    console.log(`medians (smallest-largest); ${cpus().length} processors, load ${loadavg()[0].toFixed(1)}`)
  }
  return args.includes("--strict") && results.some((each) => !each.holds) ? 1 : 0
}

process.exitCode = await main()
