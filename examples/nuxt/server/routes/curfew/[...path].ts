/** All of Curfew's calls: status, key, heartbeat, end, the script include and its words. */
export default defineEventHandler((event) => sessions.handle(toWebRequest(event)));
