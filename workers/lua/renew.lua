-- Renew a lease while its run is busy measuring.   KEYS: hash, lease   ARGV: token, lease (ms), states that are over
if not owns(KEYS[1], KEYS[2], ARGV[1], ARGV[3]) then return 0 end
although_full()
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[1], 'heartbeat', now())
return 1
