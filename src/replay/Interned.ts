const SLOTS = 4096

/** A text and its bytes. Texts are plain ASCII, so that both have one length. */
interface Entry {
  readonly bytes: Uint8Array
  readonly text: string
}

const NONE: Entry = { bytes: Uint8Array.of(0), text: "" }

/**
 * Texts that come again and again, by their bytes: the same bytes give the very same text, without decoding it anew. Of
 * texts that fall on one place the last is kept.
 */
export interface Interned {
  readonly entries: Array<Entry>
  /** The texts asked for last, latest first. */
  readonly recent: [Entry, Entry, Entry]
}

export const make = (): Interned => ({
  entries: Array.from({ length: SLOTS }, () => NONE),
  recent: [NONE, NONE, NONE]
})

const stands = (bytes: Uint8Array, from: number, wanted: Uint8Array): boolean => {
  for (let at = 0; at < wanted.length; at++) if (bytes[from + at] !== wanted[at]) return false
  return true
}

/** The one of the recent texts that begins at `from`, if any does: a market and its two tokens take turns. */
export const recentAt = ({ recent }: Interned, bytes: Uint8Array, from: number): string | undefined => {
  const [first, second, third] = recent
  return stands(bytes, from, first.bytes)
    ? first.text
    : stands(bytes, from, second.bytes)
      ? second.text
      : stands(bytes, from, third.bytes)
        ? third.text
        : undefined
}

/** The text of the bytes from `from` to before `to`. */
export const textAt = (interned: Interned, bytes: Buffer, from: number, to: number): string => {
  const { entries, recent } = interned
  // Ids are hashes or decimals of hashes: a few of their last digits tell them apart well.
  let mixed = to - from
  for (let at = Math.max(from, to - 6); at < to; at++) mixed = (mixed * 31 + (bytes[at] ?? 0)) | 0
  const slot = mixed & (SLOTS - 1)
  let entry = entries[slot] ?? NONE
  if (entry.bytes.length !== to - from || !stands(bytes, from, entry.bytes)) {
    entry = { bytes: Uint8Array.from(bytes.subarray(from, to)), text: bytes.toString("latin1", from, to) }
    entries[slot] = entry
  }
  recent[2] = recent[1]
  recent[1] = recent[0]
  recent[0] = entry
  return entry.text
}
