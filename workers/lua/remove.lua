-- Forget a run. Its worker, if it has one, is fenced at its next exchange.
-- KEYS: runs, active, changes, queue, then every key of the run
-- ARGV: run id
local there = redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('UNLINK', unpack(KEYS, 5))
if there == 1 then redis.call('XADD', KEYS[3], 'MAXLEN', '~', 20000, '*', 'id', ARGV[1]) end
return there
