import type * as Clock from "effect/Clock"

const WIDTH = 24

const seconds = (millis: number): string => {
  const whole = Math.ceil(millis / 1000)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

const short = (count: number): string =>
  count >= 1e6 ? `${(count / 1e6).toFixed(1)}M` : count >= 1e3 ? `${(count / 1e3).toFixed(0)}k` : count.toFixed(0)

/** How far work on so many events has come, its rate and the time left, in words. */
export const progressText = (done: number, total: number, spentMillis: number): string => {
  const part = total > 0 ? Math.min(1, done / total) : 1
  const full = Math.round(part * WIDTH)
  const left = done > 0 ? (spentMillis / done) * Math.max(0, total - done) : 0
  const rate = spentMillis > 0 ? (done / spentMillis) * 1000 : 0
  return `[${"#".repeat(full)}${".".repeat(WIDTH - full)}] ${(part * 100).toFixed(0)}% ${short(done)} of ${short(total)} events, ${short(rate)}/s, ${seconds(left)} left`
}

/** Tells progress on stderr: in place on a terminal, elsewhere a line every five seconds; short work tells nothing. */
export const progressBar = (total: number, clock: Clock.Clock) => {
  const began = clock.unsafeCurrentTimeMillis()
  const terminal = process.stderr.isTTY === true
  let [done, last, shown] = [0, began, false]
  return {
    add: (rows: number): void => {
      done += rows
      const now = clock.unsafeCurrentTimeMillis()
      if (now - last < (terminal ? 100 : 5000)) return
      last = now
      shown = true
      const text = progressText(done, total, now - began)
      process.stderr.write(terminal ? `\r\x1b[2K${text}` : `${text}\n`)
    },
    end: (): void => {
      if (shown && terminal) process.stderr.write("\r\x1b[2K")
    }
  }
}
