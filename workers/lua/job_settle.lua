-- Look after one job that is not over.
-- KEYS: hash, lease, active, queue   ARGV: job id, states that are over, what is said after a death
-- Answers {'fine'} or {'idle', ms since its last message, 1 when its worker died}.
local hash = KEYS[1]
local state = redis.call('HGET', hash, 'state')
if not state or among(state, ARGV[2]) then
  redis.call('SREM', KEYS[3], ARGV[1])
  return {'fine'}
end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'fine'} end
although_full()
local at = now()
local died = 0
if state == 'running' then
  died = 1
  redis.call('HINCRBY', hash, 'deaths', 1)
  redis.call('HDEL', hash, 'token')
  if redis.call('HEXISTS', hash, 'stop') == 1 then
    redis.call('HSET', hash, 'state', 'stopped', 'reason', 'command', 'message', 'Stopped; its worker had died.', 'ended', at)
    redis.call('SREM', KEYS[3], ARGV[1])
    return {'fine'}
  end
  redis.call('HSET', hash, 'state', 'queued', 'message', ARGV[3])
  redis.call('ZADD', KEYS[4], at, ARGV[1])
end
return {'idle', at - tonumber(redis.call('HGET', hash, 'sent') or 0), died}
