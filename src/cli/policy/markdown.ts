/** A page as Markdown. */
import type { PageTable, PolicyPage } from "./page.js";

/** @param level of the page's own heading */
export function pageAsMarkdown({ title, sentences, sections }: PolicyPage, level = 1): string {
  const heading = (depth: number, text: string) => `${"#".repeat(level + depth)} ${plain(text)}`;
  const parts = [
    heading(0, title),
    ...sentences.map(plain),
    ...sections.flatMap((section) => [
      heading(1, section.title),
      ...(section.sentences.length === 0
        ? []
        : [section.sentences.map((one) => `- ${plain(one)}`).join("\n")]),
      ...section.tables.flatMap((table) => [`**${plain(table.caption)}**`, tableText(table)]),
    ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function tableText({ head, rows }: PageTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => plain(cell)).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** On one line, and nothing in it is markup. */
function plain(text: string): string {
  return text.replace(/[\r\n]+/g, " ").replace(/[\\`*_[\]<>|]/g, "\\$&");
}
