package token_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/token"
)

func key(fill byte) []byte { return bytes.Repeat([]byte{fill}, 32) }

// sealers makes a sealer of each kind.
var sealers = map[string]func(name string, keys ...[]byte) (*token.Sealer, error){
	"signed":    func(name string, keys ...[]byte) (*token.Sealer, error) { return token.NewSigner(name, keys) },
	"encrypted": func(name string, keys ...[]byte) (*token.Sealer, error) { return token.NewEncrypter(name, keys) },
}

func eachSealer(t *testing.T, f func(t *testing.T, sealer func(name string, keys ...[]byte) *token.Sealer)) {
	for kind, make := range sealers {
		t.Run(kind, func(t *testing.T) {
			f(t, func(name string, keys ...[]byte) *token.Sealer {
				s, err := make(name, keys...)
				if err != nil {
					t.Fatal(err)
				}
				return s
			})
		})
	}
}

func TestSealedTokenOpens(t *testing.T) {
	tok := mint(t, time.Now())
	eachSealer(t, func(t *testing.T, sealer func(string, ...[]byte) *token.Sealer) {
		s := sealer("__Host-id", key(1))
		value := s.Seal(tok)
		if got, current, ok := s.Open(value); got != tok || !current || !ok {
			t.Errorf("Open(Seal(t)) = %v, %t, %t", got, current, ok)
		}
		if len(value) != s.Len() {
			t.Errorf("the value has %d characters, Len() says %d", len(value), s.Len())
		}
	})
	var plain *token.Sealer
	if got, current, ok := plain.Open(plain.Seal(tok)); got != tok || !current || !ok || plain.Len() != token.Len {
		t.Errorf("without keys: %v, %t, %t", got, current, ok)
	}
}

func TestEncryptedValueShowsNothing(t *testing.T) {
	tok := mint(t, time.Now())
	s, _ := token.NewEncrypter("id", [][]byte{key(1)})
	a, b := s.Seal(tok), s.Seal(tok)
	if a == b {
		t.Error("one token is sealed twice as the same value")
	}
	if strings.Contains(a, tok.Text()[:10]) {
		t.Error("the value shows the token")
	}
}

func TestKeysRotate(t *testing.T) {
	tok := mint(t, time.Now())
	eachSealer(t, func(t *testing.T, sealer func(string, ...[]byte) *token.Sealer) {
		old := sealer("id", key(1)).Seal(tok)
		if got, current, ok := sealer("id", key(2), key(1)).Open(old); got != tok || current || !ok {
			t.Errorf("under an old key: %v, current %t, ok %t", got, current, ok)
		}
		if got, _, ok := sealer("id", key(2)).Open(old); ok || !got.IsZero() {
			t.Error("under a dropped key it opens")
		}
	})
}

func TestKeysAreCopied(t *testing.T) {
	tok := mint(t, time.Now())
	eachSealer(t, func(t *testing.T, sealer func(string, ...[]byte) *token.Sealer) {
		lent := key(1)
		s := sealer("id", lent)
		value := s.Seal(tok)
		clear(lent)
		if got, _, ok := s.Open(value); got != tok || !ok {
			t.Errorf("after the caller's key changed: %v, ok %t", got, ok)
		}
		if got, _, ok := sealer("id", key(1)).Open(s.Seal(tok)); got != tok || !ok {
			t.Errorf("what it seals then: %v, ok %t", got, ok)
		}
	})
}

func TestNameIsBoundIn(t *testing.T) {
	tok := mint(t, time.Now())
	eachSealer(t, func(t *testing.T, sealer func(string, ...[]byte) *token.Sealer) {
		value := sealer("id", key(1)).Seal(tok)
		for _, other := range []string{"", "ie", "id\x00", "ID"} {
			if _, _, ok := sealer(other, key(1)).Open(value); ok {
				t.Errorf("the value of cookie id opens as that of %q", other)
			}
		}
	})
}

func TestR5_SealedValuesHaveOneSpelling(t *testing.T) {
	tok := mint(t, time.Now())
	eachSealer(t, func(t *testing.T, sealer func(string, ...[]byte) *token.Sealer) {
		s := sealer("id", key(1))
		value := s.Seal(tok)
		for i := range value {
			for c := range 256 {
				changed := value[:i] + string([]byte{byte(c)}) + value[i+1:]
				if _, _, ok := s.Open(changed); ok && changed != value {
					t.Fatalf("character %d as %q is accepted", i, rune(c))
				}
			}
		}
		for name, bad := range map[string]string{
			"empty": "", "plain token": tok.Text(), "padded": value + "=", "short": value[1:], "long": value + "A",
			"line break": value[:len(value)-1] + "\n", "huge": strings.Repeat("A", 900_000),
		} {
			if _, _, ok := s.Open(bad); ok {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

func TestR8_BadKeysAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		keys [][]byte
		ok   map[string]bool
	}{
		"one":   {[][]byte{key(1)}, map[string]bool{"signed": true, "encrypted": true}},
		"two":   {[][]byte{key(1), key(2)}, map[string]bool{"signed": true, "encrypted": true}},
		"long":  {[][]byte{append(key(1), 1)}, map[string]bool{"signed": true}},
		"short": {[][]byte{key(1), key(2)[1:]}, nil},
		"empty": {[][]byte{{}}, nil},
		"twice": {[][]byte{key(1), key(2), key(1)}, nil},
	} {
		for kind, make := range sealers {
			if _, err := make("id", tc.keys...); (err == nil) != tc.ok[kind] {
				t.Errorf("%s, %s: error %v", kind, name, err)
			}
		}
	}
}

func TestR64_KeysAreNeverPrinted(t *testing.T) {
	secret := []byte("0123456789abcdef0123456789abcdef")
	eachSealer(t, func(t *testing.T, sealer func(string, ...[]byte) *token.Sealer) {
		s := sealer("id", secret)
		for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "d"} {
			out := fmt.Sprintf("%"+verb, s)
			for _, spelled := range spellings(string(secret)) {
				if strings.Contains(out, spelled) {
					t.Errorf("%%%s prints the key", verb)
				}
			}
		}
	})
}

func FuzzOpen(f *testing.F) {
	signer, _ := token.NewSigner("id", [][]byte{key(1)})
	encrypter, _ := token.NewEncrypter("id", [][]byte{key(1)})
	tok, _ := token.Parse(strings.Repeat("A", token.Len)) // the same in every process that fuzzes
	f.Add(signer.Seal(tok))
	f.Add(encrypter.Seal(tok))
	f.Add("")
	f.Fuzz(func(t *testing.T, value string) {
		if got, _, ok := signer.Open(value); ok && (got != tok || signer.Seal(tok) != value) {
			t.Errorf("%q opens, and was never sealed", value)
		}
		if got, _, ok := encrypter.Open(value); ok && got != tok {
			t.Errorf("%q opens as a token that was never sealed", value)
		}
	})
}
