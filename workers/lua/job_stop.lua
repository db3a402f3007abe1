-- Ask a job to stop; one that no worker has is stopped at once.
-- KEYS: hash, lease, active, queue   ARGV: job id, states that are over
-- Answers {'gone'} or {state after it}.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if among(state, ARGV[2]) then return {state} end
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[1], 'stop', now())
  return {state}
end
redis.call('HSET', KEYS[1], 'state', 'stopped', 'reason', 'command', 'message', 'Stopped while no worker had it.',
  'ended', now())
redis.call('HDEL', KEYS[1], 'token')
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
return {'stopped'}
