/** All of Curfew's calls: status, key, heartbeat, end, the script include and its words. */
import { sessions } from "../../../lib/sessions";

const handle = (request: Request) => sessions.handle(request);

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
