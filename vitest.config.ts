import { defineConfig } from "vitest/config"
import type { Reporter, TestModule } from "vitest/node"

/** One last line that any tool can read. */
const tally: Reporter = {
  onTestRunEnd(modules: ReadonlyArray<TestModule>) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    let broken = 0
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++
      if (module.errors().length > 0) broken++
    }
    // Behind the summary of the other reporters, which is still to come.
    process.once("exit", () => {
      process.stdout.write(`${count.passed} passed, ${count.failed + broken} failed, ${count.skipped} skipped\n`)
    })
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build.setup.ts", "test/database.setup.ts"],
    reporters: ["default", tally],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } }
  }
})
