/** The protocol and the script include. */
import { sessions } from "../curfew.server";

const handle = ({ request }: { request: Request }) => sessions.handle(request);

export { handle as action, handle as loader };
