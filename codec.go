package sessions

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/gosessions/sessions/internal/codec"
	"github.com/gosessions/sessions/internal/envelope"
)

// Codec turns values into bytes and back.
//
// A session stores the name of the codec with each value. A manager reads a
// value with the codec that wrote it, even after [Options].Codec has changed,
// as long as Options.OldCodecs holds the old codec. [JSON] and [Gob] are
// always known.
//
// A codec must be safe for concurrent use. If it encodes equal values as equal
// bytes, setting an unchanged value again costs no write to the store.
type Codec interface {
	// Name returns the name that is stored with each value: 1 to 32 bytes that
	// never change.
	Name() string
	// Marshal encodes v, which is the value itself and not a pointer to it.
	// It must not keep v. The caller keeps the result.
	Marshal(v any) ([]byte, error)
	// Unmarshal decodes data into the value that the pointer v points to. It
	// must not keep or change data.
	Unmarshal(data []byte, v any) error
}

// The codecs of this package.
var (
	// JSON is the default. Other programs can read it, and map keys are in
	// order.
	//
	// Integers are exact. In an interface an integer becomes a float64; if it
	// does not fit, decoding fails. A [time.Duration] is stored in nanoseconds.
	// Invalid UTF-8, NaN and cycles are errors. Fields that a struct's json
	// tags exclude are not stored.
	JSON Codec = codec.JSON{}
	// Gob distinguishes more Go types than JSON. Each value includes a
	// description of its type, so small values take more bytes. Gob writes maps
	// in random order, so setting an unchanged map again costs a write to the
	// store.
	//
	// Types inside an interface need [encoding/gob.Register]. A nil pointer
	// cannot be encoded, and a Key[any] cannot be read.
	Gob Codec = codec.Gob{}
)

// decodeAs decodes a value as a T.
func decodeAs[T any](m *Manager, key string, enc envelope.Value) (v T, ok bool, err error) {
	if err := m.decode(key, enc, &v); err != nil {
		return *new(T), true, err
	}
	return v, true, nil
}

// encode encodes v with the manager's codec.
func (m *Manager) encode(key string, v any) (envelope.Value, error) {
	data, err := m.opts.Codec.Marshal(v)
	if err != nil {
		return envelope.Value{}, &CodecError{Op: "encode", Key: key, Err: err}
	}
	return envelope.Value{Codec: m.codecs[0].name, Data: data}, nil
}

// decode decodes a value with the codec that wrote it.
func (m *Manager) decode(key string, v envelope.Value, into any) error {
	if p := reflect.ValueOf(into); p.Kind() != reflect.Pointer || p.IsNil() {
		return &CodecError{Op: "decode", Key: key, Err: fmt.Errorf("want a pointer, not %T", into)}
	}
	for _, c := range m.codecs {
		if !bytes.Equal(c.name, v.Codec) {
			continue
		}
		if err := c.Unmarshal(v.Data, into); err != nil {
			return &CodecError{Op: "decode", Key: key, Err: err}
		}
		return nil
	}
	err := fmt.Errorf("no codec %q; name it in Options.OldCodecs", v.Codec)
	return &CodecError{Op: "decode", Key: key, Err: err}
}
