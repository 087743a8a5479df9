/** A page as HTML that stands alone: no script, nothing from elsewhere, readable in both schemes and on paper. */
import type { PageSection, PageTable, PolicyPage } from "./page.js";

const STYLE = `
:root { color-scheme: light dark; --text: #1a1a1a; --page: #fff; --line: #767676; --head: #f0f0f0 }
@media (prefers-color-scheme: dark) { :root { --text: #f2f2f2; --page: #161616; --line: #8c8c8c; --head: #2a2a2a } }
body { margin: 0 auto; max-width: 75rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); overflow-wrap: anywhere }
h1 { font-size: 1.75rem } h2 { font-size: 1.25rem; margin-top: 2rem }
.table { overflow-x: auto; margin: 1rem 0 }
table { border-collapse: collapse; width: 100%; font-size: .875rem }
caption { text-align: start; font-weight: 600; padding-bottom: .5rem }
th, td { border: 1px solid var(--line); padding: .375rem .5rem; text-align: start; vertical-align: top; overflow-wrap: break-word; min-width: 4rem }
th { background: var(--head); font-weight: 600 }
@media print {
  :root { --text: #000; --page: #fff; --head: #eee }
  body { max-width: none; padding: 0; font-size: 10pt } .table { overflow: visible } table { font-size: 7.5pt }
  th, td { min-width: 0; overflow-wrap: anywhere } thead th { overflow-wrap: normal } tr, h2 { break-inside: avoid } h2 { break-after: avoid } thead { display: table-header-group }
}
`.trim();

export function pageAsHtml({ title, sentences, sections }: PolicyPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${sentences.map((sentence) => `<p>${escaped(sentence)}</p>`).join("\n")}
${sections.map(sectionText).join("\n")}
</main>
</body>
</html>
`;
}

function sectionText({ title, sentences, tables }: PageSection, index: number): string {
  const id = `section-${index + 1}`;
  const list = sentences.map((sentence) => `<li>${escaped(sentence)}</li>`).join("\n");
  return [
    `<section aria-labelledby="${id}">`,
    `<h2 id="${id}">${escaped(title)}</h2>`,
    ...(sentences.length === 0 ? [] : [`<ul>\n${list}\n</ul>`]),
    ...tables.map((table, place) => tableText(table, `${id}-table-${place + 1}`)),
    "</section>",
  ].join("\n");
}

/** The box can be scrolled by keyboard where the table is wider than the screen. */
function tableText({ caption, head, rows }: PageTable, id: string): string {
  const columns = head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("");
  const lines = rows.map(([first = "", ...rest]) => {
    const cells = rest.map((cell) => `<td>${escaped(cell)}</td>`).join("");
    return `<tr><th scope="row">${escaped(first)}</th>${cells}</tr>`;
  });
  return `<div class="table" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}">${escaped(caption)}</caption>
<thead><tr>${columns}</tr></thead>
<tbody>
${lines.join("\n")}
</tbody>
</table>
</div>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
