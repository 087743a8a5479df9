/** Every framework that Curfew has an adapter for, each really there. */
import { onExpress } from "./express-app.js";
import { onFastify } from "./fastify-app.js";
import { onHono } from "./hono-app.js";
import { nodeHttp } from "./node-http-app.js";
import type { Framework } from "./test-app.js";
import { onWeb } from "./web-app.js";

export const frameworks: readonly Framework[] = [nodeHttp, onExpress, onFastify, onHono, onWeb];
