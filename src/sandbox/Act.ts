import * as Either from "effect/Either"
import { Price, Usd } from "../domain/Money.ts"
import type { Action } from "./Action.ts"
import * as Controls from "./Controls.ts"
import * as Engine from "./Engine.ts"
import * as Faults from "./Faults.ts"
import { type House, runDue, setMode } from "./House.ts"
import * as Operator from "./Operator.ts"
import { place } from "./Placing.ts"
import * as Settlement from "./Settlement.ts"
import * as Wallet from "./Wallet.ts"

/** Somebody by name. */
const whom = (house: House, name: string): Controls.Done<Operator.Operator> =>
  Either.fromNullable(house.operators.get(name), () => `nobody is called ${name}`)

/** Does one thing from outside; its answer is for whoever asked. */
export const act = (house: House, action: Action, now: number): Controls.Done<unknown> =>
  Either.gen(function* () {
    switch (action.do) {
      case "book":
        return yield* Controls.setBook(house, action.market, action, now)
      case "move":
        return yield* Controls.moveBook(house, action.market, action.ticks, now)
      case "tick":
        return yield* Controls.setTick(house, action.market, action.tick, now)
      case "accepting":
        ;(yield* Controls.marketOf(house, action.market)).accepting = action.accepting
        return
      case "resolve":
        return yield* Controls.resolve(house, action.market, action.winner, now)
      case "redeem":
        return yield* Controls.redeem(house, action.market, now)
      case "open": {
        const operator = Operator.open(
          house,
          action.name,
          action.signatureType,
          Usd(yield* Controls.micro(action.cash)),
          now
        )
        return { privateKey: operator.privateKey, address: operator.account.address, wallet: operator.wallet.address }
      }
      case "credit": {
        const { wallet } = yield* whom(house, action.who)
        return Controls.credit(house, wallet, action.token ?? Wallet.CASH, yield* Controls.micro(action.amount), now)
      }
      case "allow": {
        const { wallet } = yield* whom(house, action.who)
        wallet.allowances.set(`${action.kind}:${action.exchange.toLowerCase()}`, yield* Controls.micro(action.amount))
        return
      }
      case "account": {
        const { account } = yield* whom(house, action.who)
        account.banned = action.banned ?? account.banned
        account.closedOnly = action.closedOnly ?? account.closedOnly
        return
      }
      case "order": {
        const listing = yield* Controls.marketOf(house, action.market)
        const [price, amount] = [Price(yield* Controls.micro(action.price)), yield* Controls.micro(action.amount)]
        const { outcome, postOnly = false, side, type } = action
        return place(
          house,
          yield* whom(house, action.who),
          listing,
          { outcome, side, price, amount, type, postOnly },
          now
        ).body
      }
      case "cancel": {
        const order = yield* Either.fromNullable(house.orders.get(action.order), () => `no order ${action.order}`)
        return Engine.cancel(house, order, "CANCELED", "cancelled", now)
      }
      case "fault":
        return { id: Faults.add(house, action.fault) }
      case "clearFaults":
        return Faults.clear(house)
      case "mode":
        return setMode(house, action.mode, now, action.ms)
      case "skew":
        house.clockSkew = action.ms
        return
      case "geoblock":
        house.geoblocked = action.blocked
        return
      case "settle":
        return Settlement.settleAll(house, now)
      case "finish":
        return yield* Controls.finish(house, action.trade, action.as, now)
      case "advance":
        house.ahead += action.ms
        return runDue(house, now + action.ms)
    }
  })
