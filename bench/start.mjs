// How long commands take that do next to nothing.
import { interleaved, result, run } from "./measure.mjs"
import * as plans from "./plans.mjs"
import { readRows } from "./rows.mjs"
import { MAIN, OTHER } from "./world.mjs"

const timed = async (args, options) => ({ millis: (await run(args, options)).millis })

export const startVersion = async (world) => {
  const { env, base } = world
  const { of, spread } = await interleaved(25, {
    ours: () => timed([MAIN, "--version"], { env, cwd: base }),
    node: () => timed(["-e", "0"], { env, cwd: base })
  })
  return [
    result({
      name: "start-version",
      unit: "ms",
      ours: of("ours.millis"),
      other: of("node.millis"),
      against: "node -e 0",
      goal: 3,
      note: `ours ${spread("ours.millis")}, node ${spread("node.millis")}`
    })
  ]
}

export const startTrade = async (world) => {
  const { address, base, env } = world
  let rows = ""
  const { of, spread } = await interleaved(11, {
    ours: async (round) => {
      await world.clear()
      const plan = world.file("one.json", plans.one(`one-${round}`))
      const taken = await timed([MAIN, "trade", plan, "--market-data", "sim", "--json"], { env, cwd: base })
      rows = world.file("one.rows.json", await readRows(world.client))
      return taken
    },
    version: () => timed([MAIN, "--version"], { env, cwd: base }),
    bare: async () => {
      await world.freshCopy("copy")
      return timed([OTHER, address, "copy", rows], { env, cwd: base })
    }
  })
  return [
    result({
      name: "start-trade",
      unit: "ms",
      ours: of("ours.millis"),
      other: of("version.millis") + of("bare.millis"),
      against: "--version, and a bare pg client that commits the same rows, one statement a table",
      goal: 1.6,
      note: `ours ${spread("ours.millis")}, version ${spread("version.millis")}, bare ${spread("bare.millis")}`
    })
  ]
}
