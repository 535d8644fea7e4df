package sessions

import (
	"bytes"
	"encoding"
	"encoding/gob"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"

	"github.com/gosessions/sessions/internal/envelope"
)

// Typed is a session with one value of type T in reach: change Data, and it
// is saved before the response begins; what is changed after the first byte
// is saved at the end where the session exists already, and is else lost and
// reported (EventUnsaved).
//
// Where T is a struct, its exported fields are merged one by one: of two
// requests that change different fields both survive. A T that encodes
// itself (MarshalJSON and the like), and any other T, is one whole, and the
// last change wins; Key.Update merges by your own rule.
//
// Data is not protected by a lock: one goroutine at a time may use it, and it
// must not change while Save runs or the response begins. It is read once,
// when it is opened: Reload, Set and Delete do not change it.
type Typed[T any] struct {
	*Session
	Data T

	parts  []part
	before T // Data as it was opened; tells changes of what is flat
}

// collector is a Typed as its session sees it.
type collector interface{ collect() error }

// part is a session key that a Typed writes back.
type part struct {
	key   string
	field int // of Data; -1 is Data itself
	seen  envelope.Value
	found bool
	flat  bool // a copy shares nothing with what it is a copy of
}

// Open decodes the key's value as the Data of a Typed, the zero T if there is
// none. A value that the codec cannot make a T of is a CodecError.
func (k Key[T]) Open(s *Session) (*Typed[T], error) {
	t := &Typed[T]{Session: s, parts: []part{{key: string(k), field: -1}}}
	return t, t.open()
}

// Wrap makes the whole session one struct T: each exported field is a session
// key, by the field's name or by the name in its tag `session:"name"`; the
// tag "-" leaves a field out. A nil pointer is a key that is not there. T must
// be a struct with at least one such field, and no two of one name. Errors are
// else those of Key.Open.
func Wrap[T any](s *Session) (*Typed[T], error) {
	t := &Typed[T]{Session: s}
	typ := reflect.TypeFor[T]()
	if typ.Kind() != reflect.Struct {
		return nil, fmt.Errorf("sessions: Wrap needs a struct, not %v", typ)
	}
	names := map[string]string{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		key, tagged := f.Tag.Lookup("session")
		if !tagged {
			key = f.Name
		}
		if tagged && key == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if !f.IsExported() {
			return nil, fmt.Errorf("sessions: Wrap[%v]: the fields of %s would be lost; export its type, or tag it `session:\"-\"`", typ, f.Name)
		}
		if other, dup := names[key]; dup {
			return nil, fmt.Errorf("sessions: Wrap[%v]: fields %s and %s are both the key %q", typ, other, f.Name, key)
		}
		names[key] = f.Name
		t.parts = append(t.parts, part{key: key, field: i})
	}
	if len(t.parts) == 0 {
		return nil, fmt.Errorf("sessions: Wrap[%v]: no exported field", typ)
	}
	return t, t.open()
}

// open reads all parts and has the session collect them from now on.
func (t *Typed[T]) open() error {
	s := t.Session
	for i := range t.parts {
		p := &t.parts[i]
		var err error
		if p.seen, p.found, _, err = s.peek(p.key); err != nil {
			return err
		}
		if p.found {
			if err := s.m.decode(p.key, p.seen, t.value(p).Addr().Interface()); err != nil {
				var zero T
				t.Data = zero
				return err
			}
		}
		p.flat = flat(t.value(p).Type())
	}
	t.before = t.Data
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errReturned
	}
	s.typed = append(s.typed, t)
	return nil
}

// value returns what the part is of Data.
func (t *Typed[T]) value(p *part) reflect.Value { return p.of(&t.Data) }

// of returns what the part is of what data points to.
func (p *part) of(data any) reflect.Value {
	v := reflect.ValueOf(data).Elem()
	if p.field >= 0 {
		v = v.Field(p.field)
	}
	return v
}

// collect turns what changed in Data into edits of the session.
func (t *Typed[T]) collect() error {
	for i := range t.parts {
		if err := t.collectPart(&t.parts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *Typed[T]) collectPart(p *part) error {
	s, v := t.Session, t.value(p)
	if !p.found && v.IsZero() {
		return nil
	}
	if k := v.Kind(); p.field >= 0 && (k == reflect.Pointer || k == reflect.Interface) && v.IsNil() {
		p.seen, p.found = envelope.Value{}, false
		return s.apply(deleting(p.key))
	}
	if p.found && p.flat && same(v, p.of(&t.before)) {
		return nil
	}
	is, err := s.m.encode(p.key, v.Interface())
	if err != nil {
		return err
	}
	if p.found && bytes.Equal(is.Data, p.seen.Data) && bytes.Equal(is.Codec, p.seen.Codec) {
		return nil
	}
	m := merge{m: s.m, key: p.key, typ: v.Type(), was: p.seen, found: p.found, is: is, whole: p.field >= 0}
	if p.flat { // what changed is asked only if another request was faster
		p.of(&t.before).Set(v)
	} else if changed, err := m.prepare(); err != nil || !changed {
		return err
	}
	if err := s.apply(m.edit); err != nil {
		return err
	}
	p.seen, p.found = is, true
	return nil
}

// merge is the change of one value from what it was to what it is.
type merge struct {
	m       *Manager
	key     string
	typ     reflect.Type
	was, is envelope.Value
	found   bool // was is there
	whole   bool // no merging of fields
	fields  [][]int

	prepared bool // whole and fields are known
}

// prepare finds out which fields changed, or whether anything did.
func (g *merge) prepare() (bool, error) {
	was, err := g.decode(g.was, g.found)
	if err != nil {
		return false, err
	}
	is, err := g.decode(g.is, true)
	if err != nil {
		return false, err
	}
	g.prepared = true
	if g.whole = g.whole || encodesItself(g.typ); !g.whole {
		all, ok := fieldsOf(g.typ)
		for _, i := range all {
			if !reflect.DeepEqual(was.FieldByIndex(i).Interface(), is.FieldByIndex(i).Interface()) {
				g.fields = append(g.fields, i)
			}
		}
		if ok {
			return len(g.fields) > 0 || !g.found, nil
		}
		g.whole = true
	}
	return !g.found || !reflect.DeepEqual(was.Interface(), is.Interface()), nil
}

// edit makes the change on a value that another request may have changed.
func (g *merge) edit(st *state) error {
	now, ok := st.values.Get(g.key)
	untouched := ok == g.found && bytes.Equal(now.Data, g.was.Data) && bytes.Equal(now.Codec, g.was.Codec)
	if !untouched && !g.whole && !g.prepared {
		if _, err := g.prepare(); err != nil {
			return err
		}
	}
	if g.whole || untouched {
		return st.set(g.key, g.is, g.m.opts.MaxBytes)
	}
	merged, err := g.decode(now, ok)
	if err != nil {
		return err
	}
	is, err := g.decode(g.is, true)
	if err != nil {
		return err
	}
	for _, i := range g.fields {
		merged.FieldByIndex(i).Set(is.FieldByIndex(i))
	}
	enc, err := g.m.encode(g.key, merged.Interface())
	if err != nil {
		return err
	}
	return st.set(g.key, enc, g.m.opts.MaxBytes)
}

func (g *merge) decode(v envelope.Value, ok bool) (reflect.Value, error) {
	p := reflect.New(g.typ)
	if !ok {
		return p.Elem(), nil
	}
	return p.Elem(), g.m.decode(g.key, v, p.Interface())
}

// fieldsOf returns the exported fields of a struct, those included that an
// embedded struct whose type is not exported promotes. It is not ok if there
// are none, or some are behind a pointer that cannot be set.
func fieldsOf(t reflect.Type) (all [][]int, ok bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.IsExported():
			all = append(all, []int{i})
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			promoted, _ := fieldsOf(f.Type)
			for _, j := range promoted {
				all = append(all, append([]int{i}, j...))
			}
		case f.Anonymous:
			return nil, false
		}
	}
	return all, len(all) > 0
}

// encodesItself reports whether the type has no fields to merge, or methods
// by which a codec may keep more than its exported fields.
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
	reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[gob.GobEncoder](),
}
