package codec

import (
	"errors"
	"math"
)

var errGob = errors.New("data is not a value in gob, or declares more than it holds")

// Limits of what package gob is given to read.
const (
	maxGobDepth = 10_000 // of values in one another
	// maxGobTypes bounds the number of types times the number of all their
	// fields: package gob makes a decoder for each type that a field refers to.
	maxGobTypes = 1 << 16
)

// checkGob reports an error for data that is not one value in gob. Package gob
// believes the lengths that data declares: a few bytes can make it allocate
// gigabytes, run for hours or overflow the stack.
//
// Types must be defined before the value, as [Gob.Marshal] does. What package
// gob reads afterwards does not depend on what it skips.
func checkGob(data []byte) error {
	r := gobReader{rest: data}
	for done := false; !done; {
		n := r.count(1)
		left := r.rest[n:]
		r.rest = r.rest[:n]
		if id := r.int(); id < 0 {
			r.define(-id)
		} else {
			r.single(id, maxGobDepth)
			done = true
			r.bad = r.bad || len(left) > 0
		}
		if r.bad || len(r.rest) > 0 {
			return errGob
		}
		r.rest = left
	}
	return nil
}

// gobReader walks through gob data. After a failure it reads zeros.
type gobReader struct {
	rest   []byte // of the message
	types  map[int64]gobType
	fields int // of all types
	bad    bool
}

// gobType is a type that the data defines.
type gobType struct {
	kind  int
	elems []int64 // types of the elements, of key and element, or of the fields
}

// The kinds of types, as package gob numbers them. Those after them encode
// themselves as bytes.
const (
	gobArray = iota
	gobSlice
	gobStruct
	gobMap
	gobKinds = 7
)

// The types that need no definition, as package gob numbers them.
const (
	gobFloat     = 4 // and bool, int and uint before it
	gobBytes     = 5
	gobString    = 6
	gobComplex   = 7
	gobInterface = 8
	gobFirst     = 64 // type that data defines
)

func (r *gobReader) fail() { r.bad, r.rest = true, nil }

func (r *gobReader) uint() (x uint64) {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	first := r.rest[0]
	r.rest = r.rest[1:]
	if first < 128 {
		return uint64(first)
	}
	n := -int(int8(first))
	if n > 8 || n > len(r.rest) {
		r.fail()
		return 0
	}
	for _, b := range r.rest[:n] {
		x = x<<8 | uint64(b)
	}
	r.rest = r.rest[n:]
	return x
}

func (r *gobReader) int() int64 {
	x := r.uint()
	if x&1 != 0 {
		return ^int64(x >> 1)
	}
	return int64(x >> 1)
}

// count reads how many things of at least some bytes follow.
func (r *gobReader) count(size int) int {
	n := r.uint()
	if n > uint64(len(r.rest)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *gobReader) skip() { r.rest = r.rest[r.count(1):] }

// structure reads a struct with some fields, and calls f for each that is
// there.
func (r *gobReader) structure(fields int, f func(field int)) {
	for i := -1; ; {
		delta := r.uint()
		switch {
		case delta == 0:
			return
		case delta > uint64(fields-1-i):
			r.fail()
			return
		}
		i += int(delta)
		f(i)
	}
}

// define reads the definition of a type.
func (r *gobReader) define(id int64) {
	var t gobType
	kinds := 0
	r.structure(gobKinds, func(kind int) {
		t.kind = kind
		kinds++
		r.structure(3, func(field int) {
			switch {
			case field == 0:
				r.named()
			case kind == gobStruct:
				for n := r.count(1); n > 0 && !r.bad; n-- {
					t.elems = append(t.elems, r.named())
				}
				r.fields += len(t.elems)
			case kind == gobArray && field == 2:
				r.uint() // its length, which each value repeats
			default:
				t.elems = append(t.elems, r.int())
			}
		})
	})
	want := len(t.elems) // of a struct
	switch t.kind {
	case gobStruct:
	case gobArray, gobSlice:
		want = 1
	case gobMap:
		want = 2
	default:
		want = 0
	}
	_, twice := r.types[id]
	if kinds != 1 || len(t.elems) != want || twice || id < gobFirst || id > math.MaxInt32 {
		r.fail()
		return
	}
	if r.types == nil {
		r.types = map[int64]gobType{}
	}
	if r.types[id] = t; len(r.types)*r.fields > maxGobTypes {
		r.fail()
	}
}

// named reads a name and the number of a type, and returns the number.
func (r *gobReader) named() (id int64) {
	r.structure(2, func(field int) {
		if field == 0 {
			r.skip()
		} else {
			id = r.int()
		}
	})
	return id
}

// single reads a value that stands by itself. A zero is before it, unless it is
// a struct.
func (r *gobReader) single(id int64, depth int) {
	if t, ok := r.types[id]; (!ok || t.kind != gobStruct) && r.uint() != 0 {
		r.fail()
		return
	}
	r.value(id, depth)
}

// value reads a value, which takes at least one byte.
func (r *gobReader) value(id int64, depth int) {
	switch {
	case depth == 0 || id <= 0:
		r.fail()
	case id <= gobFloat:
		r.uint()
	case id == gobBytes, id == gobString:
		r.skip()
	case id == gobComplex:
		r.uint()
		r.uint()
	case id == gobInterface:
		r.dynamic(depth - 1)
	default:
		t, ok := r.types[id]
		if !ok {
			r.fail()
			return
		}
		r.defined(&t, depth-1)
	}
}

// defined reads a value of a type that the data defines.
func (r *gobReader) defined(t *gobType, depth int) {
	switch t.kind {
	case gobArray, gobSlice:
		for n := r.count(1); n > 0 && !r.bad; n-- {
			r.value(t.elems[0], depth)
		}
	case gobMap:
		for n := r.count(2); n > 0 && !r.bad; n-- {
			r.value(t.elems[0], depth)
			r.value(t.elems[1], depth)
		}
	case gobStruct:
		r.structure(len(t.elems), func(field int) { r.value(t.elems[field], depth) })
	default:
		r.skip()
	}
}

// dynamic reads a value in an interface: the name of its type, nothing more if
// it is nil, the number of the type, and the value with its length.
func (r *gobReader) dynamic(depth int) {
	name := r.count(1)
	if r.rest = r.rest[name:]; name == 0 {
		return
	}
	id := r.int()
	n := r.count(1)
	left := len(r.rest) - n // after the value
	r.single(id, depth)
	if len(r.rest) != left {
		r.fail()
	}
}
