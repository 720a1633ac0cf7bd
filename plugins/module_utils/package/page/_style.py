# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a package's page looks."""

from __future__ import annotations

STYLE = """
:root{
  color-scheme:light dark;--back:#f4f5f7;--card:#fff;--text:#1c2430;--soft:#56606f;--line:#d9dee5;--accent:#0b5cad;--code:#f2f4f7;--on:#1a7f37;
  --warn:#8a4600;--warnback:#fff4e0;
}
@media (prefers-color-scheme:dark){
  :root{
    --back:#12161c;--card:#1a2029;--text:#e4e8ee;--soft:#9aa5b4;--line:#313a46;--accent:#7ab8ff;--code:#232b36;--on:#56d364;--warn:#ffc078;
    --warnback:#33260f;
  }
}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{
  margin:0;background:var(--back);color:var(--text);
  font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;
}
main,header>div,footer{max-width:70rem;margin:0 auto;padding:0 1.25rem}
header{background:var(--card);border-bottom:1px solid var(--line);padding:1.75rem 0 0}
.title{display:flex;gap:1.25rem;align-items:flex-start}
.logo{width:72px;height:72px;flex:none;object-fit:contain;border-radius:12px}
.letter{display:flex;align-items:center;justify-content:center;background:var(--accent);color:var(--card);font-size:2rem;font-weight:600}
.title>div{min-width:0}
h1{font-size:1.75rem;line-height:1.2;margin:0}
h2{font-size:1.3rem;line-height:1.3;margin:0 0 1rem}
h3{font-size:1.08rem;line-height:1.35;margin:1.6rem 0 .6rem}
h4,h5,h6{font-size:1rem;margin:1.3rem 0 .4rem}
p,ul,ol,dl,table,pre,blockquote{margin:0 0 1rem}
li>ul,li>ol{margin-bottom:0}
a{color:var(--accent);text-underline-offset:.15em}
.under{color:var(--soft);margin:.3rem 0 0}
.lead{margin:1rem 0 0;max-width:52rem}
.lead>:last-child{margin-bottom:0}
.chips{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem;padding:0;margin:.7rem 0 0}
.chips li{border:1px solid var(--line);border-radius:1rem;padding:.05rem .7rem;font-size:.85rem;color:var(--soft)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:0 1.4rem;padding:0;margin:1.25rem 0 0}
nav a{display:block;padding:.5rem 0;color:var(--soft);text-decoration:none;border-bottom:2px solid transparent}
nav a:hover,nav a:focus{color:var(--text);border-color:var(--accent)}
section.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.4rem 1.5rem;margin:1.25rem 0;scroll-margin-top:1rem}
section.card>:last-child{margin-bottom:0}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.9rem 1.5rem;margin:0}
.facts div{min-width:0}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;overflow-wrap:anywhere}
.risk{background:var(--warnback);color:var(--warn);border-radius:8px;padding:.7rem 1rem}
.scroll{overflow-x:auto;margin:0 0 1rem}
.scroll>table{margin:0}
table{border-collapse:collapse;width:100%;font-size:.92rem}
.readme h3{font-size:1.25rem}
.readme h4{font-size:1.12rem}
.readme table{display:block;overflow-x:auto}
th,td{text-align:start;vertical-align:top;padding:.45rem .7rem;border-bottom:1px solid var(--line);min-width:4rem}
th{color:var(--soft);font-weight:600}
#parameters td:nth-child(2),.readme td:nth-child(2){min-width:11rem}
.middle{text-align:center}
.end{text-align:end}
code,pre,.value{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
code{background:var(--code);border-radius:4px;padding:.1em .3em;overflow-wrap:anywhere}
td code{overflow-wrap:break-word}
pre{background:var(--code);border-radius:8px;padding:.9rem 1rem;overflow-x:auto;line-height:1.45;font-size:.84rem;tab-size:2}
pre code{background:none;padding:0;font-size:inherit;overflow-wrap:normal}
blockquote{border-inline-start:3px solid var(--line);padding-inline-start:1rem;color:var(--soft);margin-inline:0}
img{max-width:100%}
hr{border:0;border-top:1px solid var(--line);margin:1.5rem 0}
#deploy pre{white-space:pre-wrap}
details{border:1px solid var(--line);border-radius:8px;padding:.5rem .9rem;margin:0 0 1rem}
details[open]{padding-bottom:.9rem}
summary{cursor:pointer;color:var(--accent)}
details>details{margin:.3rem 0 .3rem}
details>pre{margin:.7rem 0 0}
td>pre{margin:0;padding:.4rem .6rem}
article+article{border-top:1px solid var(--line);margin-top:1.5rem}
article>:last-child{margin-bottom:0}
.groups{display:flex;flex-wrap:wrap;gap:0 1.75rem;margin:.8rem 0 0}
.groups>.fields{flex:1 1 100%}
.group{flex:1 1 15rem;min-width:0}
.of2{flex:2 1 31rem}
.of3{flex:3 1 100%}
.group>h5{margin:0 0 .7rem;padding:0 0 .2rem;border-bottom:1px solid var(--line);color:var(--soft);font-weight:600}
.fields{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr));gap:0 1.75rem}
.field details,.groups+details{margin-top:.3rem}
.field{margin:0 0 1rem;min-width:0}
.field b{font-weight:600}
.must{color:var(--warn)}
.value{
  display:block;border:1px solid var(--line);border-radius:6px;background:var(--back);padding:.35rem .6rem;margin:.25rem 0;min-height:2.1em;
  white-space:pre-wrap;overflow-wrap:anywhere;max-height:14rem;overflow-y:auto;
}
.value.none{color:var(--soft);font-style:italic;font-family:inherit}
.value.on::before{content:"\\25cf  ";color:var(--on)}
.value.off::before{content:"\\25cb  ";color:var(--soft)}
.value.list::after{content:"\\25be";float:inline-end;color:var(--soft)}
.help{display:block;color:var(--soft);font-size:.87rem;overflow-wrap:anywhere}
.note{color:var(--soft);font-size:.9rem}
footer{color:var(--soft);font-size:.85rem;padding-bottom:2rem}
@media (max-width:40rem){
  body{font-size:15px}
  h1{font-size:1.4rem}
  .logo{width:52px;height:52px;border-radius:9px}
  .title{gap:.9rem}
  section.card{padding:1rem;border-radius:8px}
  main,header>div,footer{padding:0 .8rem}
  .facts{grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr))}
  nav ul{gap:0 1rem}
}
@media print{
  :root{--back:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--accent:#000;--code:#f4f4f4;--on:#000;--warn:#000;--warnback:#fff}
  body{font-size:10.5pt}
  nav,summary{display:none}
  section.card{border:0;padding:0;margin:0 0 1.5rem}
  #deploy pre{white-space:pre-wrap}
  details{border:0;padding:0}
  details::details-content{content-visibility:visible;height:auto}
  pre,.value{white-space:pre-wrap;overflow:visible;max-height:none;overflow-wrap:anywhere}
  .scroll,.readme table{overflow:visible}
  tr,.field,figure{break-inside:avoid}
  h1,h2,h3,h4,h5{break-after:avoid}
  .readme a[href^="http"]::after{content:" (" attr(href) ")";font-size:.85em;overflow-wrap:anywhere}
}
"""
