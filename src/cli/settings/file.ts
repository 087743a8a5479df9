/** Reads the configuration file: JSON, with environment variables as `${NAME}` in its texts. */
import { readFileSync } from "node:fs";
import { ConfigurationError } from "../../server/platform/errors.js";

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

type Variables = (name: string) => string | undefined;

/** @throws ConfigurationError where the file cannot be read, is not JSON, or names variables that are not set */
export function readConfigFile(file: string, variable: Variables): unknown {
  const unset: string[] = [];
  const config = withVariables(parsed(textOf(file), file), "options", (name, path) => {
    const text = variable(name);
    if (text === undefined) unset.push(`${path} names the environment variable ${name}, which is not set`);
    return text ?? "";
  });
  if (unset.length > 0) throw new ConfigurationError(unset.join("\n"));
  return config;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new ConfigurationError(
      `${file} cannot be read (${code}); give the configuration with --config FILE`,
    );
  }
}

/** The parser's own words are left out: they quote the file, and the file may hold secrets. */
function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const [, position] = /position (\d+)/.exec(error instanceof Error ? error.message : "") ?? [];
    const place = position === undefined ? "" : ` (line ${lineAt(text, Number(position))})`;
    throw new ConfigurationError(`${file} is not JSON${place}; JSON has no comments and no trailing commas`);
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

function withVariables(
  value: unknown,
  path: string,
  variable: (name: string, path: string) => string,
): unknown {
  if (typeof value === "string")
    return value.replace(VARIABLE, (_whole, name: string) => variable(name, path));
  if (Array.isArray(value)) return value.map((item, at) => withVariables(item, `${path}.${at}`, variable));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withVariables(item, `${path}.${key}`, variable)]),
  );
}
