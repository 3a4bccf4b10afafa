/** What the dashboard's pages have beyond the report's style sheet. */
export const dashboardStyle = `
.bar{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 28px;max-width:1080px;margin:0 auto;padding:18px 32px;border-bottom:1px solid var(--line)}
.bar nav{margin:0}
.bar p{margin:0 0 0 auto;color:var(--quiet);font-size:14px}
.brand{font:600 20px/1.2 ui-serif,"Iowan Old Style",Charter,Georgia,"Times New Roman",serif;color:var(--ink);text-decoration:none}
.bar nav a[aria-current]{color:var(--ink);font-weight:650;text-decoration-thickness:2px}
main{padding-bottom:72px}
main>header{padding:36px 0 0}
header h1{font-size:28px;max-width:32em}
section{margin-top:40px}
.lead{max-width:46em;color:var(--quiet)}
.id{font-size:.92em;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.grid th,.grid td{text-align:left}
.grid th,.grid td{padding-left:14px;padding-right:14px}
.grid thead th{min-width:0}
.grid tbody th{font-weight:500}
.status{white-space:nowrap;font-weight:600}
.status.held,.status.planned,.status.failed,.status.crashed,.status.aborted{color:var(--alarm)}
.state{color:var(--quiet)}
figure{padding-bottom:18px}
.plot{width:100%}
.lines{white-space:pre-line}
.facts.small dd{font-size:16px}
.duration rect{fill:var(--accent)}
svg.duration{display:inline-block;max-width:none;vertical-align:middle}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(280px,1fr));gap:16px;margin:16px 0 0;padding:0;list-style:none}
.cards a{display:block;padding:16px 20px;border:1px solid var(--line);border-left:4px solid var(--alarm);border-radius:6px;background:var(--surface);color:var(--ink);text-decoration:none}
.cards a:hover{border-color:var(--alarm)}
.forms{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:20px}
form{display:grid;gap:12px;align-content:start;padding:20px;border:1px solid var(--line);border-radius:6px;background:var(--surface)}
form.search{grid-template-columns:1fr 2fr auto;align-items:end}
main>form{max-width:220px;padding:0;border:0;background:none;margin-top:24px}
main>form.search{max-width:none}
label{display:grid;gap:4px;font-size:14px;color:var(--quiet)}
input,select,button{font:inherit;padding:9px 12px;border:1px solid var(--quiet);border-radius:5px;background:var(--page);color:var(--ink)}
button{cursor:pointer;font-weight:600}
button.plain{border-color:var(--accent);background:var(--accent);color:var(--surface)}
button.risky{border-color:var(--alarm);background:none;color:var(--alarm)}
input:focus-visible,select:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
label>select,label>input{min-height:44px}
form.search button{min-height:44px}
@media (max-width:720px){.bar{padding:14px 16px}.bar p{margin:0}form.search{grid-template-columns:1fr}}
`;
