-- Put a run that ended early back into its queue. The stop stays in the record, marked as resumed: what it told was
-- published, so it is told again by whoever goes on, and what comes next is named behind it.
-- KEYS: hash, lease, applied, active, changes, queue
-- ARGV: run id, states from which this is allowed
-- Answers {'gone'}, {'refused', state} or {'ok'}.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if not among(state, ARGV[2]) or redis.call('EXISTS', KEYS[2]) == 1 then return {'refused', state} end
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)) do
  local ok, command = pcall(cjson.decode, entry[2][2])
  if ok and command.kind == 'stop' then
    local step, n = string.match(entry[1], '(%d+)-(%d+)')
    local marked = step .. '-' .. string.format('%.0f', tonumber(n) + 1)
    local fields = {}
    for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
    redis.call('XDEL', KEYS[3], entry[1])
    redis.call('XADD', KEYS[3], marked, 'c', '{"kind":"stop","resumed":true}', 'src', fields.src, 'group', fields.group)
    redis.call('HSET', KEYS[1], 'record', marked)
  end
end
local at = now()
redis.call('HSET', KEYS[1], 'state', 'queued', 'reason', '', 'message', '', 'log', '', 'ended', '', 'tries', 0, 'sent', at)
redis.call('SADD', KEYS[4], ARGV[1])
redis.call('ZADD', KEYS[6], at, ARGV[1])
touch(KEYS[1], KEYS[5], ARGV[1])
return {'ok'}
