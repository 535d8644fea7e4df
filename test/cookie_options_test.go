package test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

func TestR8_WhatCannotWorkIsRefused(t *testing.T) {
	long := strings.Repeat("x", 1025)
	for _, tc := range []struct {
		name   string
		opts   sessions.Options
		faults []string // one line each
	}{
		{"host prefix with a domain", sessions.Options{Cookie: sessions.CookieOptions{Domain: "example.com"}}, []string{"the cookie __Host-id cannot have a Domain"}},
		{"host prefix with a path", sessions.Options{Cookie: sessions.CookieOptions{Name: "__host-x", Path: "/app"}}, []string{"the cookie __host-x must have the Path /"}},
		{"host prefix without TLS", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-id", InsecureHTTP: true}}, []string{"the cookie __Host-id cannot go with InsecureHTTP"}},
		{"secure prefix without TLS", sessions.Options{Cookie: sessions.CookieOptions{Name: "__SECURE-id", InsecureHTTP: true}}, []string{"the cookie __SECURE-id cannot go with InsecureHTTP"}},
		{"http prefix for scripts", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Http-id", InsecureScriptAccess: true}}, []string{"the cookie __Http-id cannot go with InsecureScriptAccess"}},
		{"host http prefix for scripts", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-Http-id", InsecureScriptAccess: true}}, []string{"the cookie __Host-Http-id cannot go with InsecureScriptAccess"}},
		{"http prefix without TLS", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Http-id", InsecureHTTP: true}}, []string{"the cookie __Http-id cannot go with InsecureScriptAccess or InsecureHTTP"}},
		{"SameSite None without TLS", sessions.Options{Cookie: sessions.CookieOptions{SameSite: http.SameSiteNoneMode, InsecureHTTP: true}}, []string{"SameSite=None cannot go with InsecureHTTP"}},
		{"SameSite default mode", sessions.Options{Cookie: sessions.CookieOptions{SameSite: http.SameSiteDefaultMode}}, []string{"SameSite 1 is none of"}},
		{"SameSite unknown", sessions.Options{Cookie: sessions.CookieOptions{SameSite: 9}}, []string{"SameSite 9 is none of"}},
		{"Partitioned without TLS", sessions.Options{Cookie: sessions.CookieOptions{Partitioned: true, InsecureHTTP: true}}, []string{"Partitioned cannot go with InsecureHTTP"}},
		{"relative path", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "app"}}, []string{`Path "app" does not begin with /`}},
		{"long path", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/" + long}}, []string{"Path is longer than 1024 bytes"}},
		{"long domain", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Domain: long}}, []string{`Domain "xxx`}},
		{"bad domain", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Domain: "a b"}}, []string{`Domain "a b" cannot stand in a cookie`}},
		{"bad path", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/a;b"}}, []string{`Path "/a;b" cannot stand in a cookie`}},
		{"bad name", sessions.Options{Cookie: sessions.CookieOptions{Name: "my id"}}, []string{`Name "my id" cannot stand in a cookie`}},
		{"domain with a dot at the end", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Domain: "example.com."}}, []string{`Domain "example.com." ends in a dot`}},
		{"path with a query", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/a?b"}}, []string{`Path "/a?b" is never the path of a request`}},
		{"path with a fragment", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/a#b"}}, []string{`Path "/a#b" is never the path of a request`}},
		{"path that browsers shorten", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/a/../b"}}, []string{`Path "/a/../b" is never the path of a request`}},
		{"name without a prefix", sessions.Options{Cookie: sessions.CookieOptions{Name: "id"}}, []string{"the Name \"id\" has no prefix"}},
		{"former scope of a __Host- cookie", sessions.Options{Cookie: sessions.CookieOptions{Former: []sessions.CookieScope{{Domain: "example.com"}}}}, []string{"Former[0]: the cookie __Host-id cannot have a Domain"}},
		{"former scope is the present one", sessions.Options{Cookie: sessions.CookieOptions{Former: []sessions.CookieScope{{Partitioned: true}, {}}}}, []string{"Former[1]: it is the scope that the cookie has"}},
		{"former scope is the present one, written otherwise", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Domain: "example.com", Former: []sessions.CookieScope{{Domain: ".Example.com"}}}}, []string{"Former[0]: it is the scope that the cookie has"}},
		{"path with a space", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/my app"}}, []string{`Path "/my app" is never the path of a request`}},
		{"relative stripped prefix", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/app", StrippedPrefix: "app"}}, []string{`StrippedPrefix "app" does not begin with /, or ends with it`}},
		{"stripped prefix with a slash at the end", sessions.Options{Cookie: sessions.CookieOptions{StrippedPrefix: "/"}}, []string{`StrippedPrefix "/" does not begin with /, or ends with it`}},
		{"stripped prefix of other paths", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/app", StrippedPrefix: "/ap"}}, []string{`no request is below Path "/app" if a proxy removes "/ap"`}},
		{"valid from the future", sessions.Options{ValidFrom: time.Now().Add(time.Hour)}, []string{"is in the future, and until then no session could begin"}},
		{"anonymous idle that never counts", sessions.Options{AnonymousIdleTimeout: time.Minute, Expiry: sessions.Remember(time.Hour, year)}, []string{"AnonymousIdleTimeout 1m0s never counts with Expiry"}},
		{"no signing keys in the list", sessions.Options{SigningKeys: []sessions.Secret{}}, []string{"SigningKeys is an empty list"}},
		{"no encryption keys in the list", sessions.Options{EncryptionKeys: []sessions.Secret{}}, []string{"EncryptionKeys is an empty list"}},
		{"long name", sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-" + strings.Repeat("x", 4042)}}, []string{"longer than 4096 bytes"}},
		{"idle over lifetime", sessions.Options{IdleTimeout: 2 * time.Hour, Lifetime: time.Hour}, []string{"IdleTimeout 2h0m0s is longer than Lifetime 1h0m0s"}},
		{"negative durations", sessions.Options{IdleTimeout: -1, Lifetime: time.Hour, LoadTimeout: -1, SaveTimeout: 1}, []string{"IdleTimeout -1ns", "LoadTimeout -1ns", "SaveTimeout 1ns"}},
		{"anonymous idle over idle", sessions.Options{AnonymousIdleTimeout: 2 * time.Hour}, []string{"AnonymousIdleTimeout 2h0m0s is not between a millisecond and IdleTimeout 1h0m0s"}},
		{"negative anonymous idle", sessions.Options{AnonymousIdleTimeout: -1}, []string{"AnonymousIdleTimeout -1ns"}},
		{"negative lifetime", sessions.Options{Lifetime: -time.Hour}, []string{"Lifetime -1h0m0s"}},
		{"size", sessions.Options{MaxBytes: -1}, []string{"MaxBytes -1"}},
		{"large size", sessions.Options{MaxBytes: 1 << 30}, []string{"MaxBytes 1073741824"}},
		{"both kinds of keys", sessions.Options{SigningKeys: []sessions.Secret{secretKey("a", 32)}, EncryptionKeys: []sessions.Secret{secretKey("b", 32)}}, []string{"SigningKeys and EncryptionKeys exclude each other"}},
		{"short signing key", sessions.Options{SigningKeys: []sessions.Secret{secretKey("a", 32), secretKey("b", 31)}}, []string{"signing key 2 has 31 bytes"}},
		{"long encryption key", sessions.Options{EncryptionKeys: []sessions.Secret{secretKey("a", 33)}}, []string{"encryption key 1 has 33 bytes"}},
		{"the same key twice", sessions.Options{SigningKeys: []sessions.Secret{secretKey("a", 32), secretKey("a", 32)}}, []string{"signing keys 1 and 2 are the same"}},
		{"codecs of one name", sessions.Options{Codec: upper{"x"}, OldCodecs: []sessions.Codec{upper{"x"}}}, []string{`two codecs are named "x"`}},
		{"codec without a name", sessions.Options{Codec: upper{}}, []string{"a codec's name is 1 to 32 bytes"}},
		{"codec with a long name", sessions.Options{Codec: upper{strings.Repeat("x", 33)}}, []string{"a codec's name is 1 to 32 bytes"}},
		{"nil codec", sessions.Options{OldCodecs: []sessions.Codec{nil}}, []string{"OldCodecs holds a nil codec"}},
		{"several", sessions.Options{Cookie: sessions.CookieOptions{Domain: "example.com", SameSite: 9}, MaxBytes: -1}, []string{"MaxBytes", "Domain", "SameSite"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, err := sessions.New(new(memstore.Store), tc.opts)
			if err == nil || m != nil {
				t.Fatal("accepted")
			}
			lines := strings.Split(err.Error(), "\n")
			want(t, "faults in "+err.Error(), len(lines), len(tc.faults))
			for i, fault := range tc.faults {
				if i < len(lines) && !strings.Contains(lines[i], fault) {
					t.Errorf("fault %d: %s; want %s", i+1, lines[i], fault)
				}
			}
			if strings.Contains(err.Error(), strings.Repeat("a", 31)) {
				t.Error("the error shows a key")
			}
		})
	}
	for _, none := range []store.Store{nil, (*memstore.Store)(nil)} {
		if _, err := sessions.New(none, sessions.Options{}); err == nil || !strings.Contains(err.Error(), "the store is nil") {
			t.Errorf("without a store: %v", err)
		}
	}
}

func TestR8_WhatWorksIsAccepted(t *testing.T) {
	for name, opts := range map[string]sessions.Options{
		"nothing":                 {},
		"short lifetime":          {Lifetime: time.Minute},
		"idle as long as life":    {IdleTimeout: time.Hour, Lifetime: time.Hour},
		"AAL1":                    {IdleTimeout: 30 * 24 * time.Hour, Lifetime: 30 * 24 * time.Hour},
		"AAL3":                    {IdleTimeout: 15 * time.Minute, Lifetime: 12 * time.Hour},
		"the longest name":        {Cookie: sessions.CookieOptions{Name: "__Host-" + strings.Repeat("x", 4041)}},
		"JSON named again":        {Codec: sessions.Gob, OldCodecs: []sessions.Codec{sessions.JSON}},
		"partitioned, SameSite":   {Cookie: sessions.CookieOptions{Partitioned: true, SameSite: http.SameSiteNoneMode}},
		"an http-only name":       {Cookie: sessions.CookieOptions{Name: "__Host-Http-id"}},
		"a name without a prefix": {Cookie: sessions.CookieOptions{Name: "id", InsecureName: true}},
		"a path with a slash":     {Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/app/"}},
		"a stripped prefix":       {Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/a/b", StrippedPrefix: "/a"}},
		"a longer one":            {Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/a/", StrippedPrefix: "/a/b"}},
		"stripped, whole site":    {Cookie: sessions.CookieOptions{StrippedPrefix: "/a"}},
		"valid from now":          {ValidFrom: time.Now()},
		"anonymous, browser":      {AnonymousIdleTimeout: time.Minute, Expiry: sessions.OnSessionEnd},
		"former scopes":           {Cookie: sessions.CookieOptions{Name: "__Secure-id", Former: []sessions.CookieScope{{Domain: "example.com"}, {Path: "/app"}}}},
		"plain HTTP":              {Cookie: sessions.CookieOptions{InsecureHTTP: true, InsecureScriptAccess: true}},
		"a codec's longest name":  {Codec: upper{strings.Repeat("x", 32)}},
		"signing keys of any len": {SigningKeys: []sessions.Secret{secretKey("a", 100), secretKey("b", 32)}},
	} {
		if _, err := sessions.New(new(memstore.Store), opts); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
