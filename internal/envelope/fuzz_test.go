package envelope_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"testing"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// sign gives bytes the checksum of a sound record, so that fuzzing gets past
// it.
func sign(data []byte) []byte {
	if len(data) < 5 {
		return data
	}
	crc := func(b []byte) uint32 { return crc32.Checksum(b[5:], crc32.MakeTable(crc32.Castagnoli)) }
	sound := new(record).Encode(id)
	ofID := binary.BigEndian.Uint32(sound[1:]) ^ crc(sound)
	data = bytes.Clone(data)
	binary.BigEndian.PutUint32(data[1:], crc(data)^ofID)
	return data
}

func FuzzDecode(f *testing.F) {
	r := sample()
	data := r.Encode(id)
	f.Add(data)
	f.Add(data[:60])
	f.Add([]byte{})
	f.Add([]byte{3})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, sign(data)} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r, err := decode(id, data)
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Fatalf("decoding %d bytes allocated %d", len(data), n)
			}
			if err != nil {
				continue
			}
			want := pairs(&r.Values)
			if len(want) != r.Values.Len() {
				t.Fatalf("Len() = %d, %d keys", r.Values.Len(), len(want))
			}
			r.Values.Set("new", value("json", "1"))
			r.Values.Delete("new")
			delete(want, "new")
			again, err := decode(id, r.Encode(id))
			if err != nil {
				t.Fatalf("written again, it is refused: %v", err)
			}
			if got := pairs(&again.Values); len(got) != len(want) {
				t.Fatalf("written again: %v, want %v", got, want)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	r := sample()
	data := r.Encode(id)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decode(id, data); err != nil {
			b.Fatal(err)
		}
	}
}
