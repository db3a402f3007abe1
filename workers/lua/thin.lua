-- Thin the frames of one run evenly down to a number; births, ends and the newest quarter stay.
-- KEYS: hash, frames, frame_ids, kept, changes   ARGV: run id, number to keep
-- Answers how many were dropped.
local ids = redis.call('LRANGE', KEYS[3], 0, -1)
local budget = tonumber(ARGV[2])
local older = #ids - math.floor(budget / 4)
if #ids <= budget or older < 3 then return 0 end
local function step_of(id) return tonumber(string.match(id, '^%d+')) end
local protected = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[4])) do protected[id] = true end
protected[ids[1]] = true
local stride = (step_of(ids[older]) - step_of(ids[1])) / (budget - math.floor(budget / 4))
local stay, drop, reached = {}, {}, step_of(ids[1])
for place, id in ipairs(ids) do
  local step = step_of(id)
  if place > older or protected[id] or step >= reached then
    stay[#stay + 1] = id
    if step >= reached and place <= older then reached = math.max(reached + stride, step + stride / 2) end
  else
    drop[#drop + 1] = id
  end
end
for first = 1, #drop, 500 do
  redis.call('XDEL', KEYS[2], unpack(drop, first, math.min(first + 499, #drop)))
end
redis.call('DEL', KEYS[3])
for first = 1, #stay, 500 do
  redis.call('RPUSH', KEYS[3], unpack(stay, first, math.min(first + 499, #stay)))
end
if #drop > 0 then
  local dropped = redis.call('HINCRBY', KEYS[1], 'frames_dropped', #drop)
  redis.call('HSET', KEYS[1], 'thinned', string.format('%.0f of %.0f frames were dropped evenly; births and ends are kept.',
    dropped, dropped + #stay), 'frames', #stay)
  touch(KEYS[1], KEYS[5], ARGV[1])
end
return #drop
