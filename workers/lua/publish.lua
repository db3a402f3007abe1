-- One exchange of a worker with its run: events in, commands out, lease renewed.
-- KEYS: hash, lease, metrics, frames, events, commands, applied, changes, frame_ids, kept
-- ARGV[1]: JSON {id, token, lease, over, step, take, known, pacer, metrics, frames, snaps, events, keep, to, from, fields,
--          although_full}; `to` is what the run does by its worker, whatever others have come to think meanwhile
-- ARGV[2..]: bodies in order: (h, b) a metrics block; (h, b, sh, sb) a frame; (h, b) an event.
-- Answers {'fenced'} or {'ok', {id, src, command}, ...}: the commands that take effect before update <step>,
-- already recorded.
local ask = cjson.decode(ARGV[1])
local hash = KEYS[1]
if not owns(hash, KEYS[2], ask.token, ask.over) then return {'fenced'} end
if ask.although_full then although_full() end
redis.call('SET', KEYS[2], ask.token, 'PX', ask.lease)

local body = 2
for _, id in ipairs(ask.metrics) do
  append(KEYS[3], id, 'h', ARGV[body], 'b', ARGV[body + 1])
  body = body + 2
end
for _, id in ipairs(ask.frames) do
  local added
  if ARGV[body + 2] == '' then
    added = append(KEYS[4], id, 'h', ARGV[body], 'b', ARGV[body + 1])
  else
    added = append(KEYS[4], id, 'h', ARGV[body], 'b', ARGV[body + 1], 'sh', ARGV[body + 2], 'sb', ARGV[body + 3])
  end
  if added then redis.call('RPUSH', KEYS[9], id) end
  body = body + 4
end
for _, id in ipairs(ask.events) do
  append(KEYS[5], id, 'h', ARGV[body], 'b', ARGV[body + 1])
  body = body + 2
end
if #ask.keep > 0 then redis.call('SADD', KEYS[10], unpack(ask.keep)) end

redis.call('HSET', hash, 'heartbeat', now())
local state = redis.call('HGET', hash, 'state')
local moves = ask.to ~= '' and state ~= ask.to
if moves then
  if not among(state, ask.from) then error('a run that is ' .. state .. ' cannot become ' .. ask.to) end
  become(hash, ask.to)
end
if #ask.fields > 0 then redis.call('HSET', hash, unpack(ask.fields)) end
if #ask.fields > 0 or moves then touch(hash, KEYS[8], ask.id) end

-- Records that the worker never heard of (the answer was lost) have had no effect: they move to this step.
local taken = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[7], '(' .. ask.known, '+')) do
  local fields = {}
  for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
  redis.call('XDEL', KEYS[7], entry[1])
  taken[#taken + 1] = {fields.src, fields.c}
end
local cursor = redis.call('HGET', hash, 'cursor') or '0-0'
if ask.take then
  for _, command in ipairs(ask.pacer) do taken[#taken + 1] = {'pacer', command} end
  for _, entry in ipairs(redis.call('XRANGE', KEYS[6], '(' .. cursor, '+', 'COUNT', 100)) do
    taken[#taken + 1] = {entry[1], entry[2][2]}
    cursor = entry[1]
  end
end
if #taken == 0 then return {'ok'} end

local record = redis.call('HGET', hash, 'record') or '0-0'
local step, seq = string.match(record, '(%d+)-(%d+)')
local first = step == ask.step and tonumber(seq) + 1 or 1
local answer = {'ok'}
for i, pair in ipairs(taken) do
  local id = ask.step .. '-' .. string.format('%.0f', first + i - 1)
  redis.call('XADD', KEYS[7], id, 'c', pair[2], 'src', pair[1], 'group', first)
  answer[#answer + 1] = {id, pair[1], pair[2]}
  record = id
end
redis.call('HSET', hash, 'cursor', cursor, 'record', record)
if not ask.take then return {'ok'} end
return answer
