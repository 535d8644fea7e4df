package envelope_test

import (
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/gosessions/sessions/internal/envelope"
)

func TestR51_DamageIsFoundBeforeAnythingIsRead(t *testing.T) {
	r := sample()
	data := r.Encode(id)
	for i := range data {
		for bit := range 8 {
			damaged := slices.Clone(data)
			damaged[i] ^= 1 << bit
			if _, err := decode(id, damaged); err == nil {
				t.Fatalf("byte %d, bit %d changed: accepted", i, bit)
			}
		}
		if _, err := decode(id, data[:i]); !errors.Is(err, envelope.ErrCorrupt) {
			t.Fatalf("cut to %d bytes: %v, want ErrCorrupt", i, err)
		}
	}
	if _, err := decode(id, append(slices.Clone(data), 0)); !errors.Is(err, envelope.ErrCorrupt) {
		t.Errorf("one byte more: %v, want ErrCorrupt", err)
	}
}

// TestR51_ChecksumExcusesNothing: somebody who can make a checksum cannot make
// a record that breaks whoever reads it.
func TestR51_ChecksumExcusesNothing(t *testing.T) {
	r := sample()
	data := r.Encode(id)
	// After the header stand 10 bytes of codecs, the number of values, and for
	// the keys "", "a\x00.$" and "b" these ends of key and value.
	const keyLen = 9
	header := headerLen(r)
	writes := header - 8*envelope.Writes - 1 // the number of write ids
	count, entry := header+10, header+14
	keyEnd := func(i int) int { return entry + i*keyLen }
	valueEnd := func(i int) int { return keyEnd(i) + 4 }
	codec := func(i int) int { return keyEnd(i) + 8 }
	put := func(at int, v uint32) func([]byte) []byte {
		return func(b []byte) []byte { binary.BigEndian.PutUint32(b[at:], v); return b }
	}
	set := func(at int, v byte) func([]byte) []byte {
		return func(b []byte) []byte { b[at] = v; return b }
	}
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }
	for name, spoil := range map[string]func([]byte) []byte{
		"unknown flag":                     set(5, data[5]|16),
		"more write ids than are kept":     set(writes, envelope.Writes+1),
		"write ids beyond the end":         set(writes, 200),
		"epoch without an end":             func(b []byte) []byte { return append(b[:46], 0xff) },
		"epoch of more than 64 bits":       func(b []byte) []byte { return append(b[:46], slices.Repeat([]byte{0xff}, 200)...) },
		"cut in the earlier verifier":      cut(writes - 30),
		"cut in the policy":                cut(writes - 1),
		"cut before the write ids":         cut(writes),
		"cut in the write ids":             cut(header - 1),
		"cut after the header":             cut(header),
		"cut before the codecs":            cut(header + 1),
		"cut in a codec's name":            cut(header + 3),
		"cut after a codec":                cut(header + 6),
		"cut before the count":             cut(count),
		"cut in the count":                 cut(count + 3),
		"cut in the index":                 cut(count + 12),
		"more values than bytes":           put(count, 1<<24),
		"one value more":                   put(count, 4),
		"one value less":                   put(count, 2),
		"last key beyond the end":          put(keyEnd(2), 1000),
		"last value beyond the end":        put(valueEnd(2), 1000),
		"last value before the end":        put(valueEnd(2), 5),
		"key beyond the end":               put(keyEnd(1), 1000),
		"value beyond the end":             put(valueEnd(1), 1000),
		"key that ends before it begins":   put(keyEnd(0), 5),
		"value that ends before it begins": put(valueEnd(0), 2),
		"unknown codec":                    set(codec(1), 2),
		"one key twice":                    put(keyEnd(1), 0),
		"keys out of order":                set(entry+3*keyLen+4, 'A'),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decode(id, sign(spoil(slices.Clone(data)))); !errors.Is(err, envelope.ErrCorrupt) {
				t.Errorf("%v, want ErrCorrupt", err)
			}
		})
	}
	if _, err := decode(id, sign(data)); err != nil {
		t.Errorf("unspoiled: %v", err)
	}
}

func TestR51_LengthIsBounded(t *testing.T) {
	for over := range 2 {
		r := record{}
		fixed := headerLen(r) + 1 + 1 + 4 + 9
		r.Values.Set("", envelope.Value{Data: make([]byte, envelope.MaxLen-fixed+over)})
		data := r.Encode(id)
		if len(data) != envelope.MaxLen+over {
			t.Fatalf("the record has %d bytes, want %d", len(data), envelope.MaxLen+over)
		}
		if _, err := decode(id, data); errors.Is(err, envelope.ErrCorrupt) != (over > 0) {
			t.Errorf("%d bytes: %v", len(data), err)
		}
	}
}

func TestR51_HugeRecordIsRefusedUnread(t *testing.T) {
	huge := make([]byte, 100<<20)
	huge[0] = 3
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := decode(id, huge); !errors.Is(err, envelope.ErrCorrupt) {
		t.Errorf("100 MB: %v, want ErrCorrupt", err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("allocated %d bytes", n)
	}
}
