-- Append a command of a person. A stop needs no worker when none owns the run.
-- KEYS: hash, lease, commands, active, changes, queue
-- ARGV: run id, command (JSON), its kind, states that are over
-- Answers {'gone'}, {'over', state} or {'ok', entry id, 1 when the run must be brought to a worker}.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if among(state, ARGV[4]) then return {'over', state} end
local entry = redis.call('XADD', KEYS[3], '*', 'c', ARGV[2])
local leased = redis.call('EXISTS', KEYS[2]) == 1
if leased then return {'ok', entry, 0} end
if ARGV[3] == 'stop' then
  redis.call('HSET', KEYS[1], 'state', 'stopped', 'reason', 'command', 'message', 'Stopped before a worker had it.',
    'ended', now(), 'cursor', entry)
  redis.call('HDEL', KEYS[1], 'token')
  redis.call('SREM', KEYS[4], ARGV[1])
  redis.call('ZREM', KEYS[6], ARGV[1])
  touch(KEYS[1], KEYS[5], ARGV[1])
  return {'ok', entry, 0}
end
redis.call('SADD', KEYS[4], ARGV[1])
if state == 'queued' then return {'ok', entry, 0} end
return {'ok', entry, 1}
