// node --import peak.mjs PROGRAM: where the program ends, the most memory that it held, in megabytes, is written to BENCH_PEAK.
import { writeFileSync } from "node:fs"

process.on("exit", () => writeFileSync(process.env.BENCH_PEAK, String(process.resourceUsage().maxRSS / 1024)))
