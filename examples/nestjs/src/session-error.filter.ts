/** What `sessions.start` refuses has a status of its own: without this line of Nest's the person would see a 500. */
import { type ArgumentsHost, Catch, type ExceptionFilter } from "@nestjs/common";
import { SessionError } from "curfew/server";
import type { Response } from "express";

@Catch(SessionError)
export class SessionErrorFilter implements ExceptionFilter {
  catch({ status, code, message }: SessionError, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Response>().status(status).json({ code, message });
  }
}
