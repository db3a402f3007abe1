-- Common to all scripts; put in front of each.

-- Milliseconds since 1970 by the clock of Redis, the one clock that all workers share.
local function now()
  local t = redis.call('TIME')
  return string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
end

-- Tell live tables that the hash of a run changed.
local function touch(hash, changes, id)
  redis.call('HINCRBY', hash, 'version', 1)
  redis.call('XADD', changes, 'MAXLEN', '~', 20000, '*', 'id', id)
end

-- Whether a word stands in a list separated by commas.
local function among(word, list)
  return word and string.find(',' .. list .. ',', ',' .. word .. ',', 1, true) ~= nil
end

-- Let the writes that follow through although memory is full, for those that are small or make room: of a script,
-- Redis refuses only the first write, and this one takes no memory.
local function although_full()
  redis.call('UNLINK', 'fs:nothing')
end

-- Move a run to a state. What was said of how it is carried, by a silent worker or beside a full Redis, is over with it.
local function become(hash, state)
  local was = redis.call('HMGET', hash, 'state', 'reason')
  if was[1] == 'lost' or was[2] == 'redis_full' then redis.call('HSET', hash, 'reason', '', 'message', '') end
  redis.call('HSET', hash, 'state', state)
end

-- Add an entry unless the stream is already at or beyond its id: that is what makes sending again harmless.
local function append(key, id, ...)
  local answer = redis.pcall('XADD', key, id, ...)
  if type(answer) == 'table' and answer.err then
    if string.find(answer.err, 'equal or smaller', 1, true) then return false end
    error(answer.err)
  end
  return true
end

-- Whether the caller owns the run. A lease that ran out while nobody else took the run is taken again.
local function owns(hash, lease, token, over)
  local held = redis.call('GET', lease)
  if held then return held == token end
  return redis.call('HGET', hash, 'token') == token and not among(redis.call('HGET', hash, 'state'), over)
end
