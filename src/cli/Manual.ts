/** What each command does, in a line, and a command line that shows it. `--help` of every command is made from this. */
const MANUAL = {
  trade: [
    "Takes one plan through decode, risk, execute, persist and report",
    "trade plans/demo.json --market-data sim"
  ],
  schedule: [
    "Every interval, aligned to the clock: looks after resting orders, then runs the plans of a directory that have not run yet; live ones without asking",
    "schedule --plans plans --interval 60"
  ],
  positions: ["Positions and their P&L at the current book", "positions --mode paper"],
  orders: ["Orders and where they stand", "orders --status open --mode paper"],
  fills: ["Executions, oldest first", "fills --plan demo"],
  balances: ["Cash, reserves and equity of each account", "balances"],
  runs: ["Runs, newest first", "runs"],
  "runs show": ["One run, as it was reported", "runs show demo"],
  report: ["The report of one run", "report demo --json"],
  export: ["Writes all orders, fills or positions as CSV or JSON", "export fills --format csv --out fills.csv"],
  halt: [
    "The kill switch: takes back our orders, proves that none rests, and refuses new ones until resume",
    'halt --reason "prices look wrong"'
  ],
  resume: ["Lets orders leave again after a halt", "resume"],
  cancel: ["Cancels resting orders and shows what they came to", "cancel --plan demo"],
  reconcile: [
    "Looks after resting orders and lays the live account beside its venue; what cannot be explained stops trading (code 7)",
    "reconcile --accept"
  ],
  verify: ["Folds positions, orders and cash anew from executions and walks the audit chain", "verify"],
  tape: ["Recorded market data, to replay", "tape info day.tape"],
  "tape import": [
    "Makes a tape of recorded files: messages of the market channel, books and trades as JSON (lines), best quotes as CSV, Parquet archives",
    "tape import day.jsonl.gz --market-info markets.json --out day.tape"
  ],
  "tape info": ["What a tape holds, market by market", "tape info day.tape"],
  "tape verify": [
    "Reads every byte of a tape and checks checksums, rows and books; a problem ends with code 1",
    "tape verify day.tape"
  ],
  "tape cut": [
    "A part of a tape: a span of time, some of its markets, or both. It begins with the books as they stood then",
    "tape cut day.tape --from 2026-05-26T14:00:00Z --to 2026-05-26T15:00:00Z --out hour.tape"
  ],
  "tape merge": ["One tape of several, in order of receipt", "tape merge monday.tape tuesday.tape --out week.tape"],
  record: [
    "Records books and trades of markets from the venue's stream into a tape",
    "record --market btc-updown-5m-1779805500 --out btc.tape --seconds 300"
  ],
  sandbox: [
    "Runs a local exchange that speaks the venue's API, to rehearse live trading without money; Ctrl-C ends it",
    "sandbox --port 8787 --env-out sandbox.env"
  ],
  paper: [
    "Trades a plan on paper over the venue's live stream, with queue positions and latency, and records what it was filled on",
    "paper plans/demo.json --tape session.tape --seconds 600"
  ],
  db: ["Care of the database", "db status"],
  "db migrate": ["Brings the tables up to date and shows every migration", "db migrate"],
  "db status": ["Where the database is and whether it runs", "db status"],
  "db stop": ["Stops the embedded server; the next command starts it again", "db stop"],
  "db backup": [
    "Writes everything to one compressed file that any later version can restore",
    "db backup betteroms.gz"
  ],
  "db restore": ["Fills an empty database from a backup, all of it or nothing", "db restore betteroms.gz"],
  backtest: [
    "What plans would have done over recorded books, with figures, bands and a report",
    "backtest plans/demo.json --tape day.tape --html report.html"
  ],
  calibrate: [
    "Lays what happened to real orders beside what was simulated of them: fill rate, slippage and markout, real against band",
    "calibrate"
  ],
  doctor: ["Checks settings, database, audit chain, market data and credentials, and says what to do", "doctor"],
  credentials: ["The keys that live trading needs", "credentials check"],
  "credentials check": [
    "Which Polymarket credentials are set and well-formed, never their values; paper trading needs none",
    "credentials check"
  ],
  "credentials create": [
    "Gets the API key of POLYMARKET_PRIVATE_KEY from the venue, proves it, and keeps it in .env.local, never showing it",
    "credentials create"
  ],
  allowances: ["What the venue's contracts may take from the wallet", "allowances check"],
  "allowances check": [
    "Balances, and every permission the venue needs: to whom, what for, how much, and how to fix it",
    "allowances check"
  ],
  "allowances set": [
    "Permits what trading needs, 1000 dollars for each spender unless told otherwise, after showing it and asking",
    "allowances set --only v1 --amount 250"
  ],
  "allowances revoke": [
    "Takes permissions back, all or some, after showing and asking",
    "allowances revoke --only exchangeV3"
  ],
  wrap: ["Makes pUSD, which the venue trades in, of the wallet's USDC.e or USDC", "wrap 100 --from usdc.e"],
  schema: ["The JSON Schema of plans, for editors to complete and check them", "schema --out trade-plan.schema.json"],
  demo: ["Paper-trades plans/demo.json on a simulated market, and forgets it", "demo"]
} as const

/** The description of a command, for its own `--help`. */
export const manual = (command: keyof typeof MANUAL): string => {
  const [does, example] = MANUAL[command]
  return `${does}.\n\nExample: betteroms ${example}`
}

/** What `betteroms` alone and `betteroms --help` print. */
export const overview = (version: string): string => {
  const entries = Object.entries(MANUAL)
  const width = Math.max(...entries.map(([command]) => command.length))
  return [
    `BetterOMS ${version}: order management for one operator of Polymarket.`,
    "",
    "Usage: betteroms COMMAND [OPTIONS]",
    "",
    ...entries.map(([command, [does]]) => `  ${command.padEnd(width)}  ${does}`),
    "",
    "Every command has --help with an example, and --json for programs.",
    "Shell completions: betteroms --completions bash (or zsh, fish).",
    "",
    "Example: betteroms trade plans/demo.json --market-data sim"
  ].join("\n")
}
