package sessions

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/gosessions/sessions/internal/codec"
	"github.com/gosessions/sessions/internal/envelope"
)

// Codec turns values into bytes and back.
//
// A session stores the name of the codec with each value. A manager reads a
// value with the codec that wrote it, if that is [Options].Codec or one of
// Options.OldCodecs. It reads with no other codec.
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
	// Integers are exact. In an interface an integer becomes a float64; one that
	// does not fit is an error. A [time.Duration] is stored in nanoseconds. A
	// [time.Time] keeps its instant and the offset of its zone; if the offset has
	// seconds, the time is stored in UTC. Fields that a struct's json tags exclude
	// are not stored.
	//
	// Invalid UTF-8, NaN and cycles are errors. So is a value that could not be
	// read again: in an interface with methods, in a type that can only encode
	// itself, or behind an embedded pointer to a type that is not exported.
	//
	// [Key.Update] and a save of [Typed] keep the members of stored objects that
	// the struct has no field for, so an older release beside a newer one loses
	// nothing. This holds for structs in structs, pointers and maps. In a slice it
	// holds for the elements before the first one and after the last one that
	// changes. It does not hold for types that decode themselves, and for a member
	// whose name differs from another one only in case, "_" or "-".
	JSON Codec = codec.JSON{}
	// Gob distinguishes more Go types than JSON. Each value includes a
	// description of its type, so small values take more bytes. Gob writes maps
	// in random order, so setting an unchanged map again costs a write to the
	// store.
	//
	// Types inside an interface need [encoding/gob.Register]. A nil pointer
	// cannot be encoded, and neither can the value of a Key[any] or of a type
	// that can only encode itself. What a struct has no field for is lost when it
	// is stored again.
	//
	// Stored bytes that declare more than they hold are refused. So reading a
	// value allocates no more than a multiple of its length, which depends on the
	// type.
	Gob Codec = codec.Gob{}
)

// codecs are what values are encoded with, by the first, and decoded with.
type codecs []namedCodec

type namedCodec struct {
	Codec
	name []byte
}

// newCodecs returns a codec to encode with and older ones, or what is wrong
// with them.
func newCodecs(codec Codec, old []Codec) (all codecs, faults []error) {
	for _, c := range slices.Concat([]Codec{codec}, old) {
		if c == nil {
			faults = append(faults, errors.New("OldCodecs holds a nil codec"))
			continue
		}
		name := c.Name()
		known := slices.IndexFunc(all, func(k namedCodec) bool { return string(k.name) == name })
		switch {
		case name == "" || len(name) > 32:
			faults = append(faults, fmt.Errorf("a codec's name is 1 to 32 bytes, not %q", name))
		case known >= 0:
			faults = append(faults, fmt.Errorf("two codecs are named %q", name))
		default:
			all = append(all, namedCodec{Codec: c, name: []byte(name)})
		}
	}
	return all, faults
}

// decodeAs decodes a value as a T.
func decodeAs[T any](cs codecs, key string, enc envelope.Value) (v T, ok bool, err error) {
	if _, ok := cs.named(enc.Codec).(codec.JSON); ok {
		v, err = codec.UnmarshalJSON[T](enc.Data)
		return v, true, decoded(key, err)
	}
	into := new(T)
	if err := cs.decode(key, enc, into); err != nil {
		return v, true, err
	}
	return *into, true, nil
}

// decodeKnownAs is decodeAs. It also reports whether the value is in JSON and has
// members that T does not know.
func decodeKnownAs[T any](cs codecs, key string, enc envelope.Value) (v T, unknown bool, err error) {
	if _, ok := cs.named(enc.Codec).(codec.JSON); !ok {
		v, _, err = decodeAs[T](cs, key, enc)
		return v, false, err
	}
	v, unknown, err = codec.UnmarshalKnown[T](enc.Data)
	return v, unknown, decoded(key, err)
}

// keep returns next with the members of old that are not in again, which is old
// as the type encodes it, if all are JSON.
func (cs codecs) keep(old, again, next envelope.Value) envelope.Value {
	if _, ok := cs[0].Codec.(codec.JSON); ok && bytes.Equal(old.Codec, next.Codec) {
		next.Data = codec.Keep(old.Data, again.Data, next.Data)
	}
	return next
}

// encodeOf encodes a value of a known type.
func encodeOf[T any](cs codecs, key string, v T) (envelope.Value, error) {
	if _, ok := cs[0].Codec.(codec.JSON); !ok {
		return cs.encodeAs(key, reflect.TypeFor[T](), v)
	}
	data, err := codec.MarshalJSON(v)
	return cs.encoded(key, data, err)
}

// encodeAt encodes the value that p points to.
func (cs codecs) encodeAt(key string, p any) (envelope.Value, error) {
	c, ok := cs[0].Codec.(codec.JSON)
	if !ok {
		v := reflect.ValueOf(p).Elem()
		return cs.encodeAs(key, v.Type(), v.Interface())
	}
	data, err := c.Marshal(p) // which needs no copy of the value
	return cs.encoded(key, data, err)
}

// encodeAs encodes v, which is to be read as a type.
func (cs codecs) encodeAs(key string, t reflect.Type, v any) (envelope.Value, error) {
	if _, ok := cs[0].Codec.(codec.Gob); !ok {
		return cs.encode(key, v)
	}
	data, err := codec.MarshalGob(t, v)
	return cs.encoded(key, data, err)
}

// encode encodes v.
func (cs codecs) encode(key string, v any) (envelope.Value, error) {
	data, err := cs[0].Marshal(v)
	return cs.encoded(key, data, err)
}

// encoded returns the result of the codec that has encoded a value.
func (cs codecs) encoded(key string, data []byte, err error) (envelope.Value, error) {
	if err != nil {
		return envelope.Value{}, &CodecError{Op: "encode", Key: key, Err: err}
	}
	return envelope.Value{Codec: cs[0].name, Data: data}, nil
}

// decode decodes a value with the codec that wrote it.
func (cs codecs) decode(key string, v envelope.Value, into any) error {
	if p := reflect.ValueOf(into); p.Kind() != reflect.Pointer || p.IsNil() {
		return decoded(key, fmt.Errorf("want a pointer, not %T", into))
	}
	c, err := cs.reader(key, v)
	if err != nil {
		return err
	}
	return decoded(key, c.Unmarshal(v.Data, into))
}

// decodeKnown is decode. It also reports whether the value is in JSON and has
// members that the type does not know.
func (cs codecs) decodeKnown(key string, v envelope.Value, into any) (unknown bool, err error) {
	c, ok := cs.named(v.Codec).(codec.JSON)
	if !ok {
		return false, cs.decode(key, v, into)
	}
	unknown, err = c.UnmarshalKnown(v.Data, into)
	return unknown, decoded(key, err)
}

// reader returns the codec that wrote a value.
func (cs codecs) reader(key string, v envelope.Value) (Codec, error) {
	c := cs.named(v.Codec)
	if c == nil {
		return nil, decoded(key, fmt.Errorf("no codec %q; add it to Options.OldCodecs", v.Codec))
	}
	return c, nil
}

// decoded returns the result of a codec that has decoded a value.
func decoded(key string, err error) error {
	if err != nil {
		return &CodecError{Op: "decode", Key: key, Err: err}
	}
	return nil
}

// named returns the codec of a name, or nil if there is none.
func (cs codecs) named(name []byte) Codec {
	for i := range cs {
		if bytes.Equal(cs[i].name, name) {
			return cs[i].Codec
		}
	}
	return nil
}
