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
