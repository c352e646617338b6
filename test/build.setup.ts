import { execFileSync } from "node:child_process"
import { join } from "node:path"

/** What is typed on the command line in tests is dist/main.js of the source as it is now. */
export const setup = () => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../build.mjs")], { stdio: "inherit" })
}
