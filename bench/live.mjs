// How long live orders take at a venue that answers after 30 ms, held against the least program that signs and posts the
// same ones: what is journalled, committed and booked of each, and all that is asked before and afterwards, is ours.
import { spawn } from "node:child_process"
import { interleaved, result, rounded, run } from "./measure.mjs"
import { INSIDE, MAIN, POSTER } from "./world.mjs"

const ORDERS = 200
const LATENCY = 30
const SHARES = 10
const SLUGS = ["sandbox-rain", "sandbox-btc-up", "sandbox-election", "sandbox-peace"]

/** A venue in a process of its own, for as long as the work takes. */
const withVenue = async (world, work) => {
  const args = [MAIN, "sandbox", "--latency", String(LATENCY), "--cash", "1000000", "--json"]
  const child = spawn(process.execPath, args, {
    cwd: world.base,
    env: { ...process.env, ...world.env },
    stdio: ["ignore", "pipe", "inherit"]
  })
  const ended = new Promise((resolve) => child.on("exit", resolve))
  try {
    const told = await new Promise((resolve, reject) => {
      let text = ""
      child.stdout.on("data", (chunk) => {
        text += chunk
        // One document, which ends with the only line that begins with a brace.
        if (/^\}/m.test(text)) resolve(JSON.parse(text))
      })
      child.on("exit", (code) => reject(new Error(`the sandbox ended with ${code}`)))
    })
    return await work(told)
  } finally {
    child.kill("SIGTERM")
    await ended
  }
}

/** In turn an order that the book fills at once, and one that rests. */
const wanted = ({ markets }) =>
  Array.from({ length: ORDERS }, (_, at) => {
    const slug = SLUGS[at % SLUGS.length]
    const market = markets.find((each) => each.slug === slug)
    const fills = Math.floor(at / SLUGS.length) % 2 === 0
    const price = fills ? Number(market.ask) + 0.03 : Number(market.bid) - 0.02
    return { market, price: price.toFixed(2), fills }
  })

const planOf = (planId, orders) => ({
  planId,
  mode: "live",
  tradeInstructions: orders.map(({ market, price }) => ({
    marketId: market.slug,
    outcome: market.outcomes[0],
    side: "BUY",
    price: Number(price),
    size: SHARES,
    sizeUnit: "SHARES"
  }))
})

const ours = (world, round) =>
  withVenue(world, async (told) => {
    await world.clear()
    const plan = world.file("live.json", planOf(`live-${round}`, wanted(told)))
    const env = {
      ...world.env,
      ...told.env,
      DATABASE_URL: world.env.DATABASE_URL,
      BETTEROMS_HOME: world.env.BETTEROMS_HOME
    }
    const { text } = await run([INSIDE, "trade", plan, "live"], { env, cwd: world.base })
    const found = JSON.parse(text)
    if (found.status !== "completed" || found.ordersFilled !== ORDERS / 2 || found.ordersOpen !== ORDERS / 2)
      throw new Error(text)
    return found
  })

const bare = (world) =>
  withVenue(world, async ({ env, markets }) => {
    const orders = wanted({ markets }).map(({ market, price }) => ({
      exchange: market.negRisk ? "negRiskExchangeV2" : "ctfExchangeV2",
      tokenId: market.tokens[0],
      tick: Math.round(Number(market.tick) * 1e6),
      price: Math.round(Number(price) * 1e6),
      shares: SHARES * 1e6
    }))
    const file = world.file("orders.json", { env, orders })
    const { text } = await run([POSTER, file], { env: world.env, cwd: world.base })
    const found = JSON.parse(text)
    if (found.matched !== ORDERS / 2) throw new Error(text)
    return found
  })

export const live200 = async (world) => {
  const { of, spread } = await interleaved(5, {
    ours: (round) => ours(world, round),
    bare: () => bare(world)
  })
  const [mine, other] = [of("ours.millis"), of("bare.millis")]
  return [
    result({
      name: "live-200",
      unit: "ms",
      ours: mine,
      other,
      against: `a bare script that signs and posts the same orders to the same venue, which answers after ${LATENCY} ms`,
      goal: 1.3,
      note: `${rounded((mine - other) / ORDERS)} ms added per order, the first one out after ${rounded(of("ours.first"))} ms; ours ${spread("ours.millis")} (${spread("ours.cpu")} of processor), bare ${spread("bare.millis")} (${spread("bare.cpu")})`
    })
  ]
}
