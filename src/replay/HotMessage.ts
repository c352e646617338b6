import { LARGEST } from "../exchange/Book.ts"
import * as Levels from "./Levels.ts"

/**
 * A full book or the changes of one message, read straight out of its text: these two are nearly all of a recording, and
 * making objects of them is most of the work of reading one. Texts are told as positions.
 */
export interface HotMessage {
  readonly levels: Levels.Levels
  text: string
  /** Where the reading is. */
  at: number
  isBook: boolean
  marketFrom: number
  marketTo: number
  /** The token of a full book. */
  assetFrom: number
  assetTo: number
  /** The tokens of changes. */
  tokenFrom: Int32Array
  tokenTo: Int32Array
  /** Epoch milliseconds; `received` is NaN where it is not told. */
  timestamp: number
  received: number
}

/** More changes than this in one message are read the usual way. */
const MOST_CHANGES = 4096

export const make = (): HotMessage => ({
  levels: Levels.make(256),
  text: "",
  at: 0,
  isBook: false,
  marketFrom: 0,
  marketTo: 0,
  assetFrom: 0,
  assetTo: 0,
  tokenFrom: new Int32Array(MOST_CHANGES),
  tokenTo: new Int32Array(MOST_CHANGES),
  timestamp: Number.NaN,
  received: Number.NaN
})

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const OPEN_LIST = 91
const CLOSE_LIST = 93
const OPEN = 123
const CLOSE = 125
const SCALE = [100_000, 10_000, 1_000, 100, 10, 1] as const

/** Takes the character at the cursor, if it is that one. */
const takes = (hot: HotMessage, code: number): boolean => {
  if (hot.text.charCodeAt(hot.at) !== code) return false
  hot.at++
  return true
}

/** End of the text that begins at the cursor behind its quote; the cursor moves behind the other quote. -1 where it is not plain. */
const endOfText = (hot: HotMessage): number => {
  const end = hot.text.indexOf('"', hot.at)
  if (end < 0 || hot.text.charCodeAt(end - 1) === BACKSLASH) return -1
  hot.at = end + 1
  return end
}

/** Micro-units of the quoted decimal at the cursor; -1 where it is none, or written in a rare way. */
const decimal = (hot: HotMessage): number => {
  const { text } = hot
  let { at } = hot
  if (text.charCodeAt(at) !== QUOTE) return -1
  let digit = text.charCodeAt(++at) - 48
  const start = at
  let whole = 0
  while (digit >= 0 && digit <= 9) {
    whole = whole * 10 + digit
    digit = text.charCodeAt(++at) - 48
  }
  if (at === start) return -1
  let micro = whole * 1_000_000
  if (digit === -2) {
    const point = at
    digit = text.charCodeAt(++at) - 48
    while (digit >= 0 && digit <= 9) {
      const scale = SCALE[at - point - 1]
      if (scale === undefined) return -1
      micro += digit * scale
      digit = text.charCodeAt(++at) - 48
    }
  }
  if (text.charCodeAt(at) !== QUOTE || micro > LARGEST) return -1
  hot.at = at + 1
  return micro
}

/** Epoch milliseconds out of thirteen digits, quoted or not; -1 where the time is written in another way. */
const time = (hot: HotMessage): number => {
  const quoted = takes(hot, QUOTE)
  const { text } = hot
  let { at } = hot
  let millis = 0
  for (const end = at + 13; at < end; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return -1
    millis = millis * 10 + digit
  }
  hot.at = at
  const after = text.charCodeAt(at)
  return (quoted ? takes(hot, QUOTE) : after === COMMA || after === CLOSE) ? millis : -1
}

/** A price from 0 to 1 at the cursor; -1 where it is none. */
const price = (hot: HotMessage): number => {
  const micro = decimal(hot)
  return micro <= 1_000_000 ? micro : -1
}

/** A level: `{"price":"0.4","size":"10"}`. */
const level = (hot: HotMessage, bid: boolean): boolean => {
  if (!hot.text.startsWith('{"price":', hot.at)) return false
  hot.at += 9
  const at = price(hot)
  if (at < 0 || !hot.text.startsWith(',"size":', hot.at)) return false
  hot.at += 8
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
  const { levels, text } = hot
  const row = levels.count
  if (row === MOST_CHANGES || !takes(hot, OPEN)) return false
  Levels.reserve(levels)
  levels.bestBid = Number.NaN
  levels.bestAsk = Number.NaN
  let found = 0
  do {
    const { at } = hot
    if (text.startsWith('"price":', at)) {
      hot.at = at + 8
      const told = price(hot)
      if (told < 0) return false
      levels.price[row] = told
      found |= 1
    } else if (text.startsWith('"size":', at)) {
      hot.at = at + 7
      const size = decimal(hot)
      if (size < 0) return false
      levels.size[row] = size
      found |= 2
    } else if (text.startsWith('"side":"', at)) {
      const bid = text.startsWith('BUY"', at + 8)
      if (!bid && !text.startsWith('SELL"', at + 8)) return false
      levels.bid[row] = bid ? 1 : 0
      hot.at = at + (bid ? 12 : 13)
      found |= 4
    } else if (text.startsWith('"asset_id":"', at)) {
      hot.at = at + 12
      hot.tokenFrom[row] = hot.at
      const end = endOfText(hot)
      if (end < 0) return false
      hot.tokenTo[row] = end
      found |= 8
    } else if (text.startsWith('"hash":"', at)) {
      hot.at = at + 8
      if (endOfText(hot) < 0) return false
    } else if (text.startsWith('"best_bid":', at)) {
      hot.at = at + 11
      levels.bestBid = decimal(hot)
      if (levels.bestBid < 0) return false
    } else if (text.startsWith('"best_ask":', at)) {
      hot.at = at + 11
      levels.bestAsk = decimal(hot)
      if (levels.bestAsk < 0) return false
    } else return false
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
const A_BOOK = MARKET | BOOK_TYPE | BIDS | ASKS | ASSET | TIME
const SOME_CHANGES = MARKET | CHANGE_TYPE | CHANGES | TIME

/** Reads one field of the message; what it was, or -1 where it is not one that is read here. */
const field = (hot: HotMessage): number => {
  const { at, text } = hot
  if (text.startsWith('"market":"', at)) {
    hot.at = at + 10
    hot.marketFrom = hot.at
    hot.marketTo = endOfText(hot)
    return hot.marketTo < 0 ? -1 : MARKET
  }
  if (text.startsWith('"timestamp":', at)) {
    hot.at = at + 12
    hot.timestamp = time(hot)
    return hot.timestamp < 0 ? -1 : TIME
  }
  if (text.startsWith('"price_changes":', at)) {
    hot.at = at + 16
    return changes(hot) ? CHANGES : -1
  }
  if (text.startsWith('"event_type":"price_change"', at)) {
    hot.at = at + 27
    return CHANGE_TYPE
  }
  if (text.startsWith('"event_type":"book"', at)) {
    hot.at = at + 19
    return BOOK_TYPE
  }
  if (text.startsWith('"asset_id":"', at)) {
    hot.at = at + 12
    hot.assetFrom = hot.at
    hot.assetTo = endOfText(hot)
    return hot.assetTo < 0 ? -1 : ASSET
  }
  if (text.startsWith('"bids":', at) || text.startsWith('"asks":', at)) {
    hot.at = at + 7
    const bid = text.charCodeAt(at + 1) === 98
    return sideOf(hot, bid) ? (bid ? BIDS : ASKS) : -1
  }
  if (text.startsWith('"hash":"', at)) {
    hot.at = at + 8
    return endOfText(hot) < 0 ? -1 : 0
  }
  if (text.startsWith('"last_trade_price":"', at)) {
    hot.at = at + 20
    return endOfText(hot) < 0 ? -1 : 0
  }
  if (text.startsWith('"tick_size":', at)) {
    hot.at = at + 12
    hot.levels.tick = decimal(hot)
    return hot.levels.tick < 0 ? -1 : 0
  }
  if (text.startsWith('"local_timestamp":', at)) {
    hot.at = at + 18
    hot.received = time(hot)
    return hot.received < 0 ? -1 : 0
  }
  return -1
}

/**
 * Reads the message at `from` to `end` of a text; false where it is not a full book or changes in the compact form in which
 * the venue sends them, or where anything in it is unusual: then it must be read the usual way, which also says what is
 * wrong with it if something is.
 */
export const read = (hot: HotMessage, text: string, from: number, end: number): boolean => {
  hot.text = text
  hot.at = from
  hot.received = Number.NaN
  Levels.reset(hot.levels)
  if (!takes(hot, OPEN)) return false
  let found = 0
  do {
    const what = field(hot)
    // A field that is there twice is unusual, too.
    if (what < 0 || (found & what) !== 0) return false
    found |= what
  } while (takes(hot, COMMA))
  hot.isBook = found === A_BOOK
  return (hot.isBook || found === SOME_CHANGES) && takes(hot, CLOSE) && hot.at === end
}
