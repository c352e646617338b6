/**
 * Draws the report in the reader's browser out of the JSON that stands in it. Everything that comes from outside is set as
 * text, never as markup. Plain JavaScript without anything to load.
 */
export const SCRIPT = String.raw`
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const NS = "http://www.w3.org/2000/svg";
const el = (tag, attrs, ...kids) => {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs || {})) if (v !== undefined) node.setAttribute(k, v);
  node.append(...kids.filter((k) => k !== undefined && k !== null));
  return node;
};
const svg = (tag, attrs, text) => {
  const node = document.createElementNS(NS, tag);
  for (const [k, v] of Object.entries(attrs || {})) node.setAttribute(k, v);
  if (text !== undefined) node.textContent = text;
  return node;
};
const num = (t) => (t === null || t === undefined ? NaN : Number(t));
const fixed = (t, d) => (Number.isFinite(num(t)) ? num(t).toFixed(d) : "\u2013");
const pct = (t) => (Number.isFinite(num(t)) ? (num(t) * 100).toFixed(2) + "%" : "\u2013");
const usd = (t) => (Number.isFinite(num(t)) ? (num(t) < 0 ? "\u2212" : "") + "$" + Math.abs(num(t)).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) : "\u2013");
const gain = (t) => (num(t) > 0 ? "+" : "") + usd(t);
const tone = (t) => (num(t) > 0 ? "good" : num(t) < 0 ? "bad" : "");
const when = (t) => new Date(t).toISOString().replace("T", " ").slice(0, 19);
const table = (heads, rows) => el("table", {},
  el("thead", {}, el("tr", {}, ...heads.map((h) => el("th", { class: h.r ? "r" : undefined }, h.t)))),
  el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((c, i) => el("td", { class: [heads[i].r ? "r" : "", c && c.c ? c.c : ""].join(" ").trim() || undefined }, c && c.t !== undefined ? c.t : c))))));
const card = (title, ...kids) => el("section", { class: "card" }, el("h2", {}, title), ...kids);
const legend = (...items) => el("div", { class: "legend" }, ...items.map(([color, text]) => { const i = el("i"); i.style.background = color; return el("span", {}, i, text); }));
const nice = (lo, hi, n) => {
  const raw = (hi - lo) / n || 1, mag = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * mag).find((s) => s >= raw * 0.999) || raw;
  const out = [];
  for (let v = Math.ceil(lo / step - 1e-9) * step; v <= hi + step * 1e-9; v += step) out.push(v);
  return { out, step };
};
const clock = (t, span) => { const iso = new Date(t).toISOString(); return span > 2 * 864e5 ? iso.slice(5, 10) : span > 36e5 ? iso.slice(11, 16) : iso.slice(11, 19); };
const W = 1060, L = 62, R = 12, T = 8, B = 22;
const frame = (height, x0, x1, y0, y1, label) => {
  if (!(x1 > x0)) x1 = x0 + 1;
  if (!(y1 > y0)) { y0 -= 1; y1 += 1; }
  const root = svg("svg", { viewBox: "0 0 " + W + " " + height, role: "img" });
  const x = (t) => L + ((t - x0) / (x1 - x0)) * (W - L - R), y = (v) => height - B - ((v - y0) / (y1 - y0)) * (height - T - B);
  const ticks = nice(y0, y1, Math.max(2, Math.round(height / 55)));
  for (const v of ticks.out) {
    root.append(svg("line", { class: "grid", x1: L, x2: W - R, y1: y(v), y2: y(v) }), svg("text", { x: L - 8, y: y(v) + 4, "text-anchor": "end" }, label(v, ticks.step)));
  }
  for (let i = 0; i <= 6; i++) {
    const t = x0 + ((x1 - x0) * i) / 6;
    root.append(svg("text", { x: x(t), y: height - 5, "text-anchor": i === 0 ? "start" : i === 6 ? "end" : "middle" }, clock(t, x1 - x0)));
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
  pad.addEventListener("mousemove", (e) => {
    const box = f.root.getBoundingClientRect(), at = ((e.clientX - box.left) / box.width) * W;
    let best = 0;
    for (let i = 1; i < xs.length; i++) if (Math.abs(f.x(xs[i]) - at) < Math.abs(f.x(xs[best]) - at)) best = i;
    const px = f.x(xs[best]);
    mark.setAttribute("x1", px); mark.setAttribute("x2", px); mark.setAttribute("visibility", "visible");
    note.textContent = text(best); note.setAttribute("x", px > W / 2 ? px - 6 : px + 6); note.setAttribute("text-anchor", px > W / 2 ? "end" : "start"); note.setAttribute("visibility", "visible");
  });
  pad.addEventListener("mouseleave", () => { mark.setAttribute("visibility", "hidden"); note.setAttribute("visibility", "hidden"); });
  f.root.append(mark, pad, note);
};
const css = (name) => "var(--" + name + ")";
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
  return card("Equity and drawdown", legend([css("accent"), "neutral"], [css("band"), "pessimistic to optimistic"], [css("bad"), "drawdown"]), f.root, g.root);
};
const prices = (run, m) => {
  const p = m.path, xs = p.map((q) => Date.parse(q[0])), mine = run.fills.filter((q) => q.conditionId === m.conditionId);
  const ends = mine.map((q) => Date.parse(q.executedAt)), x0 = Math.min(...xs, ...ends), x1 = Math.max(...xs, ...ends);
  const all = p.flatMap((q) => [num(q[1]), num(q[2])]).concat(mine.map((q) => num(q.pathPrice))).filter(Number.isFinite);
  const lo = Math.max(0, Math.min(...all) - 0.02), hi = Math.min(1, Math.max(...all) + 0.02);
  const f = frame(220, x0, x1, all.length ? lo : 0, all.length ? hi : 1, (v, s) => v.toFixed(s < 0.01 ? 3 : 2));
  line(f, p.map((q, i) => [xs[i], q[3] ? num(q[2]) : NaN]), css("ask"), 1.3, true);
  line(f, p.map((q, i) => [xs[i], q[3] ? num(q[1]) : NaN]), css("bid"), 1.3, true);
  for (const q of mine) {
    const buys = (q.side === "BUY") === (q.outcome === m.outcomes[0]), cx = f.x(Date.parse(q.executedAt)), cy = f.y(num(q.pathPrice)), s = buys ? 1 : -1;
    const t = svg("path", { d: "M" + cx + " " + (cy - 6 * s) + "l5 " + 9 * s + "h-10z", fill: q.liquidity === "taker" ? css(buys ? "good" : "bad") : css("card"), stroke: css(buys ? "good" : "bad"), "stroke-width": 1.5 });
    t.append(svg("title", {}, when(q.executedAt) + " " + q.side + " " + q.qty + " " + q.outcome + " at " + q.price + " (" + q.liquidity + ")"));
    f.root.append(t);
  }
  const kids = [legend([css("ask"), "best ask"], [css("bid"), "best bid"], [css("good"), "\u25b2 bought (hollow: maker)"], [css("bad"), "\u25bc sold"]), f.root];
  const held = p.flatMap((q) => [num(q[4]), -num(q[5])]);
  if (held.some((v) => v !== 0)) {
    const g = frame(90, x0, x1, Math.min(0, ...held), Math.max(0, ...held), (v) => Math.abs(v).toLocaleString("en-US"));
    line(g, p.map((q, i) => [xs[i], num(q[4])]), css("good"), 1.6, true);
    line(g, p.map((q, i) => [xs[i], -num(q[5])]), css("bad"), 1.6, true);
    kids.push(legend([css("good"), "shares of " + m.outcomes[0] + " held"], [css("bad"), "shares of " + m.outcomes[1] + " held (drawn downwards)"]), g.root);
  }
  return card(m.question || m.slug, ...kids);
};
const tiles = (run) => {
  const f = run.figures, tile = (name, value, under, c) => el("div", { class: "tile" }, el("span", {}, name), el("b", { class: c }, value), el("small", {}, under));
  return el("div", { class: "tiles" },
    tile("P&L", gain(f.pnl), "pess. " + gain(run.bands.pessimistic.pnl) + ", opt. " + gain(run.bands.optimistic.pnl), tone(f.pnl)),
    tile("Return", pct(f.return), pct(f.returnOnCapital) + " on capital used", tone(f.return)),
    tile("Sharpe", fixed(f.sharpe, 2), "Sortino " + fixed(f.sortino, 2)),
    tile("Deepest drawdown", pct(f.maxDrawdown), "fees " + usd(f.fees)),
    tile("Fill rate", pct(f.fillRate), f.fills + " fills, " + f.orders + " orders"),
    tile("Hit rate", pct(f.hitRate), "turnover " + pct(f.turnover)),
    tile("Markout 1m", fixed(f.markout["1m"], 4), "10s " + fixed(f.markout["10s"], 4) + ", 10m " + fixed(f.markout["10m"], 4), tone(f.markout["1m"])),
    tile("Data coverage", pct(f.coverage), f.gaps + (f.gaps === 1 ? " gap" : " gaps")));
};
const bands = (run) => card("Bands", table([{ t: "" }, { t: "Shares filled", r: 1 }, { t: "Notional", r: 1 }, { t: "Fees", r: 1 }, { t: "P&L", r: 1 }],
  ["pessimistic", "neutral", "optimistic"].map((b) => { const r = run.bands[b]; return [b, r.filledQty, usd(r.notional), usd(r.fees), { t: gain(r.pnl), c: tone(r.pnl) }]; })));
const markets = (run) => card("P&L per market", table([{ t: "Market" }, { t: "P&L", r: 1 }, { t: "Pessimistic", r: 1 }, { t: "Optimistic", r: 1 }, { t: "Ended" }, { t: "Coverage", r: 1 }, { t: "Gaps", r: 1 }],
  run.markets.map((m) => [m.slug, { t: gain(m.pnl), c: tone(m.pnl) }, gain(m.pnlPessimistic), gain(m.pnlOptimistic), m.payouts ? "paid " + m.payouts.join(" / ") : "marked to the book", pct(m.coverage), String(m.gaps)])));
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
  return card("Calibration", el("p", { class: "sub" }, "Mean entry price (across) against mean payout (up): on the line prices were right, above it they were too low."), root);
};
const orders = (run) => card("Orders", el("div", { class: "scroll" }, table([{ t: "#" }, { t: "Market" }, { t: "Order" }, { t: "Status" }, { t: "Filled", r: 1 }, { t: "At", r: 1 }, { t: "Pess. / opt.", r: 1 }, { t: "Reason" }],
  run.orders.map((o) => [String(o.instruction + 1), o.marketId, o.side + " " + (o.qty || o.size) + " " + o.outcome + " at " + o.price + " " + o.timeInForce, o.status, o.filledQty, o.avgFillPrice || "\u2013", o.bands.pessimistic + " / " + o.bands.optimistic, { t: o.reasons.join("; "), c: "soft" }]))));
const fills = (run) => run.fills.length === 0 ? undefined : card("Fills", el("div", { class: "scroll" }, table([{ t: "Time (UTC)" }, { t: "Market" }, { t: "Fill" }, { t: "Price", r: 1 }, { t: "Notional", r: 1 }, { t: "Fee", r: 1 }, { t: "" }],
  run.fills.slice(0, 500).map((q) => [when(q.executedAt), q.marketId, q.side + " " + q.qty + " " + q.outcome, q.price, usd(q.notional), q.fee, q.liquidity]))), run.fillsLeftOut ? el("p", { class: "sub" }, run.fillsLeftOut + " more in the JSON report") : undefined);
const detail = document.getElementById("detail");
const nameOf = (run) => [run.planId, ...Object.entries(run.variant).map(([k, v]) => k + "=" + v)].join(" ");
const show = (run) => {
  const notes = run.warnings.concat(run.error ? [run.error] : []);
  detail.replaceChildren(...[
    data.runs.length > 1 ? el("h2", {}, nameOf(run)) : undefined,
    el("p", { class: "sub" }, run.status + ", " + when(run.from) + " to " + when(run.to) + " UTC, " + run.rows.toLocaleString("en-US") + " events"),
    notes.length ? card("Notes", el("ul", { class: "warn" }, ...notes.map((n) => el("li", {}, n)))) : undefined,
    run.status === "rejected" ? undefined : tiles(run),
    run.equity.length > 1 ? equity(run) : undefined,
    ...run.markets.filter((m) => m.path && m.path.length > 1).map((m) => prices(run, m)),
    el("div", { class: "two" }, bands(run), calibration(run) || ""),
    markets(run), orders(run), fills(run)
  ].filter((k) => k !== undefined));
};
if (data.runs.length > 1) {
  const head = [{ t: "Run" }, { t: "Status" }, { t: "P&L", r: 1 }, { t: "Pessimistic", r: 1 }, { t: "Optimistic", r: 1 }, { t: "Return", r: 1 }, { t: "Sharpe", r: 1 }, { t: "Drawdown", r: 1 }, { t: "Filled", r: 1 }, { t: "Markout 1m", r: 1 }];
  const t = table(head, data.runs.map((r) => [nameOf(r), r.status, { t: gain(r.figures.pnl), c: tone(r.figures.pnl) }, gain(r.bands.pessimistic.pnl), gain(r.bands.optimistic.pnl), pct(r.figures.return), fixed(r.figures.sharpe, 2), pct(r.figures.maxDrawdown), pct(r.figures.fillRate), fixed(r.figures.markout["1m"], 4)]));
  const lines = [...t.querySelectorAll("tbody tr")];
  lines.forEach((row, i) => { row.classList.add("pick"); row.addEventListener("click", () => { lines.forEach((r) => r.classList.remove("on")); row.classList.add("on"); show(data.runs[i]); }); });
  lines[0].classList.add("on");
  document.getElementById("runs").append(card(data.runs.length + " runs", el("div", { class: "scroll" }, t)));
}
if (data.runs.length) show(data.runs[0]);
`
