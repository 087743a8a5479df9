/** The page on one origin; it calls the API on another of the same site. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = process.env.VITE_API ?? "http://127.0.0.1:3001";
const server = { host: "127.0.0.1", port: Number(process.env.PORT ?? 5173), strictPort: true };
const policy = [
  "default-src 'self'",
  `connect-src 'self' ${api}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
];

export default defineConfig({
  root: "page",
  plugins: [react()],
  resolve: { dedupe: ["react"] }, // one React, though "file:../.." links a folder that has its own
  server,
  preview: { ...server, headers: { "Content-Security-Policy": policy.join("; ") } },
});
