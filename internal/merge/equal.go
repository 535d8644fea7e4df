package merge

import (
	"math"
	"reflect"
	"sync"
	"time"
)

// isFlat reports whether a shallow copy of a value of the type shares nothing
// with the value. Such a copy shows later what has changed, without a codec.
func isFlat(t reflect.Type) bool {
	if known, ok := flatTypes.Load(t); ok {
		return known.(bool)
	}
	flat := findFlat(t)
	flatTypes.Store(t, flat)
	return flat
}

var flatTypes sync.Map // of bool by reflect.Type

func findFlat(t reflect.Type) bool {
	switch k := t.Kind(); {
	case t == timeType:
		return true
	case k == reflect.Array:
		return findFlat(t.Elem())
	case k == reflect.Struct:
		for i := range t.NumField() {
			if !findFlat(t.Field(i).Type) {
				return false
			}
		}
		return true
	default:
		return k <= reflect.Complex128 || k == reflect.String
	}
}

var timeType = reflect.TypeFor[time.Time]()

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

// differs reports whether a value surely differs from a shallow copy that was
// made of it earlier. If it reports false, they may be equal. It looks at
// exported fields, and not at what slices, maps and pointers refer to, because
// the copy shares that with the value.
func differs(v, before reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == timeType {
			break
		}
		for i := range v.NumField() {
			if differs(v.Field(i), before.Field(i)) {
				return true
			}
		}
		return false
	case reflect.Array:
		for i := range v.Len() {
			if differs(v.Index(i), before.Index(i)) {
				return true
			}
		}
		return false
	case reflect.Slice, reflect.Map:
		return v.CanInterface() && (v.IsNil() != before.IsNil() || v.Len() != before.Len())
	case reflect.Pointer:
		return v.CanInterface() && v.IsNil() != before.IsNil()
	case reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return false
	}
	return v.CanInterface() && !same(v, before)
}
