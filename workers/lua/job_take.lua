-- Take a job (a study, a landscape) for a worker.
-- KEYS: hash, lease, rows, active, queue
-- ARGV: job id, token, lease (ms), worker, states that are over, most attempts, 1 when its rows are kept
-- Answers {'no'} or {'ok', attempt, spec}. Without kept rows each attempt begins from the start.
local hash = KEYS[1]
local state = redis.call('HGET', hash, 'state')
if not state or among(state, ARGV[5]) or redis.call('EXISTS', KEYS[2]) == 1 then return {'no'} end
redis.call('ZREM', KEYS[5], ARGV[1])
local at = now()
local attempt = redis.call('HINCRBY', hash, 'attempt', 1)
if state == 'running' then redis.call('HINCRBY', hash, 'deaths', 1) end
if redis.call('HEXISTS', hash, 'stop') == 1 then
  redis.call('HSET', hash, 'state', 'stopped', 'reason', 'command', 'ended', at)
  redis.call('SREM', KEYS[4], ARGV[1])
  return {'no'}
end
local deaths = tonumber(redis.call('HGET', hash, 'deaths') or 0)
if deaths >= tonumber(ARGV[6]) then
  redis.call('HSET', hash, 'state', 'failed', 'reason', 'poison', 'ended', at, 'message',
    'Its worker died ' .. deaths .. ' times. Something smaller may help.')
  redis.call('SREM', KEYS[4], ARGV[1])
  return {'no'}
end
if ARGV[7] ~= '1' then
  redis.call('DEL', KEYS[3])
  redis.call('HSET', hash, 'share', 0)
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('HSET', hash, 'state', 'running', 'token', ARGV[2], 'worker', ARGV[4], 'heartbeat', at, 'started', at,
  'left_s', '', 'doing', '', 'message', '')
return {'ok', attempt, redis.call('HGET', hash, 'spec')}
