/** What a parser finds in a source: the modules that it loads, and every name that its code uses. No comment, type or text counts. */
import { transformSync } from "esbuild";
import { parseAst } from "rollup/parseAst";

interface Node {
  readonly type: string;
  readonly [member: string]: unknown;
}

interface File {
  readonly path: string;
  readonly text: string;
}

const trees = new WeakMap<File, readonly Node[]>();

/** Every node of the file's syntax tree; TypeScript is turned into JavaScript first, with each import kept. */
function nodesOf(file: File): readonly Node[] {
  const known = trees.get(file);
  if (known !== undefined) return known;
  const { code } = transformSync(file.text, {
    loader: file.path.endsWith("x") ? "tsx" : "ts",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, jsx: "react-jsx" } },
  });
  const nodes: Node[] = [];
  collect(parseAst(code), nodes);
  trees.set(file, nodes);
  return nodes;
}

function collect(value: unknown, nodes: Node[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, nodes);
  else if (isNode(value)) {
    nodes.push(value);
    for (const member of Object.values(value)) collect(member, nodes);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** The modules that are there when the code runs, by `import`, `export … from` and `import()`. */
export function modulesIn(file: File): readonly string[] {
  return nodesOf(file).flatMap(({ type, source }) =>
    /^(?:Import|Export)/.test(type) && isNode(source) && typeof source.value === "string"
      ? [source.value]
      : [],
  );
}

/**
 * Every name that the code uses: `fetch` and `now` alone, `Date.now` as a pair, `new Date()` where no time is given. A name
 * that is only written down as a key, or that is imported or exported under that name, is not used.
 */
export function namesIn(file: File): ReadonlySet<string> {
  const nodes = nodesOf(file);
  const passive = new Set(nodes.flatMap(passiveNamesOf));
  return new Set(nodes.filter((node) => !passive.has(node)).flatMap(namesOf));
}

function passiveNamesOf({ type, computed, shorthand, key, imported, local, exported }: Node): unknown[] {
  if (type === "ImportSpecifier") return [imported, local];
  if (type === "ExportSpecifier") return [local, exported];
  const isKey = /^(?:Property|MethodDefinition|PropertyDefinition)$/.test(type);
  return isKey && computed !== true && shorthand !== true ? [key] : [];
}

function namesOf({ type, name, object, property, computed, callee, arguments: given }: Node): string[] {
  if (type === "Identifier") return [String(name)];
  if (type === "NewExpression" && Array.isArray(given) && given.length === 0 && isNode(callee))
    return [`new ${String(callee.name)}()`];
  if (type !== "MemberExpression" || !isNode(object) || !isNode(property)) return [];
  const last = computed === true ? property.value : property.name;
  const first = object.type === "MemberExpression" && isNode(object.property) ? object.property : object;
  return [String(last), `${String(first.name)}.${String(last)}`];
}
