/** Asks for what may be missing: modules of a newer Node, and packages that only some apps need. */
// Without its name: apps that esbuild bundles declare `createRequire` themselves, in a banner.
import nodeModule from "node:module";
import { programPlaces } from "./environment.js";

/**
 * Looks from this file, where it is one of CommonJS (a bundler may have put it into another file), then from the program and
 * from the folder that it was started in.
 * @returns the module, as `require` gives it
 * @throws Error where it is in none of these places
 */
export function requireOptional(name: string): unknown {
  const own = typeof __filename === "string" ? [__filename] : [];
  let missing: unknown;
  for (const place of [...own, ...programPlaces()])
    try {
      return nodeModule.createRequire(place)(name);
    } catch (error) {
      missing ??= error;
    }
  throw missing;
}
