import * as Predicate from "effect/Predicate"
import type { WebSocket } from "ws"
import type { House } from "./House.ts"
import type { Account } from "./Keys.ts"
import type { Listing } from "./Listing.ts"
import { textAt, textsAt } from "./Message.ts"
import * as Sender from "./Sender.ts"

/** Somebody who listens to the user channel. */
interface Owner {
  readonly socket: WebSocket
  readonly account: Account
  /** Condition ids; none is all. */
  readonly markets: Set<string>
}

/** The user channel: who has proved to own which account, and what they are told of it. */
export const make = (house: House, now: () => number) => {
  const owners = new Map<WebSocket, Owner>()
  const send = Sender.make(house, "user", now, () => owners.keys())
  return {
    heard: (socket: WebSocket, message: unknown): void => {
      const known = owners.get(socket)
      const markets = textsAt(message, "markets").map((id) => id.toLowerCase())
      if (known !== undefined) {
        for (const market of markets) {
          if (textAt(message, "operation") === "unsubscribe") known.markets.delete(market)
          else known.markets.add(market)
        }
        return
      }
      const auth = Predicate.hasProperty(message, "auth") ? message.auth : undefined
      const key = house.keys.get(textAt(auth, "apiKey"))
      if (key?.secret !== textAt(auth, "secret") || key.passphrase !== textAt(auth, "passphrase")) {
        socket.close(1008, "invalid auth")
        return
      }
      owners.set(socket, { socket, account: key.account, markets: new Set(markets) })
      socket.on("close", () => owners.delete(socket))
    },
    tell: (account: Account, listing: Listing, event: () => unknown): void => {
      for (const owner of owners.values()) {
        if (owner.account !== account) continue
        if (owner.markets.size > 0 && !owner.markets.has(listing.conditionId)) continue
        send(owner.socket, event())
      }
    }
  }
}
