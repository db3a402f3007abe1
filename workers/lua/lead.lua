-- Be the one that does the rounds, for a while.   KEYS: leader   ARGV: token, term (ms)
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then return 0 end
although_full()
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
