/** What is built, behind Express. */
import { fileURLToPath } from "node:url";
import { createRequestHandler } from "@react-router/express";
import express from "express";

const built = (path) => new URL(`./build/${path}`, import.meta.url);

export const app = express();
app.use(express.static(fileURLToPath(built("client")), { index: false }));
app.use(createRequestHandler({ build: await import(built("server/index.js").href) }));
