/** The style of `GET /docs`. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --key: #0a6; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid;
  grid-template-columns: minmax(14rem, 20rem) minmax(0, 60rem); gap: 2rem; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem;
  box-sizing: border-box; border-right: 1px solid var(--line); }
nav ul { list-style: none; padding: 0; margin: 0 0 1rem; }
nav a { display: block; padding: .1rem 0; text-decoration: none;
  font-size: .875rem; overflow-wrap: anywhere; }
main { padding: 1rem 1.5rem 4rem 0; }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
h1, h2, h3, h4 { line-height: 1.25; }
code { font: .875em ui-monospace, monospace; overflow-wrap: anywhere; }
.method { color: var(--key); font-weight: 700; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-top: 1px solid var(--soft); }
th { font-weight: 600; width: 14rem; }
.fields { border-left: 2px solid var(--soft); padding-left: .75rem; }
.note { font-size: .75rem; opacity: .7; }
@media (max-width: 50rem) {
  body { display: block; }
  nav { position: static; height: auto; border: 0; }
  main { padding: 1rem; }
}
`;
