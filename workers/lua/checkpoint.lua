-- Store a checkpoint; a late worker's is refused.
-- KEYS: hash, lease, checkpoint   ARGV: token, states that are over, field, value, ...
-- Answers {'fenced'} or {'ok', address of the large checkpoint that it replaces, or ''}.
if not owns(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return {'fenced'} end
local before = redis.call('HGET', KEYS[3], 'place') or ''
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], unpack(ARGV, 3))
redis.call('HSET', KEYS[1], 'tries', 0)
return {'ok', before}
