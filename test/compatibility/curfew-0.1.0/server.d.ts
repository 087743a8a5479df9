export { createSessionVerifier } from "../../../src/server/verifier.js";
export { memoryStore } from "../../../src/server/stores/memory.js";
export { sqliteStore } from "../../../src/server/stores/sqlite.js";
