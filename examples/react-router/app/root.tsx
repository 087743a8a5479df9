import { type ReactNode, useEffect } from "react";
import { isRouteErrorResponse, Links, Meta, Outlet, Scripts } from "react-router";
import type { Route } from "./+types/root";
import { curfewMiddleware } from "./curfew.server";

export const middleware = [curfewMiddleware];

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <script src="/curfew/curfew.js" defer />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  );
}

export default () => <Outlet />;

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  const isRefused = isRouteErrorResponse(error) && error.status === 401;
  // The client asks the server what has become of the session, and shows that.
  useEffect(() => {
    if (isRefused) void window.Curfew.session.refresh();
  }, [isRefused]);
  return <h1>{isRefused ? "You are signed out" : "Something went wrong"}</h1>;
}
