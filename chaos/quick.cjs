// Starts a bundle with the machine code that an earlier start of it has left behind: thousands of processes start in a run.
const { readFileSync, renameSync, writeFileSync } = require("node:fs")
const { createRequire, wrap } = require("node:module")
const { dirname } = require("node:path")
const vm = require("node:vm")

const filename = process.env.CHAOS_BUNDLE
const kept = `${filename}.${process.version}.cache`

const read = () => {
  try {
    return readFileSync(kept)
  } catch {
    return undefined
  }
}

const cachedData = read()
const script = new vm.Script(wrap(readFileSync(filename, "utf8")), {
  filename,
  cachedData,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
})
if (cachedData === undefined || script.cachedDataRejected) {
  process.on("exit", (code) => {
    // A trade has been nearly everywhere.
    if (code !== 0 || process.argv[2] !== "trade") return
    writeFileSync(`${kept}.${process.pid}`, script.createCachedData())
    renameSync(`${kept}.${process.pid}`, kept)
  })
}
const bundle = { exports: {} }
script.runInThisContext()(bundle.exports, createRequire(filename), bundle, filename, dirname(filename))
