package token_test

import (
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/token"
)

func BenchmarkMint(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := token.Mint(time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	t, err := token.Mint(time.Now())
	if err != nil {
		b.Fatal(err)
	}
	text, verifier := t.Text(), t.Verifier("__Host-id")
	b.ReportAllocs()
	for b.Loop() {
		t, ok := token.Parse(text)
		if !ok || !token.Equal(t.Verifier("__Host-id"), &verifier) {
			b.Fatal("refused")
		}
	}
}

func BenchmarkAddCookies(b *testing.B) {
	lines := []string{"theme=dark; __Host-id=AZqrs7rGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; lang=en"}
	b.ReportAllocs()
	for b.Loop() {
		if v := cookies(lines, "__Host-id"); v.N != 1 {
			b.Fatal("lost")
		}
	}
}
