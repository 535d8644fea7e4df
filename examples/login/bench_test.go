package main

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// trial returns what tries to sign in, at the handler, with users in a file and
// the parameters of the program.
func trial(b *testing.B) func(name string) time.Duration {
	c := quick()
	c.db, c.params = filepath.Join(b.TempDir(), "login.db"), owasp
	c.limits = limits{address: 1 << 30, name: 1 << 30, browser: 1 << 30}
	s := newTestSite(b, c)
	if _, err := s.users.signUp(b.Context(), credentials{"ann", annsPassword}); err != nil {
		b.Fatal(err)
	}
	handler := s.handler()
	return func(name string) time.Duration {
		form := url.Values{"name": {name}, "password": {"not the one of anybody"}}
		r := httptest.NewRequest("POST", "/login", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		began := time.Now()
		handler.ServeHTTP(w, r)
		took := time.Since(began)
		want(b, name, w.Code, http.StatusUnauthorized)
		return took
	}
}

func BenchmarkUnknownUser(b *testing.B) {
	try := trial(b)
	for b.Loop() {
		try("eve")
	}
}

func BenchmarkWrongPassword(b *testing.B) {
	try := trial(b)
	for b.Loop() {
		try("ann")
	}
}

// BenchmarkDifference tries both in turn, in random order, and wrong passwords
// a second time: how far the medians of two series of the same are apart is
// the noise in which a difference must be lost.
//
//	go test -run '^$' -bench Difference -benchtime 1000x
func BenchmarkDifference(b *testing.B) {
	try := trial(b)
	series := []string{"eve", "ann", "ann"}
	took := make([][]time.Duration, len(series))
	for b.Loop() {
		for _, i := range rand.Perm(len(series)) {
			took[i] = append(took[i], try(series[i]))
		}
	}
	quartile := func(i, n int) float64 {
		slices.Sort(took[i])
		return float64(took[i][(len(took[i])-1)*n/4]) / 1e6
	}
	unknown, wrong, again := quartile(0, 2), quartile(1, 2), quartile(2, 2)
	b.ReportMetric(unknown, "ms/unknown")
	b.ReportMetric(wrong, "ms/wrong")
	b.ReportMetric(unknown-wrong, "ms/difference")
	b.ReportMetric(again-wrong, "ms/noise")
	b.ReportMetric(quartile(1, 3)-quartile(1, 1), "ms/half-of-all")
}
