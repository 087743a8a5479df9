/** What only people who are signed in may see: AppModule puts the guard in front of it. */
import { Body, Controller, Get, Post, Redirect, Req, Res } from "@nestjs/common";
import type { Request, Response } from "express";
import { generateCsrfToken } from "./csrf.js";
import { sessions } from "./curfew.js";
import { notesPage } from "./pages.js";

const notes: string[] = [];

@Controller()
export class NotesController {
  @Get()
  page(@Req() request: Request, @Res() response: Response) {
    response.send(notesPage(generateCsrfToken(request, response), request.curfew?.subject ?? "", notes));
  }

  @Get("api/notes")
  list() {
    return { notes };
  }

  @Post("notes")
  @Redirect("/", 303)
  add(@Body() body: Record<string, unknown>) {
    notes.push(String(body.note));
  }

  @Post("logout")
  async signOut(@Req() request: Request, @Res() response: Response) {
    await sessions.signOut(request, response);
    response.redirect(303, "/login");
  }
}
