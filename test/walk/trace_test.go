package walk_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// String returns the trace.
func (w *world) String() string {
	lines := slices.Clone(w.trace)
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.actor, b.actor)) })
	var b strings.Builder
	o := w.plan.opts
	fmt.Fprintf(&b, "%d processes, %d browsers, RenewEvery %v, RenewGrace %v, EndOnReuse %v, IdleTimeout %v, Expiry %v, signed %v\n",
		w.plan.procs, w.plan.browsers, o.RenewEvery, o.RenewGrace, o.EndOnReuse, o.IdleTimeout, o.Expiry, o.SigningKeys != nil)
	for _, l := range lines {
		who := "CHECK"
		if l.actor < len(w.plan.actors) {
			switch s := w.plan.actors[l.actor]; s.who {
			case thief:
				who = fmt.Sprintf("thief %d", l.actor)
			case operator:
				who = fmt.Sprintf("operator %d", l.actor)
			default:
				who = fmt.Sprintf("browser %d, request %d", s.who, l.actor)
			}
			who += fmt.Sprintf(", process %d", w.plan.actors[l.actor].proc)
		}
		fmt.Fprintf(&b, "%14v  %-34s %s\n", l.at, who, fmt.Sprintf(l.format, l.args...))
	}
	return b.String()
}
