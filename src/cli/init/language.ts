/** TypeScript, modules of JavaScript, or CommonJS: what a project is written in, and its templates in that language. */
import type { Template } from "./frameworks.js";

/** The templates themselves are TypeScript that needs few types. */
export type Language = "typescript" | "module" | "commonjs";

const TYPES = /^import type .*\n|(?<=^export const \w+): \w+(?= =)/gm;
const IMPORT = /^import \{ ([^}]+) \} from ("[^"]+");$/gm;
const EXPORT = /^export const (\w+)/gm;

export function inLanguage({ path, text }: Template, language: Language): Template {
  return language === "typescript"
    ? { path, text }
    : { path: path.replace(/\.ts$/, ".js"), text: codeIn(text, language) };
}

export function codeIn(text: string, language: Language): string {
  if (language === "typescript") return text;
  const untyped = text.replace(TYPES, "");
  if (language === "module") return untyped;
  const names = [...untyped.matchAll(EXPORT)].map(([, name = ""]) => name);
  const required = untyped
    .replace(IMPORT, (_whole, taken: string, from: string) => `const { ${taken} } = require(${from});`)
    .replace(EXPORT, "const $1");
  return names.length === 0 ? required : `${required}\nmodule.exports = { ${names.join(", ")} };\n`;
}
