/** The look of /docs: one style sheet, light and dark, from phones to wide screens. */
export const DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfaf8; --raised: #ffffff; --line: #e3dfd8; --ink: #23201c; --soft: #6b645b;
  --accent: #b3401f; --code: #f3f0ea;
  --get: #1f6f4a; --post: #7a4a00; --put: #2c56a3; --delete: #a3262c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #171513; --raised: #1f1c19; --line: #37322c; --ink: #ece7df; --soft: #a59c90;
    --accent: #f0886a; --code: #262220;
    --get: #6fcf9b; --post: #e3ac55; --put: #8fb4ff; --delete: #ff8f8f;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
}
a { color: var(--accent); }
a:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; background: var(--raised); padding: .5rem 1rem; }
.frame { display: grid; grid-template-columns: 17rem minmax(0, 1fr); max-width: 78rem; margin: 0 auto; }
nav {
  position: sticky; top: 0; align-self: start; height: 100vh; overflow: auto;
  padding: 2rem 1rem 2rem 1.5rem; border-right: 1px solid var(--line); font-size: .875rem;
}
nav h2 { margin: 1.25rem 0 .25rem; font-size: .75rem; color: var(--soft); font-weight: 600; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .15rem 0; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { color: var(--accent); }
main { padding: 2rem 2rem 6rem; min-width: 0; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; }
.version { color: var(--soft); font-size: .875rem; font-weight: 400; }
main > section > h2 { margin: 3rem 0 1rem; font-size: 1.25rem; border-bottom: 1px solid var(--line); padding-bottom: .35rem; }
article { background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: 1.25rem; margin: 0 0 1.25rem; }
article h3 { margin: 0 0 .35rem; font-size: 1rem; font-weight: 600; display: flex; flex-wrap: wrap; gap: .35rem .6rem; align-items: baseline; }
article h3 code { background: none; padding: 0; font-size: 1rem; overflow-wrap: anywhere; }
article h4 { margin: 1.1rem 0 .35rem; font-size: .8125rem; color: var(--soft); font-weight: 600; }
article p { margin: .35rem 0; max-width: 42rem; }
.method { font: 600 .75rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; text-transform: uppercase; }
.get, .head { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .delete { color: var(--delete); }
.note { color: var(--soft); font-size: .8125rem; font-weight: 400; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .8125rem; }
code { background: var(--code); padding: .1rem .3rem; border-radius: .25rem; }
pre { background: var(--code); border-radius: .375rem; padding: .75rem; margin: .35rem 0 0; overflow-x: auto; }
pre code { background: none; padding: 0; }
dl { margin: 0; display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .35rem 1rem; font-size: .875rem; }
dt { font-weight: 500; overflow-wrap: anywhere; }
dd { margin: 0; }
dd .note { display: block; }
@media (max-width: 48rem) {
  .frame { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: 1rem; }
  main { padding: 1.25rem 1rem 4rem; }
  article { padding: 1rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: .6rem; }
}
@media print { nav { display: none; } .frame { display: block; } }
`;
