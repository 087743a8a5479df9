import type { Server } from "node:http";

export function betterAuthApp(): Promise<Server>;
