-- Take a run for a worker.
-- KEYS: hash, lease, metrics, frames, events, applied, checkpoint, active, changes, queue
-- ARGV: run id, token, lease (ms), worker, states that are over, most tries
-- Answers {'gone'}, {'over'}, {'leased'}, {'poison'} or {'ok', attempt, spec, state, last ids of metrics, frames and
-- events, cursor, best accuracy, checkpoint (flat), record of commands}.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if among(state, ARGV[5]) then
  redis.call('SREM', KEYS[8], ARGV[1])
  redis.call('ZREM', KEYS[10], ARGV[1])
  return {'over'}
end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'leased'} end
local at = now()
-- Tries count the workers that took the run and were never heard of again; each checkpoint sets them back.
if redis.call('HINCRBY', KEYS[1], 'tries', 1) > tonumber(ARGV[6]) then
  redis.call('HSET', KEYS[1], 'state', 'failed', 'reason', 'poison', 'ended', at, 'message',
    'Its worker died ' .. ARGV[6] .. ' times in a row at the same place. Resume tries again; a smaller net may help.')
  redis.call('HDEL', KEYS[1], 'token')
  redis.call('SREM', KEYS[8], ARGV[1])
  redis.call('ZREM', KEYS[10], ARGV[1])
  touch(KEYS[1], KEYS[9], ARGV[1])
  return {'poison'}
end
local attempt = redis.call('HINCRBY', KEYS[1], 'attempt', 1)
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
-- At rest it stays at rest, unless it only waited for room in Redis.
if state ~= 'paused' or redis.call('HGET', KEYS[1], 'reason') == 'redis_full' then
  state = 'running'
  become(KEYS[1], state)
end
redis.call('HSETNX', KEYS[1], 'started', at)
redis.call('HSET', KEYS[1], 'token', ARGV[2], 'worker', ARGV[4], 'heartbeat', at)
redis.call('SADD', KEYS[8], ARGV[1])
redis.call('ZREM', KEYS[10], ARGV[1])
touch(KEYS[1], KEYS[9], ARGV[1])
local function last(key)
  local found = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
  return found[1] and found[1][1] or '0-0'
end
local known = redis.call('HMGET', KEYS[1], 'spec', 'cursor', 'best_accuracy')
return {'ok', attempt, known[1], state, last(KEYS[3]), last(KEYS[4]), last(KEYS[5]), known[2] or '0-0', known[3] or '',
  redis.call('HGETALL', KEYS[7]), redis.call('XRANGE', KEYS[6], '-', '+')}
