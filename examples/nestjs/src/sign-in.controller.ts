import {
  Body,
  Controller,
  Get,
  type OnApplicationShutdown,
  Post,
  Query,
  Req,
  Res,
  UnauthorizedException,
} from "@nestjs/common";
import type { Request, Response } from "express";
import { sessions } from "./curfew.js";
import { signInPage, wayBack } from "./pages.js";

@Controller("login")
export class SignInController implements OnApplicationShutdown {
  @Get()
  page(@Query("return") back: unknown) {
    return signInPage(wayBack(back));
  }

  @Post()
  async signIn(
    @Body() body: Record<string, unknown> | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ) {
    const { name, password, return: back } = body ?? {};
    // Yours: look the person up, compare a hash, slow guessing down.
    if (typeof name !== "string" || name === "" || password !== "demo") throw new UnauthorizedException();
    await sessions.start(request, response, { subject: name }); // refuses a form that another site has sent
    response.redirect(303, wayBack(back));
  }

  onApplicationShutdown() {
    return sessions.close();
  }
}
