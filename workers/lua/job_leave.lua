-- Give a job back: ended, or queued for another worker.
-- KEYS: hash, lease, active, queue   ARGV: job id, token, states that are over, state, field, value, ...
-- Answers 1, or 0 when it was no longer the caller's.
if not owns(KEYS[1], KEYS[2], ARGV[2], ARGV[3]) then return 0 end
although_full()
redis.call('HSET', KEYS[1], 'state', ARGV[4], unpack(ARGV, 5))
if among(ARGV[4], ARGV[3]) then
  redis.call('HSET', KEYS[1], 'ended', now())
  redis.call('SREM', KEYS[3], ARGV[1])
else
  redis.call('ZADD', KEYS[4], now(), ARGV[1])
end
redis.call('HDEL', KEYS[1], 'token')
redis.call('DEL', KEYS[2])
return 1
