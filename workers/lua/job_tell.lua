-- Say what a job says, and hear whether it shall stop.
-- KEYS: hash, lease, rows, progress
-- ARGV: token, lease (ms), states that are over, 1 to be heard although memory is full, entry id, entry (JSON), most
--       entries, number of fields, field, value, ..., row key, row (JSON), ...
-- Answers {'fenced'} or {'ok', 1 when it shall stop}.
if not owns(KEYS[1], KEYS[2], ARGV[1], ARGV[3]) then return {'fenced'} end
if ARGV[4] == '1' then although_full() end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
append(KEYS[4], ARGV[5], 'e', ARGV[6])
redis.call('XTRIM', KEYS[4], 'MAXLEN', '~', ARGV[7])
local rows = 9 + 2 * tonumber(ARGV[8])
redis.call('HSET', KEYS[1], 'heartbeat', now(), 'last', ARGV[5], unpack(ARGV, 9, rows - 1))
if #ARGV >= rows then redis.call('HSET', KEYS[3], unpack(ARGV, rows)) end
return {'ok', redis.call('HEXISTS', KEYS[1], 'stop')}
