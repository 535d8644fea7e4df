package walk_test

import (
	"time"
)

// What a token must do.
const (
	mustOpen  = "must open it"
	mayOpen   = "may open it"
	neverOpen = "must not open it"
)

// expect says what a token must do now, given its verifier. A load that takes
// its time counts from its beginning. It needs w.mu.
func (w *world) expect(verifier string, late time.Duration) string {
	sec := w.secrets[verifier]
	if sec == nil || !w.alive(sec.rec) || sec.rec.ended != "" {
		return neverOpen
	}
	switch rec := sec.rec; {
	case verifier == rec.cur:
		return mustOpen
	case sec.epoch != rec.epoch:
		return neverOpen
	case verifier != rec.prev && sec.maker == rec.maker: // one request made both
		return mayOpen
	case verifier != rec.prev:
		return neverOpen
	case rec.seen.IsZero() || time.Since(rec.seen) < w.grace()-slack:
		return mustOpen
	case !rec.shown.IsZero() && time.Since(rec.shown) > w.grace()+slack+late:
		return neverOpen
	}
	return mayOpen
}

// checkTokens tries all tokens of a record that were ever handed out. It needs
// w.mu.
func (w *world) checkTokens(rec *record) {
	if !rec.live && rec.ended == "" {
		return
	}
	for _, sec := range w.minted {
		verifier := sec.verifier
		if sec.rec != rec || sec.text == "" {
			continue
		}
		s, err := w.inspector.Open(background, sec.text)
		opened := err == nil
		if opened && s.ID() != rec.id {
			w.fail("I3", "a token of %s opens %s", rec.name, w.nameOf(s.ID()))
		}
		expected := w.expect(verifier, 0)
		if opened && expected == neverOpen || !opened && expected == mustOpen {
			rule := "a token of the session does not open it"
			switch {
			case opened && sec.epoch != rec.epoch:
				rule = "I4"
			case opened && rec.ended != "":
				rule = "I1"
			case opened:
				rule = "an old token opens the session"
			}
			w.fail(rule, "%s of %s, made at epoch %d (now %d), %s; opened: %v (%v). The current token was first brought at %v",
				sec.name, rec.name, sec.epoch, rec.epoch, expected, opened, err, rec.seen.Sub(w.began))
		}
	}
}

// end notes an acknowledged ending. It needs w.mu.
func (w *world) end(rec *record, how string) {
	if rec.ended != "" {
		return
	}
	rec.ended = how
	if row, ok := w.row(rec.id); ok {
		w.fail("I1", "%s was ended by %s and is still there: %v", rec.name, how, row.state)
	}
	w.checkTokens(rec)
}

// thief checks that a thief did not get what is not his. It needs w.mu.
func (w *world) thief(text string) {
	verifier, _ := w.verifier(text)
	sec := w.secrets[verifier]
	if sec == nil || w.expect(verifier, 0) == neverOpen {
		return
	}
	rec := sec.rec
	subject := rec.state().subject
	if subject == "" || subject == "mallory" || rec.owner == thief {
		return
	}
	for _, stolen := range w.stash {
		v, _ := w.verifier(stolen)
		if s := w.secrets[v]; s != nil && s.rec == rec && s.epoch == rec.epoch && s.maker.a.who != thief {
			return // a theft of what was current
		}
	}
	w.fail("I4", "the thief has %s, which opens %s of %q", sec.name, rec.name, subject)
}

// finish looks at all that is left.
func (w *world) finish() {
	w.mu.Lock()
	for _, rec := range w.order {
		w.checkTokens(rec)
	}
	for _, text := range w.stash {
		w.thief(text)
	}
	for _, rec := range w.order {
		row, ok := w.row(rec.id)
		switch {
		case ok && rec.ended != "":
			w.fail("I1", "%s was ended by %s and is there: %v", rec.name, rec.ended, row.state)
		case ok && row.version != rec.version:
			w.fail("I2", "%s is at version %d, want %d", rec.name, row.version, rec.version)
		}
		if !ok || rec.ended != "" {
			continue
		}
		// A session whose token was acknowledged can be reached by somebody.
		cur, prev := w.secrets[rec.cur], w.secrets[rec.prev]
		if cur.text == "" && cur.maker.owes && (prev == nil || prev.text == "") {
			w.fail("orphan", "%s %v is there, and nobody was given a token for it", rec.name, rec.state())
		}
	}
	texts := w.texts
	w.mu.Unlock()
	for _, text := range texts {
		if leaks(text) {
			w.failLocked("privacy", "a token is shown in %q", text)
		}
	}
}

// leaks reports whether a text holds what looks like a token.
func leaks(text string) bool {
	n := 0
	for _, c := range []byte(text) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			if n++; n >= 40 {
				return true
			}
			continue
		}
		n = 0
	}
	return false
}
