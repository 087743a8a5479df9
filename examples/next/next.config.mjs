/** Next's settings: Curfew is loaded from node_modules, where it finds its script include and its words. */

/** @type {import("next").NextConfig} */
export default {
  serverExternalPackages: ["curfew"],
  turbopack: { root: import.meta.dirname },
};
