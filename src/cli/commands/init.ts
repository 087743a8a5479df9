/** `curfew init`: writes the dozen lines and the guard for a framework and a store, and says what is left to do. */
import { ConfigurationError } from "../../server/platform/errors.js";
import { askChoice } from "../init/ask-choice.js";
import {
  FRAMEWORK_NAMES,
  FRAMEWORKS,
  type Framework,
  type FrameworkName,
  frameworkIn,
} from "../init/frameworks.js";
import { guideBlock } from "../init/guide.js";
import { codeIn, inLanguage, type Language } from "../init/language.js";
import { openProject, type Project } from "../init/project.js";
import { OFFERED_STORES, STORE_NAMES, type StoreName, withStore } from "../init/stores.js";
import type { CommandProcess } from "../process/process.js";

export interface InitOptions {
  readonly framework?: string;
  readonly store?: string;
  readonly yes?: boolean;
}

interface Chosen {
  readonly framework: FrameworkName;
  readonly store: StoreName;
}

/**
 * @param folder of the project
 * @returns the exit code
 * @throws ConfigurationError for a name that is not known, and where something must be asked and nobody is there
 */
export async function initCommand(
  shell: CommandProcess,
  folder: string,
  options: InitOptions,
): Promise<number> {
  const project = openProject(folder);
  const chosen = await choose(shell, project, options);
  if (chosen === null) return 1;
  const framework = FRAMEWORKS[chosen.framework];
  const language = languageOf(project, framework);
  shell.print(`${framework.title}, store: ${chosen.store}\n\n`);
  for (const { path, text } of filesFor(project, framework, language, chosen.store))
    shell.print(lineOf(path, project.write(path, text)));
  shell.print(nextSteps(project, chosen, language));
  return 0;
}

function languageOf({ language }: Project, { only }: Framework): Language {
  if (only === "typescript") return only;
  return only === "modules" && language === "commonjs" ? "module" : language;
}

const lineOf = (path: string, isWritten: boolean): string =>
  isWritten
    ? `  wrote  ${path}\n`
    : `  kept   ${path} was there and is as it was: compare it with docs/init.md\n`;

function filesFor(project: Project, { below, templates }: Framework, language: Language, store: StoreName) {
  const folder = below !== null && project.has(below) ? `${below}/` : "";
  return templates()
    .map(({ path, text }) => inLanguage({ path, text: withStore(text, store) }, language))
    .map(({ path, text }) => ({ path: folder + path, text }));
}

async function choose(shell: CommandProcess, project: Project, options: InitOptions): Promise<Chosen | null> {
  const given = {
    framework: nameIn(FRAMEWORK_NAMES, "framework", options),
    store: nameIn(STORE_NAMES, "store", options),
  };
  const seen = frameworkIn(project.packages);
  const mayAsk = shell.isTerminal && options.yes !== true;
  const framework =
    given.framework ?? (mayAsk ? await askFramework(seen) : needed(seen, "--framework", FRAMEWORK_NAMES));
  if (framework === null) return null;
  const fallback = options.yes === true ? "sqlite" : null;
  const store = given.store ?? (mayAsk ? await askStore() : needed(fallback, "--store", STORE_NAMES));
  return store === null ? null : { framework, store };
}

/** @throws ConfigurationError */
function nameIn<Name extends string>(
  names: readonly Name[],
  option: "framework" | "store",
  options: InitOptions,
): Name | undefined {
  const given = options[option];
  const name = names.find((one) => one === given);
  if (given !== undefined && name === undefined)
    throw new ConfigurationError(`--${option} is ${JSON.stringify(given)}; write one of ${names.join(", ")}`);
  return name;
}

/** @throws ConfigurationError */
function needed<Name extends string>(seen: Name | null, option: string, names: readonly Name[]): Name {
  if (seen === null) throw new ConfigurationError(`${option} is missing; write one of ${names.join(", ")}`);
  return seen;
}

const askFramework = (seen: FrameworkName | null) =>
  askChoice({
    message: "What is the app made with?",
    choices: FRAMEWORK_NAMES.map((value) => ({ value, label: FRAMEWORKS[value].title })),
    first: seen,
  });

const askStore = () =>
  askChoice({
    message: "Where are sessions kept?",
    choices: STORE_NAMES.map((value) => ({ value, label: OFFERED_STORES[value].title })),
    first: "sqlite",
  });

/** The README's policy for a first look, as JSON and JavaScript both take it. */
const FIRST_LOOK = '{ "idle": "1m", "absolute": "12h", "warning": "30s" }';

function nextSteps(project: Project, { framework, store }: Chosen, language: Language): string {
  const missing = ["curfew", ...OFFERED_STORES[store].packages].filter(
    (name) => !project.packages.includes(name),
  );
  const lines = codeIn(guideBlock(`${framework} app`), language)
    .trimEnd()
    .split("\n");
  const sqlite =
    store === "sqlite" ? ["SQLite comes with Node from 22.13 on; on an older Node: npm install libsql"] : [];
  return [
    ...(missing.length === 0 ? [] : [`Install: npm install ${missing.join(" ")}`]),
    ...sqlite,
    `Add to ${project.isNode ? "your app" : "what you have"}:\n\n${lines.map((line) => (line === "" ? "" : `    ${line}`)).join("\n")}`,
    'On every page, and on the sign-in page:\n\n    <script src="/curfew/curfew.js" defer></script>',
    `For a first look: ${FIRST_LOOK} in the place of the policy. Without input the warning opens half a minute after the sign-in.`,
    "When it runs: npx curfew doctor http://localhost:3000 --page /a-page-behind-the-guard",
  ]
    .map((step) => `\n${step}\n`)
    .join("");
}
