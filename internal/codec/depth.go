package codec

import "reflect"

// maxDepth is how many pointers, interfaces, maps and slices deep a value may
// be for gob, which follows a cycle until the stack overflows.
const maxDepth = 1000

// walk reports whether v ends within maxDepth. It calls visit for what
// interfaces hold, the innermost first.
func walk(v any, visit func(reflect.Value)) bool { return ends(reflect.ValueOf(v), maxDepth, visit) }

func ends(v reflect.Value, left int, visit func(reflect.Value)) bool {
	if left == 0 {
		return false
	}
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil() || ends(v.Elem(), left-1, visit)
	case reflect.Interface:
		if v.IsNil() {
			return true
		}
		if !ends(v.Elem(), left-1, visit) {
			return false
		}
		visit(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !ends(v.Field(i), left, visit) {
				return false
			}
		}
	case reflect.Slice, reflect.Array:
		if scalar(v.Type().Elem().Kind()) {
			return true
		}
		for i := range v.Len() {
			if !ends(v.Index(i), left-1, visit) {
				return false
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if !ends(it.Key(), left-1, visit) || !ends(it.Value(), left-1, visit) {
				return false
			}
		}
	}
	return true
}
