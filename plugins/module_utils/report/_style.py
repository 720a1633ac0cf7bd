# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the report's page looks. A bar's length is a class, as the policy of the page allows no style at an element: w0 to w100, u0 to u100."""

from __future__ import annotations

_LENGTHS = "".join(f".w{number}{{--w:{number}%}}.u{number}{{--u:{number}%}}" for number in range(101))

STYLE = """
:root{
  color-scheme:light dark;--back:#f4f5f7;--card:#fff;--text:#1c2430;--soft:#56606f;--line:#dde2e9;--track:#e6eaf0;--accent:#0b5cad;--fill:#5b9bd8;
  --use:#123e6b;--near:#d9860b;--full:#cf2f2f;--none:#b6bfcb;--neartext:#8a4b00;--fulltext:#b3201f;--nearback:#fff3de;--fullback:#fdeaea;--ok:#1a7f37;--okback:#e3f4e7;
}
@media (prefers-color-scheme:dark){
  :root{
    --back:#12161c;--card:#1a2029;--text:#e4e8ee;--soft:#9aa5b4;--line:#2c3541;--track:#2b3441;--accent:#7ab8ff;--fill:#3f7fc0;--use:#cfe5ff;
    --near:#e09a2c;--full:#ec5a55;--none:#56616f;--neartext:#ffc078;--fulltext:#ff9d98;--nearback:#33260f;--fullback:#3a1b1b;--ok:#56d364;--okback:#15301d;
  }
}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{
  margin:0;background:var(--back);color:var(--text);font:.9375rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC",
  "Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;font-variant-numeric:tabular-nums;
}
main,header>div,footer{max-width:92rem;margin:0 auto;padding:0 1.5rem}
header{background:var(--card);border-bottom:1px solid var(--line);padding:1.4rem 0 1.3rem}
h1{font-size:1.6rem;line-height:1.2;margin:0}
h2{font-size:1.2rem;line-height:1.3;margin:1.9rem 0 .7rem}
h3{font-size:1.02rem;line-height:1.3;margin:0;overflow-wrap:anywhere}
p{margin:0 0 .7rem}
a{color:var(--accent);text-underline-offset:.15em}
.soft{color:var(--soft)}
.small{font-size:.86rem}
.clamp{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;overflow-wrap:anywhere}
.under{color:var(--soft);margin:.25rem 0 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1.1rem 0 0}
.tiles>div{border:1px solid var(--line);border-radius:10px;padding:.6rem .9rem .65rem;background:var(--back)}
.tiles dt{color:var(--soft);font-size:.86rem}
.tiles dd{margin:0;font-size:1.55rem;line-height:1.2;font-weight:600}
.tiles dd>span{display:block;font-size:.8rem;line-height:1.3;font-weight:400;color:var(--soft);min-height:1.3em}
.quiet{font-size:.86rem;font-weight:400;color:var(--soft);margin:1.2rem 0 .4rem}
.tiles .full dd{color:var(--fulltext)}
.tiles .near dd{color:var(--neartext)}
.spread{display:flex;height:12px;border-radius:6px;overflow:hidden;background:var(--track);margin:0 0 .45rem;gap:1px}
.spread b{width:var(--w);background:var(--fill)}
.spread .low{opacity:.55}
.spread .near{background:var(--near)}
.spread .full{background:var(--full)}
.spread .none,.legend .none{background:var(--none)}
.spread .unknown,.legend .unknown{background:var(--track)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1.3rem;margin:0;padding:0;font-size:.86rem;color:var(--soft)}
.legend b{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-inline-end:.4em;background:var(--fill)}
.legend .low{opacity:.55}
.legend .near{background:var(--near)}
.legend .full{background:var(--full)}
.bar{
  display:block;height:7px;border-radius:4px;background:linear-gradient(var(--fill),var(--fill)) no-repeat 0/var(--w,0) 100%,var(--track);overflow:hidden;
}
.bar.near{--fill:var(--near)}
.bar.full{--fill:var(--full)}
.bar.two{
  height:11px;background:linear-gradient(var(--use),var(--use)) no-repeat 0 50%/var(--u,0) 3px,
  linear-gradient(var(--fill),var(--fill)) no-repeat 0/var(--w,0) 100%,var(--track);
}
.chip{display:inline-block;border-radius:1rem;padding:0 .65rem;font-size:.82rem;line-height:1.5;background:var(--track);color:var(--text);white-space:nowrap}
.chip.ok{background:var(--okback);color:var(--ok)}
.chip.near{background:var(--nearback);color:var(--neartext)}
.chip.full{background:var(--fullback);color:var(--fulltext)}
.percent{color:var(--text)}
.percent.near{color:var(--neartext);font-weight:600}
.percent.full{color:var(--fulltext);font-weight:600}
abbr{text-decoration:none}
.card,.sheet{background:var(--card);border:1px solid var(--line);border-radius:10px}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(34rem,100%),1fr));gap:1rem}
.card{padding:1rem 1.15rem;min-width:0;overflow-x:auto}
.card>div:first-child{display:flex;gap:.6rem;align-items:baseline;justify-content:space-between}
.card p{margin:.2rem 0 .5rem;overflow-wrap:anywhere}
.old{opacity:.6}
.trouble{background:var(--fullback);color:var(--fulltext);border-radius:8px;padding:.45rem .7rem;overflow-wrap:anywhere}
.trouble.near{background:var(--nearback);color:var(--neartext)}
.sheet .trouble{padding:.15rem .5rem;margin:.15rem 0;font-weight:400}
header .trouble{margin:.9rem 0 0}
.card table{width:100%;border-collapse:collapse;font-size:.88rem}
.card th,.card td{padding:.3rem .5rem .3rem 0;text-align:end;white-space:nowrap;vertical-align:middle}
.card th:first-child{text-align:start;font-weight:500}
.card thead th{color:var(--soft);font-weight:500;font-size:.82rem}
.card thead th:nth-child(2){text-align:start}
.card td:nth-child(2){width:28%;min-width:3rem;text-align:start;padding-inline-end:.8rem}
.card tr>:last-child{padding-inline-end:0}
.jump{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;margin:0 0 .9rem;padding:0;font-size:.86rem}
.jump a{display:block;border:1px solid var(--line);border-radius:1rem;padding:.05rem .7rem;text-decoration:none;color:var(--text);background:var(--card)}
.jump a:hover,.jump a:focus-visible{border-color:var(--accent)}
.sheet>table{width:100%;border-collapse:separate;border-spacing:0}
.sheet th,.sheet td{text-align:start;vertical-align:top;padding:.6rem .8rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.sheet thead th{
  position:sticky;top:0;z-index:2;height:2.3rem;padding-block:.45rem;background:var(--card);color:var(--soft);font-size:.86rem;font-weight:600;
  border-bottom:2px solid var(--line);white-space:nowrap;
}
.sheet thead th:first-child{border-start-start-radius:10px}
.sheet thead th:last-child{border-start-end-radius:10px}
.sheet tbody:last-child>tr:last-child>*{border-bottom:0}
.sheet tbody th{font-weight:600}
.sheet tbody th .small{font-weight:400}
.sheet .count{text-align:end;white-space:nowrap}
.sheet td.q{width:18.5%}
.sheet td.q>div+div{margin-top:.5rem}
.line{display:flex;gap:.2rem .6rem;justify-content:space-between;flex-wrap:wrap;font-size:.88rem;margin-bottom:.15rem}
.line>span{color:var(--soft)}
.dense{font-size:.85rem}
.dense.sheet th,.dense.sheet td{padding:.2rem .55rem;vertical-align:middle}
.dense.sheet thead th{padding-block:.45rem;font-size:.85rem}
.dense.sheet th:first-child{padding-inline-start:.9rem}
.dense.sheet .count{padding-inline-end:.9rem}
.dense.sheet td{overflow-wrap:normal}
.dense.sheet .group>*{
  position:sticky;top:2.3rem;z-index:1;background:var(--back);padding-block:.4rem;font-weight:400;scroll-margin-top:2.3rem;
}
.dense .group b{font-size:1rem;font-weight:600;margin-inline-end:.7rem}
.dense.sheet td.q{width:auto;white-space:nowrap}
.dense.sheet td.q>div{display:grid;grid-template-columns:minmax(2.2rem,1fr) 3em 8.2em;gap:.45rem;align-items:center}
.dense.sheet td.memory>div{grid-template-columns:minmax(2.2rem,1fr) 3em 8.8em}
.dense.sheet td.other>div{grid-template-columns:minmax(2.2rem,1fr) 3em 10em}
.dense.sheet td.q>div>:last-child{white-space:normal}
.dense .q>div>.percent{text-align:end}
.dense.sheet td.q>p{margin:.05rem 0 0;font-size:.92em}
.top{max-width:66rem}
tbody{scroll-margin-top:2.2rem}
tr:target>*{background:var(--nearback)}
footer{color:var(--soft);font-size:.86rem;padding-top:1.2rem;padding-bottom:2rem}
footer p{max-width:70rem}
@media (max-width:81rem){
  main,header>div,footer{padding:0 .9rem}
  .sheet{overflow-x:auto}
  .sheet>table{min-width:74rem}
  .top>table{min-width:44rem}
  .sheet thead th,.dense.sheet .group>*{position:static}
  .sheet th:first-child{position:sticky;inset-inline-start:0;z-index:1;background:var(--card);max-width:40vw}
  .dense.sheet .group>*{position:static;max-width:none}
}
@media print{
  :root{
    --back:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--track:#e4e4e4;--accent:#000;--neartext:#000;--fulltext:#000;--nearback:#fff;--fullback:#fff;
    --okback:#fff;--ok:#000;
  }
  *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
  @page{size:A4 landscape;margin:9mm}
  html{font-size:12px}
  .jump{display:none}
  .clamp{display:block}
  .card,.sheet,.tiles>div{border-color:#999}
  .sheet{overflow:visible}
  .sheet>table{min-width:0}
  .sheet th:first-child{max-width:none;background:none}
  .sheet thead th,.sheet th:first-child,.dense.sheet .group>*{position:static}
  tr,.card,.tiles>div{break-inside:avoid}
  h2,.group{break-after:avoid}
}
""" + _LENGTHS
