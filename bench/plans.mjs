// Plans for the benches: simulated markets whose best ask is pinned, so that every run decides and fills alike.

const markets = (tag, count) =>
  Array.from({ length: count }, (_, index) => ({
    id: `sim-${tag}-${index}-ask-${(0.2 + 0.01 * (index % 60)).toFixed(2)}`,
    ask: 20 + (index % 60),
    outcome: index % 4 === 3 ? "NO" : "YES"
  }))

/** One order that fills at once. */
export const one = (planId) => ({
  planId,
  mode: "paper",
  tradeInstructions: [
    { marketId: `sim-${planId}-ask-0.45`, outcome: "YES", side: "BUY", type: "LIMIT", price: 0.46, size: 200 }
  ]
})

/** A plan of many instructions, spread over 200 markets: six in seven cross the book and fill, one in seven rests. */
export const many = (planId, instructions) => {
  const over = markets(planId, 200)
  return {
    planId,
    mode: "paper",
    onReject: "skip",
    defaults: { goodForSeconds: 10_800 },
    tradeInstructions: Array.from({ length: instructions }, (_, index) => {
      const { ask, id, outcome } = over[index % over.length]
      const best = outcome === "YES" ? ask : 101 - ask
      const rests = index % 7 === 6
      const price = rests ? Math.max(1, best - 5 - (index % 5)) : best + 2 + (index % 3)
      return {
        marketId: id,
        outcome,
        side: "BUY",
        type: "LIMIT",
        price: Number((price / 100).toFixed(2)),
        size: 5 + (index % 20),
        ...(index % 7 === 3 ? { timeInForce: "FAK" } : {}),
        ...(index % 3 === 0 ? { notes: `tranche ${index}` } : {})
      }
    })
  }
}
