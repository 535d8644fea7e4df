package codec

import "reflect"

// maxDepth is how many pointers, interfaces, maps and slices deep a value may
// be for gob, which follows a cycle until the stack overflows.
const maxDepth = 1000

// shallow reports whether v ends within maxDepth.
func shallow(v any) bool { return ends(reflect.ValueOf(v), maxDepth) }

func ends(v reflect.Value, left int) bool {
	if left == 0 {
		return false
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || ends(v.Elem(), left-1)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !ends(v.Field(i), left) {
				return false
			}
		}
	case reflect.Slice, reflect.Array:
		if scalar(v.Type().Elem().Kind()) {
			return true
		}
		for i := range v.Len() {
			if !ends(v.Index(i), left-1) {
				return false
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if !ends(it.Key(), left-1) || !ends(it.Value(), left-1) {
				return false
			}
		}
	}
	return true
}
