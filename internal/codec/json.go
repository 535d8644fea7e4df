package codec

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// JSON encodes values as JSON.
type JSON struct{}

// Name returns "json".
func (JSON) Name() string { return "json" }

// Marshal encodes v. If v is a pointer, it encodes the value that v points to.
// It refuses a value that Unmarshal could not read as the same type.
func (JSON) Marshal(v any) ([]byte, error) {
	if data, ok := marshalScalar(v); ok {
		return data, nil
	}
	return marshalOther(v)
}

func marshalOther(v any) ([]byte, error) {
	t := reflect.TypeOf(v)
	if t == nil {
		return json.Marshal(v, written)
	}
	tr := traitsOf(t)
	options := written
	if tr.timed || tr.custom {
		options = timed
	}
	data, err := json.Marshal(v, options)
	if err == nil && tr.json.exists && (tr.json.remedy != "" || long(data)) {
		err = tr.json.check(data, t, unmarshalOther)
	}
	return data, err
}

// long reports whether data may have an integer that no float64 holds, which
// has 16 digits or more.
func long(data []byte) bool {
	run := 0
	for _, c := range data {
		if run++; c < '0' || c > '9' {
			run = 0
		}
		if run == 16 {
			return true
		}
	}
	return false
}

// Unmarshal decodes data into the value that the pointer v points to.
func (JSON) Unmarshal(data []byte, v any) error {
	if unmarshalScalar(data, v) {
		return nil
	}
	return unmarshalOther(data, v)
}

func unmarshalOther(data []byte, v any) error {
	if t := reflect.TypeOf(v); t != nil && !traitsOf(t).dynamic {
		return json.Unmarshal(data, v, durations)
	}
	return json.Unmarshal(data, v, exactly)
}

// MarshalJSON is [JSON.Marshal] for a value of a known type. A number, bool or
// plain string does not escape to the heap.
func MarshalJSON[T any](v T) ([]byte, error) {
	if data, ok := marshalScalar(&v); ok {
		return data, nil
	}
	escaped := v
	return marshalOther(&escaped)
}

// UnmarshalJSON is [JSON.Unmarshal] for a value of a known type. A number, bool
// or plain string does not escape to the heap. With an error it returns the
// zero T.
func UnmarshalJSON[T any](data []byte) (v T, err error) {
	if unmarshalScalar(data, &v) {
		return v, nil
	}
	escaped := new(T)
	if err := unmarshalOther(data, escaped); err != nil {
		return v, err
	}
	return *escaped, nil
}

// Stable reports whether Marshal encodes equal values of the type as equal
// bytes, and Unmarshal can read all that Marshal has written.
func (JSON) Stable(t reflect.Type) bool { return !traitsOf(t).custom }

// written keeps nil apart from empty, as encoding/json does.
var written = json.JoinOptions(durations, json.Deterministic(true), json.FormatNilSliceAsNull(true), json.FormatNilMapAsNull(true))

// timed also keeps the instant of a time whose zone has an offset with seconds,
// which RFC 3339 cannot write: it is written in UTC.
var timed = json.JoinOptions(written, json.WithMarshalers(json.MarshalToFunc(func(e *jsontext.Encoder, t time.Time) error {
	if _, offset := t.Zone(); offset%60 == 0 {
		return errors.ErrUnsupported // the usual way
	}
	return json.MarshalEncode(e, t.UTC())
})))

// durations are numbers, as in encoding/json.
var durations = jsonv1.FormatDurationAsNano(true)

// exactly refuses an integer for an interface if a float64, which the
// interface gets, cannot hold it.
var exactly = json.JoinOptions(durations, json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported // the usual way
	}
	number, err := d.ReadToken()
	if err != nil {
		return err
	}
	text := number.String()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err
	}
	if !strings.ContainsAny(text, ".eE") && strconv.FormatFloat(f, 'f', 0, 64) != text {
		return fmt.Errorf("%s is no float64; use an integer type instead of an interface", text)
	}
	*v = f
	return nil
})))
