/** Colour-blind-safe, at least 3:1 against the surface, in light and in dark; in the order of a job's segments. */
const segmentPalette = {
  light: [
    '#2a5cda',
    '#6c2000',
    '#a48b08',
    '#179fa5',
    '#4c0294',
    '#ae3b4b',
    '#613460',
    '#8b5b89',
    '#d05a67',
    '#516000',
    '#4635bc',
    '#733893',
  ],
  dark: [
    '#75a1fe',
    '#cb4600',
    '#e7c400',
    '#27e0e8',
    '#845bd5',
    '#ec7e87',
    '#9e729c',
    '#c698c4',
    '#ffa3a8',
    '#899f32',
    '#7c7cf8',
    '#af79cf',
  ],
} as const;

const colours = {
  light: {
    page: '#f7f6f3',
    surface: '#ffffff',
    ink: '#1b1e24',
    quiet: '#565c66',
    line: '#e2e0da',
    accent: '#3d5a80',
    alarm: '#a3201d',
    alarmback: '#fdf0ef',
  },
  dark: {
    page: '#121419',
    surface: '#1b1e24',
    ink: '#eceae5',
    quiet: '#a9aeb8',
    line: '#343942',
    accent: '#9bb8dd',
    alarm: '#ff9d94',
    alarmback: '#331b1b',
  },
} as const;

function variables(mode: 'light' | 'dark'): string {
  const named = Object.entries(colours[mode]).map(([name, value]) => `--${name}:${value}`);
  return [...named, ...segmentPalette[mode].map((value, i) => `--s${i}:${value}`)].join(';');
}

const keys = segmentPalette.light.map((_, i) => `.k${i}{background:var(--s${i})}`).join('');

/** The colours as CSS variables, in light and in dark. */
export const colourStyle = `:root{color-scheme:light dark;${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}`;

/** The one style sheet of the page; its hash stands in the page's policy. */
export const style = `
${colourStyle}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 32px}
header{padding-top:56px}
.eyebrow{margin:0 0 12px;color:var(--quiet);font-size:14px;letter-spacing:.01em}
h1{margin:0 0 20px;max-width:24em;font:600 34px/1.22 ui-serif,"Iowan Old Style",Charter,Georgia,"Times New Roman",serif;letter-spacing:-.01em;text-wrap:balance}
h2{margin:0 0 6px;font:600 24px/1.3 ui-serif,"Iowan Old Style",Charter,Georgia,"Times New Roman",serif}
h3{margin:0 0 4px;font-size:17px;line-height:1.35;font-weight:650}
section{margin:56px 0 0}
section>p{max-width:46em;margin:0 0 20px;color:var(--quiet)}
.facts{display:flex;flex-wrap:wrap;gap:12px 40px;margin:0;padding:20px 0 0;border-top:1px solid var(--line)}
.facts div{min-width:96px}
.facts dt{color:var(--quiet);font-size:13px}
.facts dd{margin:0;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums}
nav{margin:28px 0 0}
nav ul{display:flex;flex-wrap:wrap;gap:6px 20px;margin:0;padding:0;list-style:none;font-size:14px}
a{color:var(--accent);text-underline-offset:.2em}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.alarm{margin:0 0 24px;padding:16px 20px;border-left:4px solid var(--alarm);background:var(--alarmback);max-width:60em}
.alarm p{margin:0}
.alarm p+p{margin-top:6px}
.scroll{overflow-x:auto;background:var(--surface);border:1px solid var(--line);border-radius:6px}
table{width:100%;border-collapse:collapse;font-size:14px;line-height:1.4;font-variant-numeric:tabular-nums}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
caption{padding:14px 16px 4px;text-align:left;font-weight:650;font-size:15px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 12px;padding:0;list-style:none;font-size:14px}
th,td{padding:9px 16px;text-align:right;vertical-align:top;white-space:nowrap;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--quiet);font-size:13px;font-weight:500;white-space:normal;vertical-align:bottom;min-width:5.5em}
tbody th{font-weight:600}
th.text,td.text{text-align:left;white-space:normal;min-width:7em}
tbody th.text{min-width:9em}
td.text:last-child{min-width:12em}
tbody th.text:has(.key){min-width:14em}
.key{display:inline-block;min-width:1.5em;margin-right:.3em;padding:0 .3em;border-radius:3px;color:var(--surface);font-size:12px;font-weight:700;line-height:1.5;text-align:center}
${keys}
figure{margin:32px 0 0;padding:24px;background:var(--surface);border:1px solid var(--line);border-radius:6px;break-inside:avoid}
figcaption p{max-width:46em;margin:0 0 18px;color:var(--quiet);font-size:14px}
svg{display:block;max-width:100%;height:auto}
svg.narrow{display:none}
details{margin-top:14px;font-size:14px}
summary{width:max-content;color:var(--accent);cursor:pointer}
details[open] summary{margin-bottom:10px}
figure .scroll{background:none}
.csv{position:relative;margin:6px 0 0;font-size:13px}
section>.scroll{margin-top:28px}
section>p:not(.csv)+.scroll{margin-top:0}
.folded{margin-top:24px}
.folded summary{font-size:15px}
ol.plain,ul.plain{max-width:60em;padding-left:1.2em}
footer{margin-top:72px;padding-top:20px;padding-bottom:48px;color:var(--quiet);font-size:13px}
footer p{margin:0 0 4px;overflow-wrap:anywhere}
@media (max-width:720px){
main,header,footer{padding-left:16px;padding-right:16px}
header{padding-top:32px}
h1{font-size:26px}
section{margin-top:44px}
figure{padding:16px}
svg.wide{display:none}
svg.narrow{display:block;margin:0 auto}
th,td{padding:8px 10px}
}
@media print{
@page{size:A4;margin:14mm}
:root{color-scheme:light;${variables('light')}}
body{background:none;font-size:11pt}
main,header,footer{max-width:none;padding-left:0;padding-right:0}
header{padding-top:0}
nav,.csv,summary{display:none}
h2,h3,section>p,figcaption{break-after:avoid}
caption{padding:8px 8px 2px}
section{margin-top:28px}
table{font-size:9pt}
th,td{min-width:0!important;padding:4px 6px}
td.text,td.count,td.measure,td.share,td.change{white-space:normal}
.scroll{overflow:visible;border:0}
figure{padding:12px 0;border:0;border-top:1px solid var(--line)}
tr{break-inside:avoid}
svg.wide{display:block}
svg.narrow{display:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;
