-- Forget a job. Its worker, if it has one, is fenced at its next word.
-- KEYS: all jobs, active, queue, then every key of the job   ARGV: job id
local there = redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('UNLINK', unpack(KEYS, 4))
return there
