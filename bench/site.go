package main

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// site is one library at work: a place that keeps sessions in memory, and
// pages that its own documentation would have a user write.
type site struct {
	name   string
	module string // whose version the report names
	open   func() pages
	most   int  // how many bytes a session may have; 0 is enough
	few    bool // not measured with more than 10,000 sessions, which take it minutes to make
}

// pages makes a site's pages, all on one store. A page that the library has
// no way to write is nil.
type pages func(does action, c content) page

// page is a handler of net/http or of fasthttp.
type page any

// action is what a page does with the visitor's session.
type action int

const (
	greet     action = iota // does not ask for a session
	fill                    // stores the content
	readInt                 // reads the counter
	increment               // adds one to the counter
	readKey                 // reads the content's middle key
	writeKey                // sets the content's middle key to something else
	visit                   // reads a struct, changes a field and writes it back
	begin                   // sets the counter of a new session
	renew                   // gives the session a new id
	whoami                  // answers who is logged in
)

// content is what fill puts into a session: the counter at 1, and what else
// the workload needs.
type content struct {
	user    bool // is logged in
	profile bool
	keys    int
	value   string // of each key
	flips   *atomic.Uint32
}

func newContent(keys, size int) content {
	return content{keys: keys, value: strings.Repeat("x", size), flips: new(atomic.Uint32)}
}

func (content) key(i int) string { return "key-" + strconv.Itoa(1000+i) }

func (c content) middle() string { return c.key(c.keys / 2) }

// next returns another value than the last time, of the same length.
func (c content) next() string {
	if c.flips.Add(1)%2 == 0 {
		return c.value
	}
	return "y" + c.value[1:]
}

const user = "01J8ZQ4T8F3Y6N2R5W7XKPA9BC"

// profile is the struct of eight fields.
type profile struct {
	Name, Email, Locale, Theme string
	Views, Cart                int
	Admin                      bool
	Balance                    float64
}

var ann = profile{Name: "Ann", Email: "ann@example.org", Locale: "en-GB", Theme: "dark", Views: 1, Cart: 3, Balance: 12.5}

// What pages answer: the last digit of a number, the first byte of a text, or
// ok. None of them costs an allocation.
func number(n int) []byte  { return text("0123456789"[n%10:]) }
func text(s string) []byte { return letters[s[0]][:] }

var letters = func() (all [256][1]byte) {
	for i := range all {
		all[i][0] = byte(i)
	}
	return all
}()

func reply(w http.ResponseWriter, n int)        { _, _ = w.Write(number(n)) }
func replyText(w http.ResponseWriter, s string) { _, _ = w.Write(text(s)) }

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(ok) }

var ok = []byte("ok")

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
