package sessions

import (
	"math"
	"reflect"
	"sync"
	"time"
)

// flat reports whether a copy of a T shares nothing with what it is a copy of,
// so that the copy tells later what has been changed, without a codec.
func flat(t reflect.Type) bool {
	if known, ok := flatTypes.Load(t); ok {
		return known.(bool)
	}
	is := isFlat(t)
	flatTypes.Store(t, is)
	return is
}

var flatTypes sync.Map // of bool by reflect.Type

func isFlat(t reflect.Type) bool {
	switch k := t.Kind(); {
	case t == reflect.TypeFor[time.Time]():
		return true
	case k == reflect.Array:
		return isFlat(t.Elem())
	case k == reflect.Struct:
		for i := range t.NumField() {
			if !isFlat(t.Field(i).Type) {
				return false
			}
		}
		return true
	default:
		return scalar(k)
	}
}

// scalar kinds hold no other values.
func scalar(k reflect.Kind) bool { return k <= reflect.Complex128 || k == reflect.String }

// same reports whether two values of one flat type are the same to any codec:
// == takes 0 and -0 for one.
func same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Float32, reflect.Float64:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case reflect.Complex64, reflect.Complex128:
		return false
	case reflect.Array:
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}
