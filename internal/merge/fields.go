package merge

import (
	"encoding"
	"encoding/gob"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
)

// mergedFields returns the fields of a type that are merged one by one, as
// indexes for [reflect.Value.FieldByIndex]. There are none if a value of the
// type is merged as a whole.
func mergedFields(t reflect.Type) [][]int {
	if known, ok := mergedTypes.Load(t); ok {
		return known.([][]int)
	}
	var fields [][]int
	if !encodesItself(t) {
		fields = fieldsOf(t)
	}
	mergedTypes.Store(t, fields)
	return fields
}

var mergedTypes sync.Map // of [][]int by reflect.Type

// fieldsOf returns the exported fields of a struct, including those that an
// embedded struct of an unexported type promotes. It returns none if some are
// behind a pointer that cannot be set.
func fieldsOf(t reflect.Type) (all [][]int) {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.IsExported():
			all = append(all, []int{i})
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			for _, j := range fieldsOf(f.Type) {
				all = append(all, append([]int{i}, j...))
			}
		case f.Anonymous:
			return nil
		}
	}
	return all
}

// encodesItself reports whether the type is no struct, or has methods that may
// encode more than its exported fields.
func encodesItself(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return true
	}
	for _, method := range encoders {
		if reflect.PointerTo(t).Implements(method) {
			return true
		}
	}
	return false
}

var encoders = []reflect.Type{
	reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.MarshalerTo](),
	reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextAppender](),
	reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[gob.GobEncoder](),
}
