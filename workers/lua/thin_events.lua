-- Drop measurements from a run's events. The stream is written anew, for one with holes keeps its memory.
-- KEYS: hash, events, changes, room for the new stream   ARGV: run id, number of measurements that stay, ids to drop ...
-- Answers how many were dropped.
although_full()
local drop = {}
for place = 3, #ARGV do drop[ARGV[place]] = true end
redis.call('DEL', KEYS[4])
local after, dropped = '-', 0
while true do
  local entries = redis.call('XRANGE', KEYS[2], after, '+', 'COUNT', 500)
  if #entries == 0 then break end
  for _, entry in ipairs(entries) do
    if drop[entry[1]] then
      dropped = dropped + 1
    else
      redis.call('XADD', KEYS[4], entry[1], unpack(entry[2]))
    end
  end
  after = '(' .. entries[#entries][1]
end
if dropped == 0 then
  redis.call('DEL', KEYS[4])
  return 0
end
redis.call('RENAME', KEYS[4], KEYS[2])
local all = redis.call('HINCRBY', KEYS[1], 'events_dropped', dropped)
redis.call('HSET', KEYS[1], 'thinned_events', string.format(
  '%.0f of %.0f measurements were dropped evenly; the curves of training and what people did are whole.',
  all, all + tonumber(ARGV[2])))
touch(KEYS[1], KEYS[3], ARGV[1])
return dropped
