package redisstore

import (
	"context"
	"crypto/sha1"
	"encoding/hex"

	"github.com/redis/rueidis"
)

// script is one atomic step on one key. The server keeps it under its hash,
// until it restarts, fails over or is told to forget it.
type script struct{ text, hash string }

func newScript(text string) script {
	sum := sha1.Sum([]byte(text)) // the server's name for it, no safeguard
	return script{text, hex.EncodeToString(sum[:])}
}

// scripts are the store's. They return 0 if the record does not match, and 1
// if the step is made. A text is the subject whose index must hold the record
// for longer before the step can be made. A list means that the step is made
// and the record has left a subject: its entry's time, and the subject.
type scripts struct{ save, touch, cover, drop script }

func newScripts() scripts {
	return scripts{save: newScript(saveText), touch: newScript(touchText), cover: newScript(coverText), drop: newScript(dropText)}
}

// run runs a script. The client repeats no call of a script whose answer was
// lost, and an answer that there is no script means that nothing was done.
func (s *Store) run(ctx context.Context, sc script, key string, args ...string) rueidis.RedisResult {
	b := s.client.B()
	result := s.write(ctx, func() rueidis.Completed {
		return b.Evalsha().Sha1(sc.hash).Numkeys(1).Key(key).Arg(args...).Build()
	})
	if err, ok := rueidis.IsRedisErr(result.Error()); ok && err.IsNoScript() {
		return s.write(ctx, func() rueidis.Completed { return b.Eval().Script(sc.text).Numkeys(1).Key(key).Arg(args...).Build() })
	}
	return result
}

// Times are compared as text, which is as long for all of them.

// The time until which the index holds a record is part of the record, so that
// its entry can be removed with the record. Several requests may write the
// entry, and the record learns the latest time from each of them, even if the
// request then meets a conflict.

// saveText replaces a record. It writes the time of the index into the value
// in place, because a script takes longer to join long texts.
//
// ARGV: stamp to compare, now, new value, milliseconds to keep it, length of
// head and subject.
const saveText = `
local old, new = redis.call('GETRANGE', KEYS[1], 0, ARGV[5] - 1), ARGV[3]
local same, listed, was = string.sub(old, 40) == string.sub(new, 40, ARGV[5]), string.sub(new, 25, 39), nil
if same and string.sub(old, 25, 39) > listed then listed = string.sub(old, 25, 39) end
if string.sub(old, 1, 9) ~= ARGV[1] or string.sub(old, 10, 24) <= ARGV[2] then
	if same and string.sub(old, 25, 39) < listed then redis.call('SETRANGE', KEYS[1], 24, listed) end
	return 0
end
if ARGV[5] ~= '43' and listed < string.sub(new, 10, 24) then return string.sub(new, 44, ARGV[5]) end
local length = struct.unpack('>I4', old, 40)
if not same and length > 0 then was = redis.call('GETRANGE', KEYS[1], 43, 42 + length) end
redis.call('SET', KEYS[1], new, 'PX', ARGV[4])
if string.sub(new, 25, 39) < listed then redis.call('SETRANGE', KEYS[1], 24, listed) end
if was then return {string.sub(old, 25, 39), was} end
return 1`

// touchText moves the expiry of a record, later only.
//
// ARGV: stamp to compare, now, expires, milliseconds to keep it; and if an
// index has been written, its time and its subject.
const touchText = `
local old = redis.call('GETRANGE', KEYS[1], 0, 42)
if #old < 43 then return 0 end
local expires, listed, subject = string.sub(old, 10, 24), string.sub(old, 25, 39), nil
local length = struct.unpack('>I4', old, 40)
if ARGV[5] or length > 0 and listed < ARGV[3] then subject = redis.call('GETRANGE', KEYS[1], 43, 42 + length) end
if ARGV[5] and listed < ARGV[5] and subject == ARGV[6] then
	listed = ARGV[5]
	redis.call('SETRANGE', KEYS[1], 24, listed)
end
if string.sub(old, 1, 9) ~= ARGV[1] or expires <= ARGV[2] then return 0 end
if expires >= ARGV[3] then return 1 end
if length > 0 and listed < ARGV[3] then return subject end
redis.call('SETRANGE', KEYS[1], 9, ARGV[3] .. listed)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`

// coverText makes an index hold an id until a time, and drops a few of those
// whose time has passed, more than it adds. It returns the time, which is
// later than any that the index has held the id until: so what belonged to an
// earlier entry is told from what belongs to this one.
//
// ARGV: id, until, now, what is dead, milliseconds to keep the index.
const coverText = `
local found = redis.call('HRANDFIELD', KEYS[1], 4, 'WITHVALUES')
for i = 1, #found, 2 do
	if string.sub(found[i + 1], 1, 15) < ARGV[4] then redis.call('HDEL', KEYS[1], found[i]) end
end
local listed, old = ARGV[2], redis.call('HGET', KEYS[1], ARGV[1])
if old and string.sub(old, 1, 15) >= listed then listed = string.format('%015.0f', math.min(string.sub(old, 1, 15) + 1, 999999999999999)) end
redis.call('HSET', KEYS[1], ARGV[1], listed .. ARGV[3])
if redis.call('PTTL', KEYS[1]) < ARGV[5] + 0 then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
return listed`

// dropText takes ids off an index whose entries are still what they were.
//
// ARGV: id and beginning of the entry, again and again.
const dropText = `
for i = 1, #ARGV, 2 do
	local entry = redis.call('HGET', KEYS[1], ARGV[i])
	if entry and string.sub(entry, 1, #ARGV[i + 1]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 1`
