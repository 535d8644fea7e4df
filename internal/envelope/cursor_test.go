package envelope

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCursorReadsVarintsAsPackageBinary: numbers of every length, and bytes that
// are no number.
func TestCursorReadsVarintsAsPackageBinary(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	texts := [][]byte{nil, {0x80}}
	for bits := range 64 {
		for _, n := range []uint64{1 << bits, 1<<bits - 1, math.MaxUint64 >> bits} {
			texts = append(texts, binary.AppendUvarint(nil, n), append(binary.AppendUvarint(nil, n), 1))
		}
	}
	for length := range 13 {
		for last := range 256 {
			texts = append(texts, append(slices.Repeat([]byte{0xff}, length), byte(last)))
		}
	}
	for range 1000 {
		text := make([]byte, random.IntN(12))
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		texts = append(texts, text)
	}
	for _, text := range texts {
		c := cursor{b: text}
		got := c.varint()
		want, n := binary.Varint(text)
		if n <= 0 {
			want = 0
		}
		if c.failed != (n <= 0) || got != want || !c.failed && len(c.b) != len(text)-n {
			t.Errorf("%x: %d, failed %t, %d left; binary.Varint: %d, %d bytes", text, got, c.failed, len(c.b), want, n)
		}
	}
}
