-- Queue a job again that was stopped or has failed; what it has done stands.
-- KEYS: hash, active, queue   ARGV: job id, states from which it may go on
-- Answers {'gone'}, {'no', state} or {'ok'}.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if not among(state, ARGV[2]) then return {'no', state} end
local at = now()
redis.call('HSET', KEYS[1], 'state', 'queued', 'reason', '', 'message', '', 'log', '', 'deaths', 0, 'sent', at)
redis.call('HDEL', KEYS[1], 'stop', 'ended')
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], at, ARGV[1])
return {'ok'}
