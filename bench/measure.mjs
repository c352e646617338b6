// Runs programs, times them, and takes the middle of what they took.
import { spawn } from "node:child_process"
import { performance } from "node:perf_hooks"

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Runs a program to its end: milliseconds from before it is started until it has ended, and what it wrote. */
export const run = (args, { env = {}, cwd } = {}) =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const out = []
    const err = []
    let ended = 0
    child.stdout.on("data", (chunk) => out.push(chunk))
    child.stderr.on("data", (chunk) => err.push(chunk))
    child.on("error", reject)
    child.on("exit", () => {
      ended = performance.now()
    })
    child.on("close", (code) => {
      if (code === 0) return resolve({ millis: ended - started, text: Buffer.concat(out).toString() })
      reject(new Error(`node ${args.join(" ")} ended with ${code}:\n${Buffer.concat(err)}${Buffer.concat(out)}`))
    })
  })

/**
 * Measures the sides of a comparison in turn, A B A B, so that what else the machine does falls on all of them alike. The
 * first round warms caches and is not counted. Each side is an async function that returns numbers by name.
 */
export const interleaved = async (rounds, sides) => {
  const taken = {}
  for (let round = 0; round <= rounds; round++) {
    for (const [side, measure] of Object.entries(sides)) {
      const found = await measure(round)
      if (round === 0) continue
      for (const [name, value] of Object.entries(found)) {
        const key = `${side}.${name}`
        taken[key] ??= []
        taken[key].push(value)
      }
    }
  }
  return {
    of: (key) => median(taken[key]),
    /** The middle, and the smallest and largest. */
    spread: (key) =>
      `${median(taken[key]).toFixed(0)} (${Math.min(...taken[key]).toFixed(0)}-${Math.max(...taken[key]).toFixed(0)})`
  }
}

export const rounded = (value, digits = 2) => Number(value.toFixed(digits))

/** One line of the results. `goal` is the largest ratio that is good enough. */
export const result = ({ name, unit, ours, other, against, goal, note }) => {
  const ratio = ours / other
  return {
    name,
    unit,
    ours: rounded(ours, 1),
    other: rounded(other, 1),
    against,
    ratio: Number(ratio.toPrecision(3)),
    goal: Number(goal.toPrecision(3)),
    holds: ratio <= goal,
    ...(note === undefined ? {} : { note })
  }
}
