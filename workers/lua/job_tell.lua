-- Say what a job says, and hear whether it shall stop.
-- KEYS: hash, lease, rows, progress
-- ARGV: token, lease (ms), states that are over, entry id, entry (JSON), most entries, number of fields, field, value,
--       ..., row key, row (JSON), ...
-- Answers {'fenced'} or {'ok', 1 when it shall stop}.
if not owns(KEYS[1], KEYS[2], ARGV[1], ARGV[3]) then return {'fenced'} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
append(KEYS[4], ARGV[4], 'e', ARGV[5])
redis.call('XTRIM', KEYS[4], 'MAXLEN', '~', ARGV[6])
local rows = 8 + 2 * tonumber(ARGV[7])
redis.call('HSET', KEYS[1], 'heartbeat', now(), 'last', ARGV[4], unpack(ARGV, 8, rows - 1))
if #ARGV >= rows then redis.call('HSET', KEYS[3], unpack(ARGV, rows)) end
return {'ok', redis.call('HEXISTS', KEYS[1], 'stop')}
