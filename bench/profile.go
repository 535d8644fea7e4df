package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/pprof"
	"strings"
	"time"

	pprofile "github.com/google/pprof/profile"
)

// spending says where the time of a workload goes. A sample of the profiler
// counts for the first kind of which a function is on its stack.
type spending struct {
	workload string
	samples  []int64 // by kind
}

type kind struct {
	name  string
	calls []string // beginnings of functions' names
}

const library = "github.com/gosessions/sessions"

// kinds are in the order in which they are looked for.
var kinds = []kind{
	{"copy of the request", []string{"net/http.(*Request).WithContext"}},
	{"JSON", []string{"github.com/go-json-experiment/"}},
	{"garbage collector", []string{"runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcAssist",
		"runtime.gcStart", "runtime.mcall", "runtime.morestack", "runtime.mstart"}},
	{"allocation", []string{"runtime.mallocgc", "runtime.newobject", "runtime.growslice", "runtime.makeslice"}},
	{"clock", []string{"time.Now", "time.Since", "time.runtime"}},
	{"locks", []string{"sync.", "internal/sync."}},
	{"SHA-256", []string{"crypto/sha256."}},
	{"base64, ULID", []string{"encoding/base64.", "github.com/oklog/ulid"}},
	{"checksum", []string{"hash/crc32."}},
	{"store", []string{library + "/store/"}},
	{"record", []string{library + "/internal/envelope."}},
	{"cookie", []string{library + "/internal/token.", "net/http.(*Cookie)", library + ".(*Manager).write"}},
	{"rest of the library", []string{library + ".", library + "/internal/"}},
	{"page and measurement", []string{""}},
}

// profiled is how long a workload is profiled: some 300 samples.
const profiled = 3 * time.Second

// spend profiles a trial of one visitor.
func spend(t *trial) (spending, error) {
	s := spending{workload: t.name, samples: make([]int64, len(kinds))}
	var data bytes.Buffer
	began := time.Now()
	if err := pprof.StartCPUProfile(&data); err != nil {
		return s, err
	}
	v, random := t.visitor(), rand.New(rand.NewPCG(1, 2))
	defer v.leave()
	for n := 1; n%1000 != 0 || time.Since(began) < profiled; n++ {
		t.visit(v, random)
	}
	pprof.StopCPUProfile()
	return s, s.count(&data)
}

// count adds up the samples of a profile.
func (s *spending) count(data io.Reader) error {
	p, err := pprofile.Parse(data)
	if err != nil {
		return err
	}
	for _, sample := range p.Sample {
		s.samples[kindOf(sample)] += sample.Value[0]
	}
	return nil
}

func kindOf(sample *pprofile.Sample) int {
	for i, k := range kinds {
		for _, l := range sample.Location {
			for _, line := range l.Line {
				for _, call := range k.calls {
					if strings.HasPrefix(line.Function.Name, call) {
						return i
					}
				}
			}
		}
	}
	return len(kinds) - 1
}

// Spendings returns the profiles as a table of percent.
func (r *report) Spendings() string {
	var b strings.Builder
	b.WriteString("| |")
	for _, s := range r.spendings {
		b.WriteString(" " + s.workload + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(r.spendings)) + "\n")
	for i, k := range kinds {
		b.WriteString("| " + k.name + " |")
		for _, s := range r.spendings {
			all := int64(0)
			for _, n := range s.samples {
				all += n
			}
			fmt.Fprintf(&b, " %.0f %% |", 100*float64(s.samples[i])/float64(max(all, 1)))
		}
		b.WriteString("\n")
	}
	return b.String()
}
