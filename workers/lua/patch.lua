-- Change fields of a run's hash that people write.
-- KEYS: hash, changes   ARGV: run id, field, value, field, value, ...
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
touch(KEYS[1], KEYS[2], ARGV[1])
return 1
