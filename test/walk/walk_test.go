package walk_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	seedFlag    = flag.Uint64("walk.seed", 0, "run one walk and print its trace")
	seedsFlag   = flag.Int("walk.seeds", 400, "number of walks")
	firstFlag   = flag.Uint64("walk.first", 1, "seed of the first walk")
	withoutFlag = flag.String("walk.without", "create late,create repeat", "operations, faults and places to leave out, separated by commas")
	keepFlag    = flag.Bool("walk.all", false, "go on after a failure, and count the rules that were broken")
)

func excluded() map[string]bool {
	without := map[string]bool{}
	for name := range strings.SplitSeq(*withoutFlag, ",") {
		without[name] = true
	}
	return without
}

// TestSameSeedSameWalk: a failure can be looked at again.
func TestSameSeedSameWalk(t *testing.T) {
	for seed := *firstFlag; seed < *firstFlag+200; seed++ {
		a, b := walk(t, newPlan(seed, excluded())).String(), walk(t, newPlan(seed, excluded())).String()
		if a != b {
			t.Errorf("seed %d: %s", seed, cmp.Diff(strings.Split(a, "\n"), strings.Split(b, "\n")))
			return
		}
	}
}

func TestWalk(t *testing.T) {
	if *seedFlag != 0 {
		w := walk(t, newPlan(*seedFlag, excluded()))
		fmt.Print(w)
		for _, f := range w.faults {
			t.Errorf("%s: %s", f.rule, f.text)
		}
		return
	}
	var next atomic.Int64
	var mu sync.Mutex
	broken := map[string][]uint64{}
	stats := map[string]int{}
	for worker := range 2 {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			for {
				n := next.Add(1) - 1
				if n >= int64(*seedsFlag) || t.Failed() && !*keepFlag {
					return
				}
				seed := *firstFlag + uint64(n)
				w := walk(t, newPlan(seed, excluded()))
				mu.Lock()
				for k, v := range w.stats {
					stats[k] += v
				}
				if len(w.faults) > 0 {
					rule := w.faults[0].rule
					broken[rule] = append(broken[rule], seed)
				}
				mu.Unlock()
				if len(w.faults) > 0 && !*keepFlag {
					report(t, w)
				}
			}
		})
	}
	t.Cleanup(func() {
		for _, rule := range slices.Sorted(maps.Keys(broken)) {
			seeds := broken[rule]
			t.Logf("%s: broken by %d of %d walks, such as %v", rule, len(seeds), *seedsFlag, seeds[:min(len(seeds), 12)])
		}
		if *keepFlag && len(broken) > 0 {
			t.Fail()
		}
		if testing.Verbose() || os.Getenv("WALK_STATS") != "" {
			for _, k := range slices.Sorted(maps.Keys(stats)) {
				t.Logf("%10d %s", stats[k], k)
			}
		}
	})
}

// report shrinks a failed walk and prints what is left.
func report(t *testing.T, w *world) {
	rule, seed := w.faults[0].rule, w.plan.seed
	without := maps.Clone(w.plan.without)
	fails := func(places ...string) *world {
		try := maps.Clone(without)
		for _, p := range places {
			try[p] = true
		}
		if again := walk(t, newPlan(seed, try)); len(again.faults) > 0 && again.faults[0].rule == rule {
			return again
		}
		return nil
	}
	leave := func(place string) {
		if without[place] {
			return
		}
		if again := fails(place); again != nil {
			without[place], w = true, again
		}
	}
	for before := 0; before != len(w.trace); {
		before = len(w.trace)
		for _, s := range w.plan.actors {
			leave(fmt.Sprint(s.n))
		}
		for _, s := range w.plan.actors {
			if without[fmt.Sprint(s.n)] {
				continue
			}
			for i := range s.ops {
				leave(s.place(i))
			}
		}
		for _, place := range w.failed {
			leave(place)
		}
	}
	var left []string
	for _, p := range slices.Sorted(maps.Keys(without)) {
		if p != "" && !strings.Contains(p, "!") {
			left = append(left, p)
		}
	}
	t.Errorf("seed %d breaks %q: %s\n\n%s\nWithout %s", seed, rule, w.faults[0].text, w, strings.Join(left, ","))
}
