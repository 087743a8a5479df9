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

const REQUIRES = new Set(["require", "requireOptional"]);

/** The modules that the code asks for by `require("…")` or by the server's own way to it: there if they are there. */
export function requiredIn(file: File): readonly string[] {
  return nodesOf(file).flatMap(({ type, callee, arguments: given }) => {
    const [first] = Array.isArray(given) ? given : [];
    const isRequire = type === "CallExpression" && isNode(callee) && REQUIRES.has(String(callee.name));
    return isRequire && isNode(first) && typeof first.value === "string" ? [first.value] : [];
  });
}

/** The modules that the code asks for by `import()` alone: there if they are there. */
export function awaitedIn(file: File): readonly string[] {
  const named = (kinds: RegExp) =>
    nodesOf(file).flatMap(({ type, source }) =>
      kinds.test(type) && isNode(source) && typeof source.value === "string" ? [source.value] : [],
    );
  const loaded = named(/^(?:Import|Export).*Declaration$/);
  return named(/^ImportExpression$/).filter((name) => !loaded.includes(name));
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
 * Every name that the code uses: `fetch` and `now` alone, `Date.now` as a pair, taken out of an object too, `Date()` called and
 * `new Date()` where no time is given. A name that is only written down as a key, or that is imported or exported under that
 * name, is not used.
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

function namesOf(node: Node): string[] {
  const { type, name, callee, arguments: given } = node;
  if (type === "Identifier") return [String(name)];
  if (type === "CallExpression" && isNode(callee) && callee.type === "Identifier")
    return [`${String(callee.name)}()`];
  if (type === "NewExpression" && Array.isArray(given) && given.length === 0 && isNode(callee))
    return [`new ${String(callee.name)}()`];
  if (type === "VariableDeclarator") return takenOutOf(node);
  return type === "MemberExpression" ? pairOf(node) : [];
}

/** `a.b`, `x.a.b` and `a["b"]`: the pair and its last name. */
function pairOf({ object, property, computed }: Node): string[] {
  if (!isNode(object) || !isNode(property)) return [];
  const last = computed === true ? property.value : property.name;
  return [String(last), `${lastNameOf(object)}.${String(last)}`];
}

/** `const { b } = a` reads `a.b`. */
function takenOutOf({ id, init }: Node): string[] {
  if (!isNode(id) || !isNode(init) || !Array.isArray(id.properties)) return [];
  return id.properties.flatMap(({ key }: Node) =>
    isNode(key)
      ? [String(key.name ?? key.value), `${lastNameOf(init)}.${String(key.name ?? key.value)}`]
      : [],
  );
}

function lastNameOf({ type, name, property }: Node): string {
  return String(type === "MemberExpression" && isNode(property) ? property.name : name);
}
