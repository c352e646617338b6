/**
 * The charts of the report, drawn in the reader's browser as wide as the page is: a part of the script that stands in it.
 * They find the page's own words (`el`, `svg`, `num`, `usd`, `when`, `card`, `legend`) beside them.
 */
export const CHARTS = String.raw`
const nice = (lo, hi, n) => {
  const raw = (hi - lo) / n || 1, mag = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * mag).find((s) => s >= raw * 0.999) || raw;
  const out = [];
  for (let v = Math.ceil(lo / step - 1e-9) * step; v <= hi + step * 1e-9; v += step) out.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return { out, step };
};
const SPANS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800].map((s) => s * 1000);
const times = (x0, x1, n) => {
  const step = SPANS.find((s) => (x1 - x0) / s <= n) || Math.ceil((x1 - x0) / n / 2592e6) * 2592e6;
  const out = [];
  for (let t = Math.ceil(x0 / step) * step; t <= x1; t += step) out.push(t);
  return { out, step };
};
const clock = (t, step) => { const iso = new Date(t).toISOString(); return step >= 864e5 ? iso.slice(5, 10) : step >= 6e4 ? iso.slice(11, 16) : iso.slice(11, 19); };
let W = 1060;
const L = 62, R = 14, T = 8, B = 22;
const css = (name) => "var(--" + name + ")";
const frame = (height, x0, x1, y0, y1, label) => {
  if (!(x1 > x0)) x1 = x0 + 1000;
  if (!(y1 > y0)) { y0 -= 1; y1 += 1; }
  const root = svg("svg", { viewBox: "0 0 " + W + " " + height, role: "img" });
  const x = (t) => L + ((t - x0) / (x1 - x0)) * (W - L - R), y = (v) => height - B - ((v - y0) / (y1 - y0)) * (height - T - B);
  const ticks = nice(y0, y1, Math.max(2, Math.round(height / 55)));
  for (const v of ticks.out) {
    root.append(svg("line", { class: "grid", x1: L, x2: W - R, y1: y(v), y2: y(v) }), svg("text", { x: L - 8, y: y(v) + 4, "text-anchor": "end" }, label(v, ticks.step)));
  }
  const along = times(x0, x1, Math.max(2, Math.floor((W - L - R) / 72)));
  for (const t of along.out) {
    const px = x(t);
    root.append(svg("line", { class: "grid", x1: px, x2: px, y1: height - B, y2: height - B + 4 }), svg("text", { x: px, y: height - 5, "text-anchor": px > W - R - 20 ? "end" : px < L + 20 ? "start" : "middle" }, clock(t, along.step)));
  }
  return { root, x, y };
};
const path = (points, x, y, step) => {
  let d = "", pen = false, last = 0;
  for (const [t, v] of points) {
    if (!Number.isFinite(v)) { pen = false; continue; }
    const px = x(t).toFixed(1), py = y(v).toFixed(1);
    d += pen ? (step ? "L" + px + " " + last : "") + "L" + px + " " + py : "M" + px + " " + py;
    last = py; pen = true;
  }
  return d;
};
const line = (f, points, color, width, step) => f.root.append(svg("path", { d: path(points, f.x, f.y, step), fill: "none", stroke: color, "stroke-width": width, "stroke-linejoin": "round" }));
const hover = (f, height, xs, text) => {
  const mark = svg("line", { class: "grid", y1: T, y2: height - B, visibility: "hidden" }), note = svg("text", { y: T + 10, visibility: "hidden" });
  const pad = svg("rect", { x: L, y: 0, width: W - L - R, height, fill: "transparent" });
  const at = (e) => {
    const box = f.root.getBoundingClientRect(), px = ((e.clientX - box.left) / box.width) * W;
    let best = 0;
    for (let i = 1; i < xs.length; i++) if (Math.abs(f.x(xs[i]) - px) < Math.abs(f.x(xs[best]) - px)) best = i;
    const to = f.x(xs[best]), left = to > W / 2;
    mark.setAttribute("x1", to); mark.setAttribute("x2", to); mark.setAttribute("visibility", "visible");
    note.textContent = text(best); note.setAttribute("x", left ? to - 6 : to + 6); note.setAttribute("text-anchor", left ? "end" : "start"); note.setAttribute("visibility", "visible");
  };
  pad.addEventListener("pointermove", at);
  pad.addEventListener("pointerdown", at);
  pad.addEventListener("pointerleave", () => { mark.setAttribute("visibility", "hidden"); note.setAttribute("visibility", "hidden"); });
  f.root.append(mark, pad, note);
};
const money = (v, step) => v.toLocaleString("en-US", { minimumFractionDigits: step < 1 ? 2 : 0, maximumFractionDigits: step < 0.01 ? 4 : 2 });
const equity = (run) => {
  const e = run.equity, xs = e.map((p) => Date.parse(p[0])), all = e.flatMap((p) => [p[1], p[2], p[3]]);
  const lo = Math.min(...all), hi = Math.max(...all), room = (hi - lo) * 0.08 || Math.max(1, Math.abs(hi) * 0.001);
  const f = frame(280, xs[0], xs[xs.length - 1], lo - room, hi + room, money);
  const up = e.map((p, i) => [xs[i], p[3]]), down = e.map((p, i) => [xs[i], p[1]]);
  f.root.append(svg("path", { d: path(up, f.x, f.y) + path(down.slice().reverse(), f.x, f.y).replace("M", "L") + "Z", fill: css("band") }));
  line(f, e.map((p, i) => [xs[i], p[2]]), css("accent"), 2);
  hover(f, 280, xs, (i) => when(xs[i]) + "  " + usd(e[i][2]) + "  (" + usd(e[i][1]) + " \u2026 " + usd(e[i][3]) + ")");
  const deep = Math.max(...e.map((p) => p[4]), 1e-6), g = frame(110, xs[0], xs[xs.length - 1], -deep * 1.1, 0, (v) => (v * 100).toFixed(deep < 0.01 ? 3 : 1) + "%");
  const d = e.map((p, i) => [xs[i], -p[4]]);
  g.root.append(svg("path", { d: path(d, g.x, g.y) + "L" + g.x(xs[xs.length - 1]) + " " + g.y(0) + "L" + g.x(xs[0]) + " " + g.y(0) + "Z", fill: css("bad"), "fill-opacity": 0.18 }));
  line(g, d, css("bad"), 1.2);
  hover(g, 110, xs, (i) => when(xs[i]) + "  " + (e[i][4] * 100).toFixed(3) + "%");
  return card("Equity and drawdown", legend([css("accent"), "neutral"], [css("band"), "pessimistic to optimistic", 1]), f.root, legend([css("bad"), "drawdown"]), g.root);
};
const prices = (run, m) => {
  const p = m.path, xs = p.map((q) => Date.parse(q[0])), mine = run.fills.filter((q) => q.conditionId === m.conditionId);
  const ends = mine.map((q) => Date.parse(q.executedAt)), x0 = Math.min(...xs, ...ends), x1 = Math.max(...xs, ...ends);
  const all = p.flatMap((q) => [num(q[1]), num(q[2])]).concat(mine.map((q) => num(q.pathPrice))).filter(Number.isFinite);
  const lo = Math.max(0, Math.min(...all) - 0.02), hi = Math.min(1, Math.max(...all) + 0.02);
  const f = frame(220, x0, x1, all.length ? lo : 0, all.length ? hi : 1, (v, s) => v.toFixed(s < 0.01 ? 3 : 2));
  line(f, p.map((q, i) => [xs[i], q[3] ? num(q[2]) : NaN]), css("ask"), 1.3, true);
  line(f, p.map((q, i) => [xs[i], q[3] ? num(q[1]) : NaN]), css("bid"), 1.3, true);
  hover(f, 220, xs, (i) => when(xs[i]) + "  " + (p[i][3] ? (p[i][1] ?? "\u2013") + " / " + (p[i][2] ?? "\u2013") : "book not known"));
  for (const q of mine) {
    const buys = (q.side === "BUY") === (q.outcome === m.outcomes[0]), cx = f.x(Date.parse(q.executedAt)), cy = f.y(num(q.pathPrice)), s = buys ? 1 : -1;
    const t = svg("path", { d: "M" + cx + " " + (cy - 6 * s) + "l5 " + 9 * s + "h-10z", fill: q.liquidity === "taker" ? css(buys ? "good" : "bad") : css("card"), stroke: css(buys ? "good" : "bad"), "stroke-width": 1.5 });
    t.append(svg("title", {}, when(q.executedAt) + " " + q.side + " " + q.qty + " " + q.outcome + " at " + q.price + " (" + q.liquidity + ")"));
    f.root.append(t);
  }
  const [up, down] = m.outcomes;
  const kids = [legend([css("ask"), "best ask of " + up], [css("bid"), "best bid of " + up], [css("good"), "\u25b2 bought " + up + " or sold " + down, 2], [css("bad"), "\u25bc bought " + down + " or sold " + up, 2], ["", "hollow: maker", 2]), f.root];
  const held = p.flatMap((q) => [num(q[4]), -num(q[5])]);
  if (held.some((v) => v !== 0)) {
    const g = frame(90, x0, x1, Math.min(0, ...held), Math.max(0, ...held), (v) => Math.abs(v).toLocaleString("en-US"));
    const lines = [[4, 1, "good", "shares of " + up + " held"], [5, -1, "bad", "shares of " + down + " held, drawn downwards"]].filter(([at]) => p.some((q) => num(q[at]) !== 0));
    for (const [at, sign, color] of lines) line(g, p.map((q, i) => [xs[i], sign * num(q[at])]), css(color), 1.6, true);
    hover(g, 90, xs, (i) => when(xs[i]) + "  " + p[i][4] + " " + up + ", " + p[i][5] + " " + down);
    kids.push(legend(...lines.map(([, , color, text]) => [css(color), text])), g.root);
  }
  return card(m.question || m.slug, ...kids);
};
/** A bar a row from zero, and over it what the other bands reach from and to: [name, value, from, to]. */
const bars = (rows, wide) => {
  const all = rows.flatMap((r) => [0, r[1], r[2], r[3]]), lo = Math.min(...all), hi = Math.max(...all);
  const left = Math.min(300, wide * 0.36), height = rows.length * 26 + 24;
  const root = svg("svg", { viewBox: "0 0 " + wide + " " + height, role: "img", style: "max-width:" + wide + "px" });
  const x = (v) => left + ((v - lo) / (hi - lo || 1)) * (wide - left - 24);
  const ticks = nice(lo, hi, Math.max(2, Math.floor((wide - left) / 110)));
  for (const v of hi > lo ? ticks.out : [0]) root.append(svg("line", { class: "grid", x1: x(v), x2: x(v), y1: 0, y2: height - 20 }), svg("text", { x: x(v), y: height - 5, "text-anchor": "middle" }, money(v, ticks.step)));
  rows.forEach(([name, value, from, to], i) => {
    const cy = i * 26 + 13, most = Math.floor((left - 10) / 6.4), bar = svg("rect", { x: Math.min(x(0), x(value)), y: cy - 8, width: Math.max(1, Math.abs(x(value) - x(0))), height: 16, rx: 2, fill: css(value < 0 ? "bad" : "good"), "fill-opacity": 0.75 });
    bar.append(svg("title", {}, name + ": " + usd(value) + " (" + usd(from) + " \u2026 " + usd(to) + ")"));
    root.append(svg("text", { x: left - 10, y: cy + 4, "text-anchor": "end" }, name.length > most ? name.slice(0, most - 1) + "\u2026" : name), bar);
    if (from !== to) root.append(svg("path", { d: "M" + x(from) + " " + (cy - 4) + "v8m0-4H" + x(to) + "m0-4v8", fill: "none", stroke: css("ink"), "stroke-width": 1.2 }));
  });
  return root;
};
const calibration = (run) => {
  if (!run.calibration.length) return undefined;
  const root = svg("svg", { viewBox: "0 0 260 240", style: "max-width:300px" });
  const x = (v) => 34 + v * 210, y = (v) => 210 - v * 195, most = Math.max(...run.calibration.map((b) => num(b.shares)));
  for (const v of [0, 0.25, 0.5, 0.75, 1]) root.append(svg("line", { class: "grid", x1: x(0), x2: x(1), y1: y(v), y2: y(v) }), svg("text", { x: 28, y: y(v) + 4, "text-anchor": "end" }, String(v)), svg("text", { x: x(v), y: 226, "text-anchor": "middle" }, String(v)));
  root.append(svg("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), stroke: css("soft"), "stroke-dasharray": "4 4" }));
  for (const b of run.calibration) {
    const c = svg("circle", { cx: x(num(b.meanPrice)), cy: y(num(b.meanPayout)), r: 3 + 7 * Math.sqrt(num(b.shares) / most), fill: css("accent"), "fill-opacity": 0.7 });
    c.append(svg("title", {}, b.fills + " fills, " + b.shares + " shares: price " + b.meanPrice + ", paid " + b.meanPayout));
    root.append(c);
  }
  return card("Calibration of forecast and outcome", el("p", { class: "sub" }, "Mean entry price (across) against mean payout (up): on the line prices were right, above it they were too low. The larger, the more shares."), root);
};
`
