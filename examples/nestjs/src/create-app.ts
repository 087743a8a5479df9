import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { AppModule } from "./app.module.js";
import { routes } from "./curfew.js";
import { SessionErrorFilter } from "./session-error.filter.js";

export async function createApp() {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ["warn", "error"] });
  app.use(routes); // Nest's own body parsers come later
  app.useGlobalFilters(new SessionErrorFilter());
  app.enableShutdownHooks();
  return app;
}
