-- Look after one run that should be advanced.
-- KEYS: hash, lease, commands, active, changes   ARGV: run id, states that are over, lost after (ms)
-- Answers {'fine'}, {'over'} once after its end, or {'idle', ms without a message, 1 when its worker lived after the last message was sent}.
local hash = KEYS[1]
local known = redis.call('HMGET', hash, 'state', 'heartbeat', 'sent', 'cursor', 'reason')
local state, heartbeat, sent = known[1], tonumber(known[2] or 0), tonumber(known[3] or 0)
if not state or among(state, ARGV[2]) then
  redis.call('SREM', KEYS[4], ARGV[1])
  return {'over'}
end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'fine'} end
local goes_on = state == 'running' or (state == 'paused' and known[5] == 'redis_full')
if state == 'paused' and not goes_on and #redis.call('XRANGE', KEYS[3], '(' .. (known[4] or '0-0'), '+', 'COUNT', 1) == 0 then
  -- Its worker is gone, and so is the need for one: the next command brings it back.
  redis.call('SREM', KEYS[4], ARGV[1])
  return {'fine'}
end
local at = tonumber(now())
if goes_on and at - heartbeat > tonumber(ARGV[3]) then
  although_full()
  become(hash, 'lost')
  redis.call('HSET', hash, 'message', 'Its worker fell silent; it goes on as soon as another has room.')
  touch(hash, KEYS[5], ARGV[1])
end
return {'idle', at - sent, heartbeat > sent and 1 or 0}
