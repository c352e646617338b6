/** How the report looks, on light and on dark screens and on paper. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#16191d;--soft:#5c6570;--line:#dfe3e8;--accent:#2563eb;--band:#2563eb33;
--good:#0f8a4b;--bad:#c8322b;--warn:#9a6700;--ask:#c2410c;--bid:#0e7490;--shade:#eef1f5}
@media (prefers-color-scheme:dark){:root{--bg:#0f1216;--card:#171b21;--ink:#e7eaee;--soft:#98a2ae;--line:#2a313a;--accent:#6ea8fe;--band:#6ea8fe40;
--good:#3fcf8e;--bad:#ff7b72;--warn:#e3b341;--ask:#fb923c;--bid:#22d3ee;--shade:#1e242c}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:22px;margin:0 0 2px;letter-spacing:-.01em}h2{font-size:15px;margin:0 0 10px}
.sub{color:var(--soft);margin:0 0 18px}.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:0 0 16px;overflow-x:auto}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0 0 16px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.tile b{display:block;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.02em}
.tile span,.tile small{color:var(--soft);font-size:12px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:13px}
th{text-align:left;color:var(--soft);font-weight:500;border-bottom:1px solid var(--line);padding:5px 10px 5px 0;white-space:nowrap}
td{padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}
th.r,td.r{text-align:right}.r+:not(.r){padding-left:12px}tr.pick{cursor:pointer}tr.pick:hover,tr.on{background:var(--shade)}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.soft{color:var(--soft)}
svg{display:block;width:100%;height:auto;overflow:visible}svg text{fill:var(--soft);font-size:11px}
.grid{stroke:var(--line);stroke-width:1}.legend{display:flex;flex-wrap:wrap;gap:14px;color:var(--soft);font-size:12px;margin:0 0 8px}
.legend i{display:inline-block;width:14px;height:3px;border-radius:2px;vertical-align:middle;margin-right:5px}.legend i.area{height:11px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:16px}.two .card{margin:0}.two{margin:0 0 16px}
ul{margin:0;padding-left:18px}dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 14px;margin:0;color:var(--soft);font-size:12.5px}dt{color:var(--ink)}dd{margin:0}
.scroll{max-height:420px;overflow:auto}.scroll table{min-width:820px}.slim table{min-width:600px}.wide{overflow-x:auto}svg+.wide,svg+.scroll{margin-top:10px}
@media (min-width:900px){.tiles{grid-template-columns:repeat(4,1fr)}}@media (max-width:600px){main{padding:18px 12px 40px}dl{grid-template-columns:1fr}dd{margin:0 0 6px}.two .card{min-width:0}}
@media print{.card,.tile{break-inside:avoid}body{background:#fff}}
`
