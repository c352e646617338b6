import type { Entry, TapeMarket } from "./TapeMarket.ts"

/** Most markets a tape can hold: their indexes are 16 bits wide. */
export const MOST_MARKETS = 65_535

/** The markets of a tape by index, while it is written. The table grows, and entries may come to be known better. */
export class MarketTable {
  readonly #markets: Array<TapeMarket>
  readonly #indexes: Map<string, number>
  #fresh: Set<number> = new Set()

  constructor(markets: ReadonlyArray<TapeMarket>) {
    this.#markets = [...markets]
    this.#indexes = new Map(markets.map((market, index) => [market.conditionId, index]))
  }

  get all(): ReadonlyArray<TapeMarket> {
    return this.#markets
  }

  /** The index of a market by its condition id. */
  indexOf(conditionId: string): number | undefined {
    return this.#indexes.get(conditionId)
  }

  /** Enters a market, or what is known better of one that is there; undefined where the table is full. */
  put(market: TapeMarket): number | undefined {
    const known = this.#indexes.get(market.conditionId)
    const index = known ?? this.#markets.length
    if (index >= MOST_MARKETS) return undefined
    this.#markets[index] = market
    this.#indexes.set(market.conditionId, index)
    this.#fresh.add(index)
    return index
  }

  /** The entries that have changed since the last call, to be written with the next block. */
  takeFresh(): ReadonlyArray<Entry> {
    const fresh = [...this.#fresh].flatMap((index) => {
      const market = this.#markets[index]
      return market === undefined ? [] : [{ index, market }]
    })
    this.#fresh = new Set()
    return fresh
  }
}
