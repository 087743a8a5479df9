export { createSessionVerifier } from "../../../src/server/adapters/node.js";
export { memoryStore } from "../../../src/server/stores/memory.js";
export { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
export { redisStore } from "../../../src/server/stores/redis/store.js";
