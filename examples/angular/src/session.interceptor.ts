import { HttpErrorResponse, type HttpInterceptorFn } from "@angular/common/http";
import { inject } from "@angular/core";
import { tap } from "rxjs";
import { SessionService } from "./session.service";

/** What Curfew has refused is asked for no second time: the client asks what has become of the session, and shows that. */
export const sessionInterceptor: HttpInterceptorFn = (request, next) => {
  const session = inject(SessionService);
  const error = (refused: unknown) => {
    if (isCurfews(refused)) void session.refresh();
  };
  return next(request).pipe(tap({ error }));
};

/** A 401 of the app's own, such as a wrong password, is none. */
function isCurfews(error: unknown): boolean {
  if (!(error instanceof HttpErrorResponse) || error.status !== 401) return false;
  const type: unknown = Object(error.error).type;
  return typeof type === "string" && type.startsWith("urn:curfew:");
}
