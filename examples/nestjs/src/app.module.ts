/** Notes with NestJS. Start reading here. */
import { type MiddlewareConsumer, Module, type NestModule } from "@nestjs/common";
import cookieParser from "cookie-parser";
import { doubleCsrfProtection } from "./csrf.js";
import { guard } from "./curfew.js";
import { NotesController } from "./notes.controller.js";
import { SignInController } from "./sign-in.controller.js";

@Module({ controllers: [SignInController, NotesController] })
export class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer) {
    // not the controller that signs people in; the guard first, for a token is the session's
    consumer.apply(guard, cookieParser(), doubleCsrfProtection).forRoutes(NotesController);
  }
}
