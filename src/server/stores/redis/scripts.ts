/**
 * The scripts that Redis runs, each atomic and each on one key. A script that only reads also tries a write that
 * changes nothing: a replica, a full Redis and one that cannot save refuse it, so nothing is allowed where no end
 * could be written.
 */
import { createHash } from "node:crypto";

export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/** Every script gets the node's floor and, in tests, a time in place of Redis's own; `now` is the time it goes by. */
const TIME = `
local reading
if ARGV[2] == '' then
  local time = redis.call('TIME')
  reading = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
else
  reading = tonumber(ARGV[2])
end
local now = math.max(reading, tonumber(ARGV[1]))
local function number(value) return string.format('%.0f', value) end
local function answer(...) return { number(now), number(reading), ... } end
local function expire(purgeAt) redis.call('PEXPIRE', KEYS[1], number(math.max(1, tonumber(purgeAt) - now))) end
`;

/** The time alone. */
export const NOW = script(`
redis.call('DEL', KEYS[1])
return answer()`);

/** → record, confirmed revision; both empty where nothing is kept. */
export const FIND = script(`
local kept = redis.call('HMGET', KEYS[1], 'record', 'time', 'purge', 'confirmed')
if kept[1] then now = math.max(now, tonumber(kept[2])) end
if not kept[1] or now >= tonumber(kept[3]) then
  redis.call('DEL', KEYS[1])
  return answer('', '')
end
redis.call('HSETNX', KEYS[1], 'record', '')
return answer(kept[1], kept[4] or '')`);

/** record, secret's hash, purgeAt, dueAt → done, exists. */
export const CREATE = script(`
local purge = redis.call('HGET', KEYS[1], 'purge')
if purge and now < tonumber(purge) then return answer('exists') end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'record', ARGV[3], 'revision', ARGV[7], 'secret', ARGV[4], 'purge', ARGV[5],
  'due', ARGV[6], 'time', number(now))
expire(ARGV[5])
return answer('done')`);

/**
 * record, secret's hash, purgeAt, dueAt, revision, before, prepared → done, changed, late, missing, or `prepare` with
 * the old secret's hash: the pointer and the lists must be written first. With `done`: whether it is due earlier.
 */
export const REPLACE = script(`
local kept = redis.call('HMGET', KEYS[1], 'revision', 'time', 'purge', 'secret', 'due')
if kept[1] then now = math.max(now, tonumber(kept[2])) end
if not kept[1] or now >= tonumber(kept[3]) then
  redis.call('DEL', KEYS[1])
  return answer('missing', '', '')
end
if kept[1] ~= ARGV[7] then return answer('changed', '', '') end
if ARGV[8] ~= '' and now >= tonumber(ARGV[8]) then return answer('late', '', '') end
local moved = kept[4] ~= ARGV[4] or tonumber(ARGV[5]) > tonumber(kept[3])
if moved and ARGV[9] == '' then return answer('prepare', kept[4], '') end
redis.call('HSET', KEYS[1], 'record', ARGV[3], 'revision', number(tonumber(ARGV[7]) + 1), 'secret', ARGV[4],
  'purge', ARGV[5], 'due', ARGV[6], 'time', number(now))
expire(ARGV[5])
local earlier = ARGV[6] ~= '' and (kept[5] == '' or tonumber(ARGV[6]) < tonumber(kept[5]))
return answer('done', '', earlier and '1' or '')`);

/** sid, purgeAt → done (made), same (it was there for this sid), exists (it is another's). */
export const POINT = script(`
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[3] then return answer('exists') end
redis.call('SET', KEYS[1], ARGV[3])
expire(ARGV[4])
return answer(owner and 'same' or 'done')`);

/** sid: takes the pointer away if it is this one's. */
export const UNPOINT = script(`
if redis.call('GET', KEYS[1]) == ARGV[3] then redis.call('DEL', KEYS[1]) end
return answer()`);

/** → sid, or empty. Only that there is none must be sure: the record is asked next. */
export const RESOLVE = script(`
local sid = redis.call('GET', KEYS[1])
if not sid then redis.call('DEL', KEYS[1]) end
return answer(sid or '')`);

/** sid, purgeAt: puts a session on its subject's list, which lives as long as the last of them. */
export const ENLIST = script(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', number(now))
local purge = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[3]) or '0')
redis.call('ZADD', KEYS[1], number(math.max(purge, tonumber(ARGV[4]))), ARGV[3])
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
expire(last[2])
return answer()`);

/** cursor, count → the next cursor, and about so many sids of the list. */
export const LIST = script(`
redis.call('ZREM', KEYS[1], '')
local page = redis.call('ZSCAN', KEYS[1], ARGV[3], 'COUNT', ARGV[4])
local sids = {}
for at = 1, #page[2], 2 do sids[#sids + 1] = page[2][at] end
return answer(page[1], sids)`);

/** sids that are over: takes them off the list. */
export const DELIST = script(`
for at = 3, #ARGV do redis.call('ZREM', KEYS[1], ARGV[at]) end
return answer()`);

/** offset, count → sid, score, sid, score, … */
export const DUE = script(`
redis.call('ZREM', KEYS[1], '')
return answer(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', number(now), 'WITHSCORES', 'LIMIT', ARGV[3], ARGV[4]))`);

/**
 * sid, dueAt: a session is due no later than that. Where it stands earlier already, the score changes a little all
 * the same: whoever is about to move it has read an older record, and RESCHEDULE sees that.
 */
export const ADVANCE = script(`
local score = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[3]) or 'inf')
local due = tonumber(ARGV[4])
if score > due then score = due else score = score - 1 end
redis.call('ZADD', KEYS[1], number(score), ARGV[3])
return answer()`);

/** sid, score as seen, dueAt or empty, and so on: moves a session on, or takes it off, if its score is still the one seen. */
export const RESCHEDULE = script(`
for at = 3, #ARGV, 3 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if score and tonumber(score) == tonumber(ARGV[at + 1]) then
    if ARGV[at + 2] == '' then redis.call('ZREM', KEYS[1], ARGV[at])
    else redis.call('ZADD', KEYS[1], ARGV[at + 2], ARGV[at]) end
  end
end
return answer()`);

/** record, purgeAt, expected revision → done, changed. */
export const REPLACE_SUBJECT = script(`
local kept = redis.call('HMGET', KEYS[1], 'revision', 'time', 'purge')
if kept[1] then now = math.max(now, tonumber(kept[2])) end
local revision = kept[1] and now < tonumber(kept[3]) and kept[1] or '0'
if revision ~= ARGV[5] then return answer('changed') end
redis.call('HSET', KEYS[1], 'record', ARGV[3], 'revision', number(tonumber(revision) + 1), 'purge', ARGV[4],
  'time', number(now))
expire(ARGV[4])
return answer('done')`);

/** A write for the replicas to confirm. */
export const TOUCH = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'touched', number(now)) end
return answer()`);

/** revision: the replicas have it. */
export const CONFIRM = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'confirmed', ARGV[3]) end
return answer()`);

/** sid: it has ended. What is older than the last ten thousand is forgotten. */
export const ADD_END = script(`
redis.call('XADD', KEYS[1], 'MAXLEN', '~', '10000', '*', 'sid', ARGV[3])
return answer()`);

/** id after which to read, or empty: from now on → sids, the id to read on from. */
export const ENDS = script(`
local function place(id)
  local time, count = string.match(id, '(%d+)-(%d+)')
  return tonumber(time), tonumber(count)
end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local since = ARGV[3]
if not last then return answer({}, since == '' and '0-0' or since) end
if since == '' then return answer({}, last[1]) end
local lastTime, lastCount = place(last[1])
local time, count = place(since)
-- After a failover, or once it was flushed, a clock that is behind may count from less.
if lastTime < time or (lastTime == time and lastCount < count) then since = '0-0' end
local read = redis.call('XREAD', 'COUNT', 1000, 'STREAMS', KEYS[1], since)
local sids = {}
for _, entry in ipairs(read and read[1][2] or {}) do
  sids[#sids + 1] = entry[2][2]
  since = entry[1]
end
return answer(sids, since)`);

/** layout of the keys → the one that is kept: the first release that came writes its own. */
export const LAYOUT = script(`
redis.call('HSETNX', KEYS[1], 'layout', ARGV[3])
return answer(redis.call('HGET', KEYS[1], 'layout'))`);

/** secret → the one that is kept. */
export const SECRET = script(`
redis.call('HSETNX', KEYS[1], 'secret', ARGV[3])
return answer(redis.call('HGET', KEYS[1], 'secret'))`);

function script(body: string): RedisScript {
  const text = `${TIME.trim()}\n${body.trim()}\n`;
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}
