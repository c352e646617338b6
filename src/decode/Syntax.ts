import { type ParseErrorCode, printParseErrorCode } from "jsonc-parser"
import { shorten } from "./Json.ts"

const DELIMITER = /[\s{}[\],:"/]/

/** The longest stretch looked at on each side of a place: a message needs no more. */
const REACH = 60

/** The whole word around a place: for the `x10` of `0x10` the number it was meant to be. */
const wordAt = (text: string, offset: number): { readonly start: number; readonly word: string } => {
  let start = offset
  let end = offset
  const inWord = (index: number) => index >= 0 && index < text.length && !DELIMITER.test(text.charAt(index))
  if (!inWord(offset)) return { start, word: text.charAt(offset) }
  while (offset - start < REACH && inWord(start - 1)) start -= 1
  while (end - offset < REACH && inWord(end)) end += 1
  return { start, word: text.slice(start, end) }
}

const NUMBER_LIKE = /^[+-]?(\.?\d|\.$|NaN$|Infinity$|$)/i
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const QUOTED = /^['`\u2018\u2019\u201c\u201d]/

/** A syntax error in words: where it really starts, what was found and what was expected. */
export const explain = (
  error: ParseErrorCode,
  text: string,
  offset: number,
  opened: string
): { readonly offset: number; readonly message: string } => {
  const { start, word } = wordAt(text, offset)
  const code = printParseErrorCode(error)
  const found = offset >= text.length ? "the end of the file" : shorten(word === '"' ? stringAt(text, offset) : word)
  const here = (message: string) => ({ offset, message })
  switch (code) {
    case "InvalidSymbol":
    case "InvalidNumberFormat":
    case "UnexpectedEndOfNumber":
      return { offset: start, message: symbol(word, text, start) }
    case "CommaExpected":
      // Two tokens with nothing between them are one misspelt number.
      return start < offset
        ? { offset: start, message: symbol(word, text, start) }
        : here(`found ${found}: expected a comma or the end of ${opened} before it`)
    case "PropertyNameExpected":
      return here(`found ${found}: expected a field name in double quotes`)
    case "ColonExpected":
      return here(`found ${found}: expected a colon after the field name`)
    case "ValueExpected":
      return here(`found ${found}: expected a value`)
    case "CloseBraceExpected":
      return here(`found ${found} inside ${opened}: expected "}"`)
    case "CloseBracketExpected":
      return here(`found ${found} inside ${opened}: expected "]"`)
    case "EndOfFileExpected":
      return here(`found ${found} after the end of the plan: expected nothing more`)
    case "UnexpectedEndOfComment":
    case "InvalidCommentToken":
      return here('found a comment that is never closed: expected "*/"')
    case "UnexpectedEndOfString":
      return here("found a string that is not closed on its line: expected a double quote at its end")
    case "InvalidUnicode":
      return here("found \\u without four hexadecimal digits in a string: expected for example \\u00e9")
    case "InvalidEscapeCharacter":
      return here('found an unknown escape in a string: expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u')
    case "InvalidCharacter":
      return here("found a bare control character in a string: expected it as an escape such as \\t")
    default:
      return here(`found ${found}: expected valid JSON`)
  }
}

const stringAt = (text: string, offset: number): string =>
  /^"(?:[^"\\\r\n]|\\.)*"?/.exec(text.slice(offset, offset + REACH + 2))?.[0] ?? '"'

const symbol = (word: string, text: string, start: number): string => {
  const shown = shorten(word)
  if (NUMBER_LIKE.test(word) && !DECIMAL.test(word)) return `found ${shown}: expected a number such as 0.42, 500 or 1e3`
  if (QUOTED.test(word)) return `found ${shown}: expected text in straight double quotes`
  const next = text.slice(start + word.length, start + word.length + REACH).trimStart()
  if (next.startsWith(":")) return `found ${shown}: expected the field name in double quotes`
  if (/^(true|false|null|none|undefined)$/i.test(word)) return `found ${shown}: expected true, false or a value`
  return `found ${shown}: expected a value; text stands in double quotes`
}
