// How long a large plan takes, from its bytes to its outcome on a running server.
import { interleaved, result, run } from "./measure.mjs"
import * as plans from "./plans.mjs"
import { readRows, spelt } from "./rows.mjs"
import { INSIDE, MAIN, OTHER } from "./world.mjs"

const MOST_MEGABYTES = 300

const inside = async (world, plan) => {
  await world.clear()
  const { text } = await run([INSIDE, "trade", plan], { env: world.env, cwd: world.base })
  const told = JSON.parse(text)
  if (told.status !== "completed" || told.ordersFilled < told.ordersPlaced / 2) throw new Error(text)
  return told
}

const reinsert = async (world, rows, plan) => {
  await world.freshCopy("copy")
  const { text } = await run([OTHER, world.address, "copy", rows, plan], { env: world.env, cwd: world.base })
  return { millis: JSON.parse(text).millis }
}

export const plan10000 = async (world) => {
  const plan = world.file("many.json", plans.many("many", 10_000))
  let [rows, speltOut] = ["", ""]
  const { of, spread } = await interleaved(7, {
    ours: async () => {
      const { megabytes, millis } = await inside(world, plan)
      if (rows === "") {
        const written = await readRows(world.client)
        rows = world.file("many.rows.json", written)
        speltOut = world.file("many.spelt.json", spelt(written))
      }
      return { millis, megabytes }
    },
    insert: () => reinsert(world, rows, plan),
    spelt: () => reinsert(world, speltOut, plan),
    version: async () => ({ millis: (await run([MAIN, "--version"], { env: world.env, cwd: world.base })).millis }),
    whole: async () => {
      await world.clear()
      const args = [MAIN, "trade", plan, "--market-data", "sim", "--json"]
      return { millis: (await run(args, { env: world.env, cwd: world.base })).millis }
    }
  })
  const against = "JSON.parse of the plan, and an unnest insert of the same rows into fresh tables"
  return [
    result({
      name: "plan-10000",
      unit: "ms",
      ours: of("ours.millis"),
      other: of("insert.millis"),
      against,
      goal: 2,
      note: `ours ${spread("ours.millis")}, insert ${spread("insert.millis")}; ${spread("spelt.millis")} where the columns were spelt out beforehand`
    }),
    result({
      name: "plan-10000-process",
      unit: "ms",
      ours: of("whole.millis"),
      other: of("insert.millis") + of("version.millis"),
      against: "the same, and --version: the whole command, start and printed report included",
      goal: 2,
      note: `ours ${spread("whole.millis")}, version ${spread("version.millis")}`
    }),
    result({
      name: "plan-10000-memory",
      unit: "MB",
      ours: of("ours.megabytes"),
      other: MOST_MEGABYTES,
      against: "a ceiling on the most memory held at once",
      goal: 1
    })
  ]
}

export const planGrowth = async (world) => {
  const small = world.file("thousand.json", plans.many("many", 1_000))
  const large = world.file("many.json", plans.many("many", 10_000))
  const { of, spread } = await interleaved(7, {
    small: async () => ({ millis: (await inside(world, small)).millis }),
    large: async () => ({ millis: (await inside(world, large)).millis })
  })
  return [
    result({
      name: "plan-growth",
      unit: "ms",
      ours: of("large.millis"),
      other: of("small.millis"),
      against: "1,000 instructions instead of 10,000",
      goal: 12,
      note: `10,000: ${spread("large.millis")}, 1,000: ${spread("small.millis")}`
    })
  ]
}
