-- A worker's sign of life, heard although memory is full: it is small and soon over.
-- KEYS: worker, workers   ARGV: worker id, how long it lasts (s), field, value, ...
although_full()
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[1])
return 1
