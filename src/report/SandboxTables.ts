import { format } from "../domain/Money.ts"
import { type Look, table } from "./Table.ts"

/** One market of the sandbox, as it is offered to whoever rehearses. Prices and sizes in micro-units. */
export interface SandboxMarketRow {
  readonly slug: string
  readonly gammaId: string
  readonly conditionId: string
  readonly outcomes: readonly [string, string]
  readonly tokens: readonly [string, string]
  readonly version: string
  readonly negRisk: boolean
  readonly tick: bigint
  readonly feeRate: bigint
  readonly takerDelayMillis: number
  readonly bid: bigint | undefined
  readonly ask: bigint | undefined
}

/** What a running sandbox tells of itself. */
export interface SandboxTold {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
  readonly envFile: string | undefined
  readonly cash: bigint
  readonly markets: ReadonlyArray<SandboxMarketRow>
}

const price = (micro: bigint | undefined): string => (micro === undefined ? "" : format(micro))

const kind = ({ negRisk, takerDelayMillis, version }: SandboxMarketRow): string =>
  [version, ...(negRisk ? ["neg-risk"] : []), ...(takerDelayMillis > 0 ? [`delay ${takerDelayMillis} ms`] : [])].join(
    ", "
  )

/** For people: the markets, and the environment that trades on them. */
export const sandboxText = (told: SandboxTold, look: Look): string =>
  [
    `Sandbox at ${told.url}: a pretended venue, no money moves. Ctrl-C ends it.`,
    table(
      [
        { title: "Market" },
        { title: "Id" },
        { title: "Outcomes" },
        { title: "Kind" },
        { title: "Tick", align: "right" },
        { title: "Fee rate", align: "right" },
        { title: "Bid", align: "right" },
        { title: "Ask", align: "right" }
      ],
      told.markets.map((market) => [
        market.slug,
        market.gammaId,
        market.outcomes.join(" / "),
        kind(market),
        format(market.tick),
        format(market.feeRate),
        price(market.bid),
        price(market.ask)
      ]),
      look
    ),
    told.envFile === undefined
      ? ["", ...Object.entries(told.env).map(([name, value]) => `export ${name}=${value}`)].join("\n")
      : `The environment of its operator, who has ${format(told.cash)} USDC there, is in ${told.envFile}. To trade on it:\n  set -a; . ${told.envFile.startsWith("/") ? told.envFile : `./${told.envFile}`}; set +a`
  ].join("\n")

/** The same for programs. */
export const sandboxJson = ({ cash, env, envFile, markets, url }: SandboxTold) => ({
  url,
  env,
  envFile: envFile ?? null,
  cash: format(cash),
  markets: markets.map((market) => ({
    slug: market.slug,
    id: market.gammaId,
    conditionId: market.conditionId,
    outcomes: market.outcomes,
    tokens: market.tokens,
    version: market.version,
    negRisk: market.negRisk,
    tick: format(market.tick),
    feeRate: format(market.feeRate),
    takerDelayMillis: market.takerDelayMillis,
    bid: market.bid === undefined ? null : format(market.bid),
    ask: market.ask === undefined ? null : format(market.ask)
  }))
})
