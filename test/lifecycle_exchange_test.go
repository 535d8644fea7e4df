package test

import (
	"testing"

	"github.com/gosessions/sessions"
)

// TestR85_DiscardRepliesWithTheTokenThatWasSaved: the call failed after its
// Save.
func TestR85_DiscardRepliesWithTheTokenThatWasSaved(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	ctx, x := a.Begin(t.Context(), b.token())
	s, err := sessions.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.SetSubject("ann")
	want(t, "Save", s.Save(ctx), nil)
	reply, err := x.Discard()
	want(t, "Discard", err, nil)
	want(t, "the reply's token", a.see(reply.Token()), `200 "ann" 1`)
}
