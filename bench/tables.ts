/** Numbers and tables in Markdown. */

export const count = (value: number) => Math.round(value).toLocaleString("en-GB");
export const millis = (value: number) =>
  `${Math.abs(value) < 10 ? Number(value.toFixed(1)) : count(value)} ms`;

/** A table in Markdown: the first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => (i === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
