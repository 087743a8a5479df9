import { index, type RouteConfig, route } from "@react-router/dev/routes";

export default [
  index("routes/notes.tsx"),
  route("about", "routes/about.tsx"),
  route("login", "routes/login.tsx"),
  route("logout", "routes/logout.tsx"),
  route("curfew/*", "routes/curfew.ts"),
] satisfies RouteConfig;
