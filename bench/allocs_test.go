//go:build !race

package main

import "testing"

// limits are the most allocations of each workload of one visitor, the copy of
// the request included. Lower one when a change allows it.
var limits = map[string]float64{
	"untouched, cookie present": 3,
	"no cookie":                 4,
	"read one int":              5,
	"increment":                 12,
	"read one key of fifty":     6,
	"write one key of fifty":    10,
	"struct changed":            14,
	"new session":               20,
	"renew":                     16,
	"login check":               5,
}

func TestAllocationsDoNotGrow(t *testing.T) {
	for _, w := range workloads() {
		if w.group != alone {
			continue
		}
		tr := prepare(sites[0], w)
		v := tr.visitor()
		got := testing.AllocsPerRun(1000, func() {
			v.visit()
			if w.does == renew {
				v.bring(v.cookie())
			}
		})
		switch limit, ok := limits[w.name]; {
		case !ok:
			t.Errorf("%s: no limit", w.name)
		case got > limit:
			t.Errorf("%s: %v allocations, the limit is %v", w.name, got, limit)
		default:
			t.Logf("%s: %v", w.name, got)
		}
	}
}
