package merge

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
)

// Field is a field of a struct that is stored under a key of its own.
type Field struct {
	Key   string
	Index int
}

// Keys returns the exported fields of a struct type, with their keys: the name
// in the tag `session:"name"`, or otherwise the name of the field. The tag "-"
// excludes a field. The result must not be changed.
//
// It is an error if t is not a struct, if no field is left, if two fields have
// one key, or if a field that is not exported promotes others.
func Keys(t reflect.Type) ([]Field, error) {
	if known, ok := keysOfTypes.Load(t); ok {
		return known.([]Field), nil
	}
	fields, err := findKeys(t)
	if err == nil {
		keysOfTypes.Store(t, fields)
	}
	return fields, err
}

var keysOfTypes sync.Map // of []Field by reflect.Type

func findKeys(t reflect.Type) (fields []Field, err error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("needs a struct, not %v", t)
	}
	names := map[string]string{}
	for i := range t.NumField() {
		f := t.Field(i)
		key, tagged := f.Tag.Lookup("session")
		if !tagged {
			key = f.Name
		}
		if tagged && key == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if !f.IsExported() {
			return nil, fmt.Errorf("the fields of %s would be lost; export its type, or tag it `session:\"-\"`", f.Name)
		}
		if other, dup := names[key]; dup {
			return nil, fmt.Errorf("fields %s and %s are both the key %q; rename one with a tag", other, f.Name, key)
		}
		names[key] = f.Name
		fields = append(fields, Field{Key: key, Index: i})
	}
	if len(fields) == 0 {
		return nil, errors.New("no exported field")
	}
	return fields, nil
}
