import { CHARTS } from "./BacktestCharts.ts"

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
const legend = (...items) => el("div", { class: "legend" }, ...items.map(([color, text, kind]) => {
  if (kind === 2) { const s = el("span", {}, text); s.style.color = color; return s; }
  const i = el("i", { class: kind ? "area" : undefined }); i.style.background = color; return el("span", {}, i, text);
}));
${CHARTS}
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
const bands = (run) => card("Bands", el("p", { class: "sub" }, "P&L under the three sets of assumptions."), bars(["pessimistic", "neutral", "optimistic"].map((b) => [b, num(run.bands[b].pnl), num(run.bands[b].pnl), num(run.bands[b].pnl)]), run.calibration.length > 0 && W > 660 ? W / 2 - 28 : W), el("div", { class: "wide" }, table([{ t: "" }, { t: "Shares filled", r: 1 }, { t: "Notional", r: 1 }, { t: "Fees", r: 1 }, { t: "P&L", r: 1 }],
  ["pessimistic", "neutral", "optimistic"].map((b) => { const r = run.bands[b]; return [b, r.filledQty, usd(r.notional), usd(r.fees), { t: gain(r.pnl), c: tone(r.pnl) }]; }))));
const DRAWN = 40;
const markets = (run) => card("P&L per market", run.markets.length > 1 ? el("p", { class: "sub" }, "Bars are the neutral band, the lines over them reach from pessimistic to optimistic." + (run.markets.length > DRAWN ? " The first " + DRAWN + " are drawn." : "")) : undefined,
  run.markets.length > 1 ? bars(run.markets.slice(0, DRAWN).map((m) => [m.slug, num(m.pnl), Math.min(num(m.pnlPessimistic), num(m.pnlOptimistic)), Math.max(num(m.pnlPessimistic), num(m.pnlOptimistic))]), W) : undefined, el("div", { class: "scroll slim" }, table([{ t: "Market" }, { t: "P&L", r: 1 }, { t: "Pessimistic", r: 1 }, { t: "Optimistic", r: 1 }, { t: "Ended" }, { t: "Coverage", r: 1 }, { t: "Gaps", r: 1 }],
  run.markets.map((m) => [m.slug, { t: gain(m.pnl), c: tone(m.pnl) }, gain(m.pnlPessimistic), gain(m.pnlOptimistic), m.payouts ? "paid " + m.payouts.join(" / ") : "marked to the book", pct(m.coverage), String(m.gaps)]))));
const orders = (run) => card("Orders", el("div", { class: "scroll" }, table([{ t: "#" }, { t: "Market" }, { t: "Order" }, { t: "Status" }, { t: "Filled", r: 1 }, { t: "At", r: 1 }, { t: "Pess. / opt.", r: 1 }, { t: "Reason" }],
  run.orders.map((o) => [String(o.instruction + 1), o.marketId, o.side + " " + o.size + (o.sizeUnit === "USDC" ? " USDC of " : " shares of ") + o.outcome + " at " + o.price + " " + o.timeInForce, o.status, o.filledQty, o.avgFillPrice || "\u2013", o.bands.pessimistic + " / " + o.bands.optimistic, { t: o.reasons.join("; "), c: "soft" }]))));
const fills = (run) => run.fills.length === 0 ? undefined : card("Fills", el("div", { class: "scroll" }, table([{ t: "Time (UTC)" }, { t: "Market" }, { t: "Fill" }, { t: "Price", r: 1 }, { t: "Notional", r: 1 }, { t: "Fee", r: 1 }, { t: "" }],
  run.fills.slice(0, 500).map((q) => [when(q.executedAt), q.marketId, q.side + " " + q.qty + " " + q.outcome, q.price, usd(q.notional), q.fee, q.liquidity]))), run.fillsLeftOut ? el("p", { class: "sub" }, run.fillsLeftOut + " more in the JSON report") : undefined);
const detail = document.getElementById("detail");
const nameOf = (run) => [run.planId, ...Object.entries(run.variant).map(([k, v]) => k + "=" + v)].join(" ");
let shown;
const show = (run) => {
  shown = run;
  W = Math.max(300, Math.min(1060, document.querySelector("main").clientWidth - (window.innerWidth > 600 ? 78 : 62)));
  const notes = run.warnings.concat(run.error ? [run.error] : []);
  detail.replaceChildren(...[
    data.runs.length > 1 ? el("h2", {}, nameOf(run)) : undefined,
    el("p", { class: "sub" }, run.status + ", " + when(run.from) + " to " + when(run.to) + " UTC, " + run.rows.toLocaleString("en-US") + " events"),
    notes.length ? card("Notes", el("ul", { class: "warn" }, ...notes.map((n) => el("li", {}, n)))) : undefined,
    run.status === "rejected" ? undefined : tiles(run),
    run.equity.length > 1 ? equity(run) : undefined,
    ...run.markets.filter((m) => m.path && m.path.length > 1).map((m) => prices(run, m)),
    el("div", { class: "two" }, bands(run), calibration(run) ?? ""),
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
let wide = window.innerWidth;
window.addEventListener("resize", () => { if (shown && window.innerWidth !== wide) { wide = window.innerWidth; show(shown); } });
`
