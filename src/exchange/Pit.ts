import * as Either from "effect/Either"
import type { BookSnapshot } from "../domain/Book.ts"
import type { Market } from "../domain/Market.ts"
import { type Book, load } from "./Book.ts"
import type { Deficits } from "./Deficit.ts"
import { check } from "./Integrity.ts"

/** The two moments a snapshot simulator knows of a market. Neither book is ever written to. */
export interface Books {
  /** The book that the decision was made on; the present one where none is told. */
  readonly decided: Book
  /** The present book: fetched later, and what fills. */
  readonly shown: Book
  readonly fetchedMillis: number
}

/** The books of a market and what is ours in them already: the deficits are written to as orders fill. */
export interface Ground {
  readonly books: Books
  readonly deficits: Deficits
}

/** Where the orders of one market meet; without a usable book, why there is none. */
export interface Pit {
  readonly market: Market
  readonly books: Either.Either<Books, string>
}

const booksOf = (snapshot: BookSnapshot, decidedOn: BookSnapshot | undefined): Books => {
  const shown = load(snapshot)
  const usable = decidedOn !== undefined && decidedOn !== snapshot && Either.isRight(check(decidedOn))
  return {
    decided: usable ? load(decidedOn, snapshot.tick) : shown,
    shown,
    fetchedMillis: snapshot.fetchedMillis
  }
}

/** A pit on the present book (checked already) or on the reason why it cannot be used. */
export const make = (
  market: Market,
  snapshot: Either.Either<BookSnapshot, string>,
  decidedOn: BookSnapshot | undefined
): Pit => ({ market, books: Either.map(snapshot, (present) => booksOf(present, decidedOn)) })
