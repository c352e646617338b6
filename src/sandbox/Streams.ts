import type { Server } from "node:http"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import type { House } from "./House.ts"
import * as MarketChannel from "./MarketChannel.ts"
import * as MarketFrames from "./MarketFrames.ts"
import { parse } from "./Message.ts"
import * as UserChannel from "./UserChannel.ts"
import * as UserFrames from "./UserFrames.ts"

/** Opens both channels on a server's port: `/ws/market`, public, and `/ws/user`, for owners of API keys. */
export const open = Effect.fn("Streams.open")(function* (house: House, server: Server, now: () => number) {
  const sockets = yield* Effect.acquireRelease(
    Effect.sync(() => new WebSocketServer({ noServer: true, perMessageDeflate: false })),
    (sockets) =>
      Effect.sync(() => {
        for (const socket of sockets.clients) socket.terminate()
        sockets.close()
      })
  )
  const [market, user] = [MarketChannel.make(house, now), UserChannel.make(house, now)]
  server.on("upgrade", (request, socket, head) => {
    const channel = /^\/ws\/(market|user)\/?(\?.*)?$/.exec(request.url ?? "")?.[1]
    if (channel === undefined) {
      socket.destroy()
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      if (channel === "market") market.open(opened)
      opened.on("error", () => opened.terminate())
      opened.on("message", (data) => {
        const text = String(data)
        if (text === "PING") opened.send("PONG")
        else (channel === "market" ? market : user).heard(opened, parse(text))
      })
    })
  })
  house.ears = {
    book: market.book,
    tick: (listing, before) => market.tell(listing, MarketFrames.tickFrames(listing, before)),
    resolved: (listing) => market.tell(listing, [MarketFrames.resolvedFrame(listing)], true),
    traded: (trade) => {
      market.traded.add(trade.listing)
      market.tell(trade.listing, [MarketFrames.tradeFrame(trade)])
    },
    order: (order, type, status = order.status) =>
      user.tell(order.key.account, order.listing, () => UserFrames.orderFrame(order, type, status, now())),
    trade: (trade) => {
      for (const account of trade.parties) {
        user.tell(account, trade.listing, () => UserFrames.tradeFrame(trade, account))
      }
    }
  }
})
