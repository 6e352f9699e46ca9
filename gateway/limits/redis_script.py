"""The one call that takes charges in Redis: a script that does what `gateway.limits.algorithms` does.

The time is the server's, so machines need not agree on theirs. All keys carry one hash tag: a request's charges are
taken all or none, and a cluster can promise that only for keys of one node. Numbers are doubles in Lua: exact up to
2**53, and for levels beyond that within a billionth of a unit; states are written with all their digits.
"""

from collections.abc import Sequence
from hashlib import blake2b, sha1
from math import gcd

from gateway.limits.policy import Charge, Policy, Reading

TAG = b"{gateway}"

# KEYS: one for each charge. ARGV: algorithm, requests, period, capacity, burst, cost for each of them.
# Returns passed (0 or 1), remaining, wait and reset for each.
SCRIPT = b"""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local DAY = 86400000000

local function floor(a, b) -- of a / b, exactly; neither is negative
  return (a - math.fmod(a, b)) / b
end

local function ceil(a, b)
  return floor(a + b - 1, b)
end

local function month(day) -- begin and end of the month that a day since 1970 is in, by years that begin in March
  local since = day + 719468
  local of_era = math.fmod(since, 146097)
  local year = floor(of_era - floor(of_era, 1460) + floor(of_era, 36524) - floor(of_era, 146096), 365)
  local of_year = of_era - (365 * year + floor(year, 4) - floor(year, 100))
  local index = floor(5 * of_year + 2, 153)
  local length = 365
  year = year + 1
  if math.fmod(year, 4) == 0 and (math.fmod(year, 100) ~= 0 or math.fmod(year, 400) == 0) then length = 366 end
  local first, last = floor(153 * index + 2, 5), floor(153 * index + 155, 5)
  if index == 11 then last = length end
  return (day - of_year + first) * DAY, (day - of_year + last) * DAY
end

local function window(period, at)
  if period == 0 then return month(floor(at, DAY)) end
  local start = at - math.fmod(at, period)
  return start, start + period
end

local algorithms = {}

-- Each: state of three numbers and a cost to passed, remaining, wait, reset, the next state, and when it expires.

function algorithms.bucket(p, last, level, _, cost)
  local at = now
  if now >= last then
    level = math.max(0, level - (now - last) * p.requests)
  elseif last - now > 1000000 then
    level = 0
  else
    at = last
  end
  local full = p.capacity * p.period
  local after = level + cost * p.period
  if after > full then
    local wait = ceil(after - full, p.requests)
    return 0, floor(math.max(0, full - level), p.period), wait, wait, last, level, 0, now
  end
  local wait = 0
  local held = after - p.burst * p.period
  if held > 0 and cost > 0 then wait = ceil(held, p.requests) end
  local remaining = floor(full - after, p.period)
  local reset = 0
  if after > 0 then reset = ceil(after - (p.capacity - remaining - 1) * p.period, p.requests) end
  return 1, remaining, wait, reset, at, after, 0, at + ceil(after, p.requests)
end

function algorithms.fixed(p, start, count, _, cost)
  local first, last = window(p.period, now)
  if start ~= first then count = 0 end
  local after = count + cost
  if after > p.requests then return 0, p.requests - count, last - now, last - now, first, count, 0, last end
  local reset = 0
  if after > 0 then reset = last - now end
  return 1, p.requests - after, 0, reset, first, after, 0, last
end

local function until_passes(p, current, former, cost) -- how long, if nobody asks meanwhile
  local first, last = window(p.period, now)
  local room = (p.requests - current - cost) * (last - first)
  if room >= 0 and former > 0 then return last - floor(room, former) - now end
  first, last = window(p.period, last)
  room = (p.requests - cost) * (last - first)
  if current == 0 then return first - now end
  return math.max(first, last - floor(room, current)) - now
end

function algorithms.sliding(p, start, current, former, cost)
  local first, last = window(p.period, now)
  local length = last - first
  if start ~= first then
    local before = window(p.period, first - 1)
    if start == before then former = current else former = 0 end
    current = 0
  end
  local room = (p.requests - current) * length - former * (last - now)
  local _, expires = window(p.period, last)
  if cost * length > room then
    local wait = until_passes(p, current, former, cost)
    return 0, floor(math.max(0, room), length), wait, wait, first, current, former, expires
  end
  current = current + cost
  local remaining = floor(room, length) - cost
  local reset = 0
  if current + former > 0 and remaining < p.requests then
    reset = until_passes(p, current, former, remaining + 1)
  end
  return 1, remaining, 0, reset, first, current, former, expires
end

algorithms.leaky = algorithms.bucket

local function charge(i, cost, state)
  local at = 6 * (i - 1)
  local p = {
    requests = tonumber(ARGV[at + 2]), period = tonumber(ARGV[at + 3]),
    capacity = tonumber(ARGV[at + 4]), burst = tonumber(ARGV[at + 5]),
  }
  return algorithms[ARGV[at + 1]](p, state[1], state[2], state[3], cost)
end

local states, taken, replies, refused = {}, {}, {}, false
for i, key in ipairs(KEYS) do
  if not states[key] then
    local a, b, c = string.match(redis.call('GET', key) or '0 0 0', '^(%d+) (%d+) (%d+)$')
    states[key] = {tonumber(a or 0), tonumber(b or 0), tonumber(c or 0)}
  end
  local cost = tonumber(ARGV[6 * i])
  local reply = {charge(i, cost, taken[key] or states[key])} -- passed, remaining, wait, reset, state, expires
  replies[i] = reply
  if reply[1] == 0 then refused = true end
  if cost > 0 then taken[key] = {reply[5], reply[6], reply[7], reply[8]} end
end
local flat = {}
for i, key in ipairs(KEYS) do
  local reply = replies[i]
  if refused then -- nothing is taken: say what refuses, and what there is
    reply = {charge(i, tonumber(ARGV[6 * i]), states[key])}
    if reply[1] == 1 then reply = {charge(i, 0, states[key])} end
  end
  for j = 1, 4 do flat[#flat + 1] = reply[j] end
end
if not refused then
  for key, state in pairs(taken) do
    local value = string.format('%.0f %.0f %.0f', state[1], state[2], state[3])
    redis.call('SET', key, value, 'PX', string.format('%.0f', ceil(state[4] - now, 1000) + 1))
  end
end
return flat
"""

SHA = sha1(SCRIPT, usedforsecurity=False).hexdigest().encode()


def arguments(policy: Policy) -> tuple[bytes, ...]:
    """What the script has to know of a policy. A bucket's units are made as small as they can be without a rest."""
    requests, period = policy.requests, policy.period
    if policy.burst:
        common = gcd(requests, period)
        requests, period = requests // common, period // common
    numbers = (requests, period, policy.capacity, policy.burst)
    return policy.algorithm.encode(), *(b"%d" % number for number in numbers)


class Packer:
    """Charges to the words of a command. What policies come to is kept: there are as many as documents name."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Policy, bytes, tuple[bytes, ...]]] = {}

    def words(self, charges: Sequence[Charge]) -> list[bytes]:
        """The number of keys, the keys, and the arguments.

        A policy that is changed begins anew: its parameters are part of the key.
        """
        keys: list[bytes] = []
        given: list[bytes] = []
        for policy, key, cost in charges:
            _, salt, numbers = self._known.get(id(policy)) or self._learn(policy)
            digest = blake2b(key, digest_size=16, key=salt).hexdigest()
            keys.append(b"%b:%b" % (TAG, digest.encode()))
            given += (*numbers, b"%d" % cost)
        return [b"%d" % len(keys), *keys, *given]

    def _learn(self, policy: Policy) -> tuple[Policy, bytes, tuple[bytes, ...]]:
        numbers = arguments(policy)
        salt = blake2b(b" ".join(numbers), digest_size=16).digest()
        self._known[id(policy)] = policy, salt, numbers
        return self._known[id(policy)]


def readings(reply: object, charges: int) -> list[Reading]:
    """What the script returned for so many charges. Raises ValueError when that cannot be."""
    if not isinstance(reply, list) or len(reply) != 4 * charges or not all(type(number) is int for number in reply):
        raise ValueError("the answer is not one of the script")
    numbers = iter(reply)
    return [Reading(bool(passed), *rest) for passed, *rest in zip(numbers, numbers, numbers, numbers, strict=True)]
