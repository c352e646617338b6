import * as Interned from "./Interned.ts"
import {
  CLOSE,
  CLOSE_LIST,
  COMMA,
  type Cursor,
  decimal,
  NEWLINE,
  OPEN,
  OPEN_LIST,
  skipText,
  takes,
  takeText,
  takeWord,
  time,
  wordOf
} from "./JsonBytes.ts"
import * as Levels from "./Levels.ts"

/**
 * A full book or the changes of one message, read straight out of its bytes: these two are nearly all of a recording, and
 * making objects of them is most of the work of reading one.
 */
export interface HotMessage extends Cursor {
  readonly levels: Levels.Levels
  isBook: boolean
  market: string
  /** The token of a full book. */
  asset: string
  /** The token of each change. */
  readonly tokens: Array<string>
  /** Epoch milliseconds; `received` is NaN where it is not told. */
  timestamp: number
  received: number
}

export const make = (): HotMessage => ({
  levels: Levels.make(256),
  interned: Interned.make(),
  bytes: Buffer.alloc(0),
  at: 0,
  isBook: false,
  market: "",
  asset: "",
  tokens: [],
  timestamp: Number.NaN,
  received: Number.NaN
})

const WORDS = {
  LEVEL_PRICE: wordOf('{"price":'),
  LEVEL_SIZE: wordOf(',"size":'),
  PRICE: wordOf('"price":'),
  SIDE: wordOf('"side":"'),
  BUY: wordOf('BUY"'),
  SELL: wordOf('SELL"'),
  SIZE: wordOf('"size":'),
  ASSET_ID: wordOf('"asset_id":"'),
  HASH: wordOf('"hash":"'),
  BEST_BID: wordOf('"best_bid":'),
  BEST_ASK: wordOf('"best_ask":'),
  MARKET_ID: wordOf('"market":"'),
  TIMESTAMP: wordOf('"timestamp":'),
  TICK_SIZE: wordOf('"tick_size":'),
  PRICE_CHANGES: wordOf('"price_changes":'),
  EVENT_TYPE: wordOf('"event_type":"'),
  PRICE_CHANGE: wordOf('price_change"'),
  A_FULL_BOOK: wordOf('book"'),
  ASK_LEVELS: wordOf('"asks":'),
  BID_LEVELS: wordOf('"bids":'),
  LAST_TRADE: wordOf('"last_trade_price":"'),
  LOCAL_TIME: wordOf('"local_timestamp":')
} as const

/** A price from 0 to 1 at the cursor; -1 where it is none. */
const price = (hot: HotMessage): number => {
  const micro = decimal(hot)
  return micro <= 1_000_000 ? micro : -1
}

/** A level: `{"price":"0.4","size":"10"}`. */
const level = (hot: HotMessage, bid: boolean): boolean => {
  if (!takeWord(hot, WORDS.LEVEL_PRICE)) return false
  const at = price(hot)
  if (at < 0 || !takeWord(hot, WORDS.LEVEL_SIZE)) return false
  const size = decimal(hot)
  if (size < 0 || !takes(hot, CLOSE)) return false
  Levels.add(hot.levels, bid, at, size, false)
  return true
}

const sideOf = (hot: HotMessage, bid: boolean): boolean => {
  if (!takes(hot, OPEN_LIST)) return false
  if (takes(hot, CLOSE_LIST)) return true
  do if (!level(hot, bid)) return false
  while (takes(hot, COMMA))
  return takes(hot, CLOSE_LIST)
}

/** A change, its fields in any order: `{"asset_id":"1","price":"0.4","size":"10","side":"BUY",...}`. */
const change = (hot: HotMessage): boolean => {
  const { bytes, levels } = hot
  const row = levels.count
  if (!takes(hot, OPEN)) return false
  Levels.reserve(levels)
  levels.bestBid = Number.NaN
  levels.bestAsk = Number.NaN
  let found = 0
  do {
    // The second letter behind the quote tells the keys apart.
    switch (bytes[hot.at + 2]) {
      case 114: {
        const told = takeWord(hot, WORDS.PRICE) ? price(hot) : -1
        if (told < 0) return false
        levels.price[row] = told
        found |= 1
        break
      }
      case 105: {
        if (takeWord(hot, WORDS.SIDE)) {
          const bid = takeWord(hot, WORDS.BUY)
          if (!bid && !takeWord(hot, WORDS.SELL)) return false
          levels.bid[row] = bid ? 1 : 0
          found |= 4
          break
        }
        const size = takeWord(hot, WORDS.SIZE) ? decimal(hot) : -1
        if (size < 0) return false
        levels.size[row] = size
        found |= 2
        break
      }
      case 115: {
        if (!takeWord(hot, WORDS.ASSET_ID)) return false
        const token = takeText(hot)
        if (token === undefined) return false
        hot.tokens[row] = token
        found |= 8
        break
      }
      case 97:
        if (!takeWord(hot, WORDS.HASH) || !skipText(hot)) return false
        break
      case 101: {
        const isBid = takeWord(hot, WORDS.BEST_BID)
        const best = isBid || takeWord(hot, WORDS.BEST_ASK) ? decimal(hot) : -1
        if (best < 0) return false
        if (isBid) levels.bestBid = best
        else levels.bestAsk = best
        break
      }
      default:
        return false
    }
  } while (takes(hot, COMMA))
  levels.count = row + 1
  return found === 15 && takes(hot, CLOSE)
}

const changes = (hot: HotMessage): boolean => {
  if (!takes(hot, OPEN_LIST)) return false
  do if (!change(hot)) return false
  while (takes(hot, COMMA))
  return takes(hot, CLOSE_LIST)
}

const MARKET = 1
const BOOK_TYPE = 2
const CHANGE_TYPE = 4
const BIDS = 8
const ASKS = 16
const CHANGES = 32
const ASSET = 64
const TIME = 128
const TICK = 256
const RECEIVED = 512
/** Fields that may be missing. */
const OPTIONAL = TICK | RECEIVED
const A_BOOK = MARKET | BOOK_TYPE | BIDS | ASKS | ASSET | TIME
const SOME_CHANGES = MARKET | CHANGE_TYPE | CHANGES | TIME

/** Reads one field of the message; what it was, 0 for one that tells nothing here, or -1 where it cannot be read here. */
const field = (hot: HotMessage): number => {
  // The first letter of the key.
  switch (hot.bytes[hot.at + 1]) {
    case 109: {
      const market = takeWord(hot, WORDS.MARKET_ID) ? takeText(hot) : undefined
      if (market === undefined) return -1
      hot.market = market
      return MARKET
    }
    case 116:
      if (takeWord(hot, WORDS.TIMESTAMP)) {
        hot.timestamp = time(hot)
        return hot.timestamp < 0 ? -1 : TIME
      }
      if (!takeWord(hot, WORDS.TICK_SIZE)) return -1
      hot.levels.tick = decimal(hot)
      return hot.levels.tick < 0 ? -1 : TICK
    case 112:
      return takeWord(hot, WORDS.PRICE_CHANGES) && changes(hot) ? CHANGES : -1
    case 101:
      if (!takeWord(hot, WORDS.EVENT_TYPE)) return -1
      return takeWord(hot, WORDS.PRICE_CHANGE) ? CHANGE_TYPE : takeWord(hot, WORDS.A_FULL_BOOK) ? BOOK_TYPE : -1
    case 97: {
      if (takeWord(hot, WORDS.ASK_LEVELS)) return sideOf(hot, false) ? ASKS : -1
      const asset = takeWord(hot, WORDS.ASSET_ID) ? takeText(hot) : undefined
      if (asset === undefined) return -1
      hot.asset = asset
      return ASSET
    }
    case 98:
      return takeWord(hot, WORDS.BID_LEVELS) && sideOf(hot, true) ? BIDS : -1
    case 104:
      return takeWord(hot, WORDS.HASH) && skipText(hot) ? 0 : -1
    case 108:
      if (takeWord(hot, WORDS.LAST_TRADE)) return skipText(hot) ? 0 : -1
      if (!takeWord(hot, WORDS.LOCAL_TIME)) return -1
      hot.received = time(hot)
      return hot.received < 0 ? -1 : RECEIVED
    default:
      return -1
  }
}

/**
 * Reads the message that begins at `from` in lines that end at `limit`: where its line ends, or -1 where it is not a full book
 * or changes in the compact form in which the venue sends them, or anything in it is unusual. Then it must be read the
 * usual way, which also says what is wrong with it if something is.
 */
export const read = (hot: HotMessage, bytes: Buffer, from: number, limit: number): number => {
  hot.bytes = bytes
  hot.at = from
  hot.received = Number.NaN
  Levels.reset(hot.levels)
  if (!takes(hot, OPEN)) return -1
  let found = 0
  do {
    const what = field(hot)
    // A field that is there twice is unusual, too.
    if (what < 0 || (found & what) !== 0) return -1
    found |= what
  } while (takes(hot, COMMA))
  found &= ~OPTIONAL
  hot.isBook = found === A_BOOK
  if ((!hot.isBook && found !== SOME_CHANGES) || !takes(hot, CLOSE)) return -1
  return hot.at === limit || (hot.at < limit && bytes[hot.at] === NEWLINE) ? hot.at : -1
}
