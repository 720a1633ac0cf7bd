# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the page of instances looks."""

from __future__ import annotations

STYLE = """
:root{
  color-scheme:light dark;--back:#f4f5f7;--card:#fff;--text:#1c2430;--soft:#56606f;--line:#dde2e9;--track:#e6eaf0;--accent:#0b5cad;
  --neartext:#8a4b00;--fulltext:#b3201f;--nearback:#fff3de;--fullback:#fdeaea;--ok:#1a7f37;--okback:#e3f4e7;
}
@media (prefers-color-scheme:dark){
  :root{
    --back:#12161c;--card:#1a2029;--text:#e4e8ee;--soft:#9aa5b4;--line:#2c3541;--track:#2b3441;--accent:#7ab8ff;
    --neartext:#ffc078;--fulltext:#ff9d98;--nearback:#33260f;--fullback:#3a1b1b;--ok:#56d364;--okback:#15301d;
  }
}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:.8rem}
body{
  margin:0;background:var(--back);color:var(--text);font:.9375rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC",
  "Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;font-variant-numeric:tabular-nums;
}
main,header>div,footer{max-width:88rem;margin:0 auto;padding:0 1.5rem}
header{background:var(--card);border-bottom:1px solid var(--line);padding:1.4rem 0 1.3rem}
h1{font-size:1.6rem;line-height:1.2;margin:0;display:flex;flex-wrap:wrap;gap:.3rem .8rem;align-items:center;overflow-wrap:anywhere}
h2{font-size:1.2rem;line-height:1.3;margin:1.9rem 0 .7rem}
h3{font-size:1rem;line-height:1.3;margin:1.3rem 0 .5rem}
p{margin:0 0 .7rem;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:.15em}
code{font:.92em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono",monospace;overflow-wrap:anywhere}
.soft{color:var(--soft)}
.small{font-size:.86rem}
.under{color:var(--soft);margin:.35rem 0 0}
.tiles,.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1.1rem 0 0}
.tiles>div{border:1px solid var(--line);border-radius:10px;padding:.6rem .9rem .65rem;background:var(--back)}
.tiles dt,.facts dt{color:var(--soft);font-size:.86rem}
.tiles dd{margin:0;font-size:1.55rem;line-height:1.2;font-weight:600}
.facts{grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.5rem 1.2rem}
.facts dd{margin:0;overflow-wrap:anywhere}
.tiles .bad dd{color:var(--fulltext)}
.tiles .near dd{color:var(--neartext)}
.chip{
  display:inline-block;border-radius:1rem;padding:0 .65rem;font-size:.82rem;line-height:1.55;font-weight:400;white-space:nowrap;
  background:var(--track);color:var(--text);
}
.chip.ok{background:var(--okback);color:var(--ok)}
.chip.near{background:var(--nearback);color:var(--neartext)}
.chip.bad{background:var(--fullback);color:var(--fulltext)}
.trouble{background:var(--fullback);color:var(--fulltext);border-radius:8px;padding:.45rem .7rem;margin:.9rem 0 0}
.sheet{background:var(--card);border:1px solid var(--line);border-radius:10px;overflow-x:auto}
.sheet table{width:100%;border-collapse:separate;border-spacing:0;font-size:.9rem}
.sheet th,.sheet td{text-align:start;vertical-align:top;padding:.42rem .8rem;border-bottom:1px solid var(--line);overflow-wrap:break-word}
.sheet thead th{color:var(--soft);font-size:.84rem;font-weight:600;border-bottom:2px solid var(--line);white-space:nowrap}
.sheet tbody th{font-weight:600}
.sheet tbody tr:last-child>*{border-bottom:0}
.sheet .inner>*{background:var(--back);padding-block:.3rem;font-size:.86rem}
.sheet .inner th{font-weight:400;padding-inline-start:2rem}
.sheet .wide{min-width:15rem;overflow-wrap:anywhere}
.sheet th .small{font-weight:400}
main>.sheet:first-child{margin-top:1.4rem}
.sheet .line{white-space:nowrap}
.sheet .changed>*{background:var(--nearback)}
details{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:0 0 .6rem;padding:0 1.1rem}
details[open]{padding-bottom:1.1rem}
summary{cursor:pointer;padding:.6rem 0;display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:center}
summary::before{content:"\\25B8";color:var(--soft)}
details[open]>summary::before{content:"\\25BE"}
summary::-webkit-details-marker{display:none}
summary b{font-size:1.02rem}
details .sheet{background:none}
footer{color:var(--soft);font-size:.86rem;padding-top:1.6rem;padding-bottom:2rem}
@media (max-width:60rem){main,header>div,footer{padding-inline:.9rem}.sheet table{min-width:46rem}}
@media print{
  :root{
    --back:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--track:#e4e4e4;--accent:#000;--neartext:#000;--fulltext:#000;--nearback:#fff;--fullback:#fff;
    --okback:#fff;--ok:#000;
  }
  @page{size:A4 landscape;margin:9mm}
  html{font-size:11px}
  .sheet{overflow:visible}
  .sheet table{min-width:0}
  tr,.tiles>div{break-inside:avoid}
  h2,h3,summary{break-after:avoid}
}
"""
