package merge

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/internal/envelope"
)

// counting is a codec that counts its work. If it is not stable, it never
// writes the same bytes twice.
type counting struct {
	stable           bool
	encoded, decoded int
}

func (c *counting) Encode(p any) (envelope.Value, error) {
	c.encoded++
	data, err := json.Marshal(p)
	if !c.stable {
		data = append(data, strings.Repeat(" ", c.encoded)...)
	}
	return stored(string(data)), err
}

func (c *counting) Decode(v envelope.Value, p any) error {
	c.decoded++
	return json.Unmarshal(v.Data, p)
}

func (c *counting) Keep(_, next envelope.Value, _ reflect.Type) (envelope.Value, error) {
	return next, nil
}

func (c *counting) Stable(reflect.Type) bool { return c.stable }

func stored(data string) envelope.Value {
	return envelope.Value{Codec: []byte("json"), Data: []byte(data)}
}

type (
	flatPerson struct {
		Name string
		Age  int
		Seen time.Time
	}
	person struct {
		Name string
		Age  int
		Tags []string
		Home struct{ Cities map[string]int }
		Boss *string
		Seen time.Time `json:",omitzero"`

		note  string
		notes []string
	}
)

// changed decodes old, changes the value and compares.
func changed[T any](t *testing.T, c *counting, old envelope.Value, change func(*T)) *Change {
	t.Helper()
	value, before := new(T), new(T)
	if exists(old) {
		if err := c.Decode(old, value); err != nil {
			t.Fatal(err)
		}
	}
	*before = *value
	change(value)
	c.encoded, c.decoded = 0, 0
	got, err := Compare(c, old, reflect.ValueOf(before).Elem(), reflect.ValueOf(value).Elem(), false)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const annText = `{"Name":"Ann","Age":1,"Tags":["a"],"Home":{"Cities":{"Rome":1}},"Boss":null}`

func TestCompareFindsChangesCheaply(t *testing.T) {
	var none envelope.Value
	ann, spelled := stored(annText), stored(`{ "Age":1, "Tags":["a"], "Name":"Ann", "More":1, "Home":{"Cities":{"Rome":1}} }`)
	for _, c := range []struct {
		name             string
		old              envelope.Value
		change           func(*person)
		want             bool
		encoded, decoded int
	}{
		{"absent and zero", none, func(*person) {}, false, 0, 0},
		{"absent and set", none, func(p *person) { p.Tags = []string{} }, true, 1, 0},
		{"nothing", ann, func(*person) {}, false, 1, 0},
		{"what is not encoded", ann, func(p *person) { p.note, p.notes = "x", []string{"y"} }, false, 1, 0},
		{"absent, and what is not encoded", none, func(p *person) { p.note = "x" }, true, 1, 0},
		{"a time", ann, func(p *person) { p.Seen = time.Unix(1, 0) }, true, 1, 0},
		{"a scalar", ann, func(p *person) { p.Age = 2 }, true, 1, 0},
		{"an appended item", ann, func(p *person) { p.Tags = append(p.Tags, "b") }, true, 1, 0},
		{"a nil map", ann, func(p *person) { p.Home.Cities = nil }, true, 1, 0},
		{"a pointer", ann, func(p *person) { p.Boss = new("Eve") }, true, 1, 0},
		{"an item in place", ann, func(p *person) { p.Tags[0] = "b" }, true, 2, 1},
		{"a map in place", ann, func(p *person) { p.Home.Cities["Oslo"] = 2 }, true, 2, 1},
		{"a slice of the same length", ann, func(p *person) { p.Tags = []string{"b"} }, true, 2, 1},
		{"another spelling, nothing", spelled, func(*person) {}, false, 2, 1},
		{"another spelling, what is not encoded", spelled, func(p *person) { p.note, p.notes = "x", []string{"y"} }, false, 2, 1},
		{"another spelling, an item in place", spelled, func(p *person) { p.Tags[0] = "b" }, true, 2, 1},
		{"another spelling, a scalar", spelled, func(p *person) { p.Age = 2 }, true, 1, 0},
	} {
		codec := &counting{stable: true}
		got := changed(t, codec, c.old, c.change) != nil
		if got != c.want || codec.encoded != c.encoded || codec.decoded != c.decoded {
			t.Errorf("%s: changed %t with %d encoded and %d decoded, want %t, %d and %d", c.name, got, codec.encoded, codec.decoded, c.want, c.encoded, c.decoded)
		}
		codec = &counting{}
		if got := changed(t, codec, c.old, c.change) != nil; got != c.want {
			t.Errorf("%s, codec that is not stable: changed %t, want %t", c.name, got, c.want)
		}
	}
}

func TestCompareOfFlatValues(t *testing.T) {
	for _, stable := range []bool{true, false} {
		codec := &counting{stable: stable}
		old := stored(`{"Age":1}`)
		if changed(t, codec, old, func(*flatPerson) {}) != nil || codec.encoded+codec.decoded > 0 {
			t.Errorf("an unchanged value: %+v", codec)
		}
		if changed(t, codec, old, func(p *flatPerson) { p.Age++ }) == nil || codec.encoded != 1 || codec.decoded > 0 {
			t.Errorf("a changed value: %+v", codec)
		}
	}
}

func TestApplyMergesFields(t *testing.T) {
	type merged struct{ current, want string }
	for _, stable := range []bool{true, false} {
		codec := &counting{stable: stable}
		c := changed(t, codec, stored(annText), func(p *person) { p.Age = 2; p.Tags[0] = "b" })
		codec.encoded, codec.decoded = 0, 0
		if got, err := c.Apply(stored(annText)); err != nil || !equal(got, c.New) || codec.encoded+codec.decoded > 0 {
			t.Errorf("on the old value: %s, error %v, %+v", got.Data, err, codec)
		}
		for _, m := range []merged{
			{annText, `{"Name":"Ann","Age":2,"Tags":["b"],"Home":{"Cities":{"Rome":1}},"Boss":null}`},
			{`{"Name":"Bob","Age":7,"Tags":null,"Boss":"Eve"}`, `{"Name":"Bob","Age":2,"Tags":["b"],"Home":{"Cities":null},"Boss":"Eve"}`},
			{"", `{"Name":"","Age":2,"Tags":["b"],"Home":{"Cities":null},"Boss":null}`},
		} {
			var current envelope.Value
			if m.current != "" {
				current = stored(m.current)
			}
			got, err := c.Apply(current)
			if diff := cmp.Diff(m.want, strings.TrimSpace(string(got.Data))); diff != "" || err != nil {
				t.Errorf("on %s: error %v (-want +got)\n%s", m.current, err, diff)
			}
		}
		if _, err := c.Apply(stored("[]")); err == nil {
			t.Error("a current value of another type: no error")
		}
	}
}

type (
	embedded   struct{ City string }
	promoting  struct{ embedded }
	byPointer  struct{ *embedded }
	jsonItself struct{ N int }
	textItself struct{ N int }
)

func (*jsonItself) MarshalJSON() ([]byte, error)        { return []byte("1"), nil }
func (*textItself) AppendText(b []byte) ([]byte, error) { return b, nil }

func TestMergedFields(t *testing.T) {
	for _, c := range []struct {
		typ  reflect.Type
		want int
	}{
		{reflect.TypeFor[person](), 6},
		{reflect.TypeFor[promoting](), 1},
		{reflect.TypeFor[byPointer](), 0},
		{reflect.TypeFor[jsonItself](), 0},
		{reflect.TypeFor[textItself](), 0},
		{reflect.TypeFor[time.Time](), 0},
		{reflect.TypeFor[struct{ n int }](), 0},
		{reflect.TypeFor[map[string]int](), 0},
		{reflect.TypeFor[*person](), 0},
	} {
		if got := len(mergedFields(c.typ)); got != c.want {
			t.Errorf("%v: %d fields, want %d", c.typ, got, c.want)
		}
	}
}

// TestFieldIsOneValue: the last change of a field wins, and nil deletes it.
func TestFieldIsOneValue(t *testing.T) {
	type fields struct {
		Whole person
		Gone  *person
	}
	value := fields{Whole: person{Name: "Bob"}}
	v, before := reflect.ValueOf(&value).Elem(), reflect.ValueOf(&fields{Gone: new(person)}).Elem()
	c, err := Compare(new(counting), stored(annText), before.Field(0), v.Field(0), true)
	if err != nil || c.Deletes() {
		t.Fatalf("%+v, %v", c, err)
	}
	if got, err := c.Apply(stored(`{"Name":"Eve","Age":7}`)); err != nil || !equal(got, c.New) {
		t.Errorf("%s, error %v", got.Data, err)
	}
	if c, err := Compare(new(counting), stored(annText), before.Field(1), v.Field(1), true); err != nil || !c.Deletes() {
		t.Errorf("a nil pointer: %+v, error %v", c, err)
	}
	if c, err := Compare(new(counting), envelope.Value{}, before.Field(1), v.Field(1), true); err != nil || c != nil {
		t.Errorf("a nil pointer that was nil: %+v, error %v", c, err)
	}
}

func TestKeys(t *testing.T) {
	got, err := Keys(reflect.TypeFor[struct {
		Theme   string `session:"theme"`
		Counter int
		Skipped int `session:"-"`
		hidden  int
	}]())
	if diff := cmp.Diff([]Field{{"theme", 0}, {"Counter", 1}}, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
	for _, c := range []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[int](), "needs a struct, not int"},
		{reflect.TypeFor[struct{ n int }](), "no exported field"},
		{reflect.TypeFor[promoting](), "fields of embedded would be lost"},
		{reflect.TypeFor[struct {
			A int
			B int `session:"A"`
		}](), `fields A and B are both the key "A"`},
	} {
		for range 2 {
			if _, err := Keys(c.typ); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v: error %v, want %q", c.typ, err, c.want)
			}
		}
	}
}
