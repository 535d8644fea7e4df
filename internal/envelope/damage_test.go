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
	// After the header of 128 bytes stand 10 of codecs, the number of values,
	// and for the keys "", "a\x00.$" and "b" these ends of key and value.
	const count, entry, keyLen = 138, 142, 9
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
		"unknown kind":                     set(5, 3),
		"successor beyond the end":         set(127, 200),
		"successor is all the rest":        set(127, byte(len(data)-128)),
		"cut after the header":             cut(128),
		"cut before the codecs":            cut(129),
		"cut in a codec's name":            cut(131),
		"cut after a codec":                cut(134),
		"cut before the count":             cut(138),
		"cut in the count":                 cut(141),
		"cut in the index":                 cut(150),
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
	const fixed = 128 + 1 + 1 + 4 + 9
	for over := range 2 {
		r := envelope.Record{Created: 0, Since: 0}
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
	huge[0] = 1
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
