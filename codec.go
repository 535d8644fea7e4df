package sessions

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// Codec turns values into bytes and back. A session keeps the bytes of each
// value with the name of the codec that wrote it, so a manager whose Codec
// is changed still reads what the old one wrote, as long as the old one
// stands in Options.OldCodecs (JSON and Gob always do).
//
// Marshal gets the value, not a pointer to it. It must not keep v, and
// Unmarshal must not keep data or change it. What Marshal returns is kept.
// Both are called from many goroutines. A codec that writes equal values as
// equal bytes saves the store a write when a value is set again.
type Codec interface {
	// Name is 1 to 32 bytes that never change; it is stored with each value.
	Name() string
	Marshal(v any) ([]byte, error)
	// Unmarshal sets what the pointer v points to.
	Unmarshal(data []byte, v any) error
}

// The codecs that come with the package.
var (
	// JSON is the default: readable by other programs, map keys in order.
	// Integers are exact; in an interface they become a float64, and one that
	// does not fit is an error. A time.Duration is its nanoseconds. Text that
	// is no UTF-8, NaN and cycles are errors. What a struct's json tags leave
	// out is not kept.
	JSON Codec = jsonCodec{}
	// Gob keeps more of Go's types apart, and is no larger. It writes maps in
	// random order, so a map that is set again is saved again. What is inside
	// of an interface needs gob.Register, a nil pointer cannot be encoded, and
	// a Key[any] cannot be read back.
	Gob Codec = gobCodec{}
)

type jsonCodec struct{}

func (jsonCodec) Name() string { return "json" }

func (jsonCodec) Marshal(v any) ([]byte, error) {
	if data, ok := marshalScalar(v); ok {
		return data, nil
	}
	return json.Marshal(v, written)
}

func (jsonCodec) Unmarshal(data []byte, v any) error {
	if unmarshalScalar(data, v) {
		return nil
	}
	return json.Unmarshal(data, v, exactly)
}

// written keeps nil apart from empty, as encoding/json does.
var written = json.JoinOptions(durations, json.Deterministic(true), json.FormatNilSliceAsNull(true), json.FormatNilMapAsNull(true))

// durations are numbers, as in encoding/json.
var durations = jsonv1.FormatDurationAsNano(true)

// exactly refuses an integer for an interface, where it becomes a float64,
// that a float64 cannot hold.
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

type gobCodec struct{}

func (gobCodec) Name() string { return "gob" }

var (
	errCycle = errors.New("value is nested too deeply or refers to itself")
	errNil   = errors.New("gob has no nil pointer; delete the key instead")
)

func (gobCodec) Marshal(v any) ([]byte, error) {
	if !shallow(v) {
		return nil, errCycle
	}
	value := reflect.ValueOf(v)
	for p := value; p.Kind() == reflect.Pointer; p = p.Elem() {
		if p.IsNil() {
			return nil, errNil // gob would panic
		}
	}
	if value.IsValid() && value.Kind() != reflect.Pointer { // so that it finds the methods of *T
		p := reflect.New(value.Type())
		p.Elem().Set(value)
		value = p
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).EncodeValue(value); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (gobCodec) Unmarshal(data []byte, v any) error {
	return gob.NewDecoder(bytes.NewReader(data)).Decode(v)
}
