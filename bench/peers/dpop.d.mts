import type { Server } from "node:http";

export function dpop(): Server;
