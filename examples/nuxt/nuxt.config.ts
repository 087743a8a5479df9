/** Nuxt's settings: what Curfew serves from its package goes into the build with it. */
export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  nitro: {
    externals: {
      traceInclude: ["node_modules/curfew/dist/script/curfew.js", "node_modules/curfew/dist/locales/en.json"],
    },
  },
});
