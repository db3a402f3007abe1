-- Give a run back.
-- KEYS: hash, lease, commands, active, changes, checkpoint
-- ARGV: run id, token, states that are over, how: 'park' (a paused run leaves until its next command), 'drain' (the
--       worker ends, another goes on) or 'end'; for 'end' then: state, states it may come from, field, value, ...
-- The last checkpoint of a run that is done stays where it is marked as kept: its frames were too small for its net.
-- Answers {'fenced'}, {'waiting'} (a command came in, so the run cannot be parked) or {'ok', address of the large
-- checkpoint that is no longer needed, or ''}.
local hash, how = KEYS[1], ARGV[4]
if not owns(hash, KEYS[2], ARGV[2], ARGV[3]) then return {'fenced'} end
although_full()
local obsolete = ''
if how == 'park' then
  local cursor = redis.call('HGET', hash, 'cursor') or '0-0'
  if #redis.call('XRANGE', KEYS[3], '(' .. cursor, '+', 'COUNT', 1) > 0 then return {'waiting'} end
end
if how == 'end' then
  local state = redis.call('HGET', hash, 'state')
  if state ~= ARGV[5] and not among(state, ARGV[6]) then
    error('a run that is ' .. state .. ' cannot become ' .. ARGV[5])
  end
  become(hash, ARGV[5])
  redis.call('HSET', hash, 'ended', now())
  if #ARGV > 6 then redis.call('HSET', hash, unpack(ARGV, 7)) end
  if ARGV[5] == 'done' and redis.call('HGET', KEYS[6], 'kept') ~= '1' then
    obsolete = redis.call('HGET', KEYS[6], 'place') or ''
    redis.call('DEL', KEYS[6])
  end
end
redis.call('DEL', KEYS[2])
redis.call('HDEL', hash, 'token')
redis.call('HSET', hash, 'rate', 0, 'tries', 0)
-- A run that is over stays among the active until the reaper has thinned it.
if how == 'park' then redis.call('SREM', KEYS[4], ARGV[1]) end
touch(hash, KEYS[5], ARGV[1])
return {'ok', obsolete}
