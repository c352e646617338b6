import * as Predicate from "effect/Predicate"
import type { WebSocket } from "ws"
import type { House } from "./House.ts"
import type { Listing } from "./Listing.ts"
import * as MarketFrames from "./MarketFrames.ts"
import { textAt, textsAt } from "./Message.ts"
import * as Sender from "./Sender.ts"

/** Somebody who listens to the market channel. */
interface Watcher {
  readonly socket: WebSocket
  readonly tokens: Set<string>
  /** Wants the newer events, too: best prices, resolutions. */
  custom: boolean
}

/** The market channel: who listens to which tokens, and what they are told. */
export const make = (house: House, now: () => number) => {
  const watchers = new Map<WebSocket, Watcher>()
  const send = Sender.make(house, "market", now, () => watchers.keys())
  const bests = new Map<string, string>()
  const traded = new Set<Listing>()
  const of = (listing: Listing, custom = false) =>
    [...watchers.values()].filter(
      (each) => (each.custom || !custom) && listing.tokens.some((token) => each.tokens.has(token))
    )
  const dump = (watcher: Watcher, tokens: ReadonlyArray<string>): void => {
    const books = tokens.flatMap((token) => {
      const found = house.instruments.get(token)
      return found === undefined ? [] : [MarketFrames.bookFrame(found.listing, found.outcome)]
    })
    if (books.length > 0) send(watcher.socket, books)
  }
  return {
    open: (socket: WebSocket) => {
      watchers.set(socket, { socket, tokens: new Set(), custom: false })
      socket.on("close", () => watchers.delete(socket))
    },
    heard: (socket: WebSocket, message: unknown): void => {
      const watcher = watchers.get(socket)
      if (watcher === undefined) return
      const tokens = textsAt(message, "assets_ids")
      if (textAt(message, "operation") === "unsubscribe") {
        for (const token of tokens) watcher.tokens.delete(token)
        return
      }
      if (Predicate.hasProperty(message, "custom_feature_enabled")) {
        watcher.custom = message.custom_feature_enabled === true
      }
      for (const token of tokens) watcher.tokens.add(token)
      const quiet = Predicate.hasProperty(message, "initial_dump") && message.initial_dump === false
      if (!quiet) dump(watcher, tokens)
    },
    book: (listing: Listing): void => {
      const touched = [...listing.ladder.touched]
      listing.ladder.touched.clear()
      const listeners = of(listing)
      if (listeners.length === 0 || touched.length === 0) return
      const change = MarketFrames.changeFrame(listing, touched)
      for (const { socket } of listeners) send(socket, change)
      const best = MarketFrames.bestFrames(listing)
      const now = best.map(({ best_ask, best_bid }) => `${best_bid} ${best_ask}`).join()
      if (bests.get(listing.conditionId) !== now) {
        for (const { socket } of of(listing, true)) for (const frame of best) send(socket, frame)
      }
      bests.set(listing.conditionId, now)
      if (!traded.delete(listing)) return
      for (const watcher of listeners)
        dump(
          watcher,
          listing.tokens.filter((token) => watcher.tokens.has(token))
        )
    },
    tell: (listing: Listing, frames: ReadonlyArray<unknown>, custom = false): void => {
      for (const { socket } of of(listing, custom)) for (const frame of frames) send(socket, frame)
    },
    traded
  }
}
